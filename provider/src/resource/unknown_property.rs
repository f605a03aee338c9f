//! Properties that a type does not have, and which one was meant.

use super::property_error::{PropertyError, quoted};

/// Names less alike than this are not offered: 0 is nothing in common, 1 the same.
const ALIKE: f64 = 0.6;

/// The mistake of naming a property that is not in `known`, with the nearest one that is.
pub(crate) fn unknown(path: &str, name: &str, known: &[&'static str]) -> PropertyError {
    let problem = match nearest(name, known) {
        Some(known) => format!("there is no such property: did you mean {known}?"),
        None => "there is no such property: see the README for those that there are".to_owned(),
    };
    PropertyError::new(shown(path), problem)
}

/// The path as given where it is short and plain, as a rule; else quoted and cut.
fn shown(path: &str) -> String {
    let plain = path.len() <= 64 && !path.chars().any(|c| c.is_control() || c.is_whitespace());
    if plain && !path.is_empty() { path.to_owned() } else { quoted(path) }
}

/// The known name that is meant: the same but for case or a plural s, else the most alike.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let plain = |text: &str| text.to_ascii_lowercase().trim_end_matches('s').to_owned();
    let wanted = plain(name);
    if let Some(same) = known.iter().find(|known| plain(known) == wanted) {
        return Some(same);
    }
    known
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&wanted, &plain(known)), *known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["Name", "Principals", "LicenseConfigurationArns", "AllowExternalPrincipals"];

    #[test]
    fn the_nearest_name_is_offered() {
        let cases = [
            ("name", "Name"),
            ("Principal", "Principals"),
            ("principals", "Principals"),
            ("Pricnipals", "Principals"),
            ("LicenseConfigurationArn", "LicenseConfigurationArns"),
            ("LicenceConfigurationArns", "LicenseConfigurationArns"),
            ("LicenseConfigurations", "LicenseConfigurationArns"),
            ("AllowExternalPrincipal", "AllowExternalPrincipals"),
        ];
        for (name, meant) in cases {
            assert_eq!(nearest(name, KNOWN), Some(meant), "{name}");
        }
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_alike() {
        assert_eq!(nearest("Colour", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert!(unknown("Colour", "Colour", KNOWN).problem.contains("README"));
    }

    #[test]
    fn a_name_that_is_long_or_strange_is_cut_and_quoted() {
        assert_eq!(unknown("a b\n", "a b\n", KNOWN).path, "\"a b \"");
        assert_eq!(unknown(&"x".repeat(900), &"x".repeat(900), KNOWN).path.len(), 66);
    }
}
