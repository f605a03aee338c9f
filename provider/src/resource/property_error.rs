//! What is wrong with the properties of a request, for the person who wrote the template.

use crate::protocol::budget::cut_end;
use crate::protocol::lenient::Mistake;

/// The longest piece of a template that an error repeats, in bytes.
const QUOTED: usize = 64;

/// With no more bytes than this the first mistake of a summary, with the words before it, ends within 200 bytes.
const SHORT: usize = 170;

/// One mistake in the properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyError {
    /// Where: `Name`, `Principals[2]`, `Tags[0].Key`; `Properties` where they are no object at all.
    pub path: String,
    /// What is wrong and what to do: one line, no final full stop.
    pub problem: String,
}

impl PropertyError {
    /// A mistake at `path`; what would break the line becomes a space.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        let line = |text: String| text.replace(char::is_control, " ");
        Self { path: line(path.into()), problem: line(problem.into()) }
    }

    /// A value of the wrong type.
    pub fn of(mistake: Mistake) -> Self {
        let Mistake { path, expected, found, advice } = mistake;
        Self::new(path, format!("expected {expected}, found {found}{advice}"))
    }

    /// A mistake at `path` that repeats the text that was found there, cut to 64 bytes, where it stays short
    /// with it.
    pub fn found(path: impl Into<String>, problem: impl Into<String>, text: &str) -> Self {
        let plain = Self::new(path, problem);
        let found = format!(" (found {})", quoted(text));
        let fits = plain.path.len() + plain.problem.len() + found.len() <= SHORT;
        if fits { Self::new(plain.path, plain.problem + &found) } else { plain }
    }
}

/// All mistakes in one line: `2 properties are wrong: Principals[2]: ...; Name: ...`, in the order given. Nothing is
/// cut here; the Reason is cut where it is made, from the end, so the first mistake stays whole.
pub fn summary(errors: &[PropertyError]) -> String {
    let each: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.path, error.problem)).collect();
    let count = match errors.len() {
        1 => "1 property is wrong".to_owned(),
        many => format!("{many} properties are wrong"),
    };
    format!("{count}: {}", each.join("; "))
}

/// `text` in quotes, cut to 64 bytes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut_end(text, QUOTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn one_line_names_every_mistake() {
        let errors = [
            PropertyError::new("Principals[2]", "this is no account id"),
            PropertyError::new("Name", "too long"),
        ];
        expect!["2 properties are wrong: Principals[2]: this is no account id; Name: too long"]
            .assert_eq(&summary(&errors));
        expect!["1 property is wrong: Principals[2]: this is no account id"]
            .assert_eq(&summary(&errors[..1]));
    }

    #[test]
    fn what_was_found_is_short_and_one_line() {
        let error = PropertyError::found("Name", "no", &format!("a\nb{}", "e".repeat(100)));
        assert_eq!(error.problem, format!("no (found \"a b{}…\")", "e".repeat(57)));
        let long = "no".repeat(60);
        assert_eq!(PropertyError::found("Name", long.as_str(), &"e".repeat(60)).problem, long);
        assert_eq!(PropertyError::found("Name", "no", "x").problem, "no (found \"x\")");
    }
}
