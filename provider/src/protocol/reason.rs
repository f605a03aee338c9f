//! The text of a failure, for a person in the events tab: one line that says what failed and why, and ends in the AWS
//! request id and the log stream.
//!
//! How long it may be is known only when the answer is written, so a [`Reason`] is cut late. Source: CloudFormation user
//! guide, crpg-ref-responses ("Reason", required when Status is FAILED).

use std::error::Error;

use super::budget::{cut_middle, end_within, json_bytes};

/// Where a person finds more: the end of every Reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trailer {
    /// Request id of the AWS call that failed, where one did.
    pub aws_request_id: Option<String>,
    /// CloudWatch log stream of this invocation.
    pub log_stream: String,
}

/// Why a request failed, on one line without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    message: String,
    trailer: String,
}

impl Reason {
    /// From a message that has its whole chain of causes in it (see [`chain`]).
    pub fn new(message: &str, trailer: &Trailer) -> Self {
        Self { message: one_line(message), trailer: trailer_text(trailer) }
    }

    /// The whole text, for the log.
    pub fn text(&self) -> String {
        self.within(usize::MAX)
    }

    /// The text in at most `budget` bytes of serialised JSON. A message that must be cut keeps its start and its end; the
    /// trailer keeps its end and never takes more than half.
    pub fn within(&self, budget: usize) -> String {
        let whole = json_bytes(&self.message).saturating_add(json_bytes(&self.trailer)) <= budget;
        let trailer = if whole { &self.trailer } else { end_within(&self.trailer, budget / 2) };
        format!("{}{trailer}", cut_middle(&self.message, budget - json_bytes(trailer)))
    }
}

fn trailer_text(trailer: &Trailer) -> String {
    let request = trailer.aws_request_id.as_deref().map(|id| format!("AWS request id {id}"));
    let stream =
        Some(format!("log stream {}", trailer.log_stream)).filter(|_| !trailer.log_stream.is_empty());
    let parts: Vec<String> = request.into_iter().chain(stream).map(|part| one_line(&part)).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// One line: control characters, line and paragraph separators become single spaces, and the marks that change the
/// direction of writing, which could make a text look like another, are left out.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !is_direction_mark(*c)).map(space_for_control).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn space_for_control(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An error and its sources, joined by `: `. A source whose words end the text so far is not said again.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let words = source.to_string();
        if !text.trim_end_matches('.').ends_with(words.trim_end_matches('.')) {
            text = format!("{}: {words}", text.trim_end_matches([':', '.', ' ']));
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Link {
        words: &'static str,
        source: Option<Box<Link>>,
    }

    fn links(words: &[&'static str]) -> Link {
        let mut rest = words.iter().rev();
        let last = Link { words: rest.next().unwrap(), source: None };
        rest.fold(last, |source, words| Link { words, source: Some(Box::new(source)) })
    }

    fn trailer() -> Trailer {
        Trailer {
            aws_request_id: Some("11112222-aaaa".to_owned()),
            log_stream: "2026/11/24/[$LATEST]0f".to_owned(),
        }
    }

    const TAIL: &str = " (AWS request id 11112222-aaaa, log stream 2026/11/24/[$LATEST]0f)";

    #[test]
    fn a_chain_of_causes_is_joined_without_repeating() {
        for (words, expected) in [
            (vec!["one"], "one"),
            (
                vec!["making share (s)", "CreateResourceShare", "not allowed"],
                "making share (s): CreateResourceShare: not allowed",
            ),
            (vec!["reading: timed out", "timed out"], "reading: timed out"),
            (vec!["reading: timed out.", "timed out"], "reading: timed out."),
            (vec!["reading.", "timed out."], "reading: timed out."),
            (vec!["a", "", "b"], "a: b"),
            (vec!["same", "same", "same"], "same"),
        ] {
            assert_eq!(chain(&links(&words)), expected);
        }
    }

    #[test]
    fn a_reason_ends_in_the_request_id_and_the_log_stream() {
        assert_eq!(
            Reason::new("creating share (s): denied.", &trailer()).text(),
            format!("creating share (s): denied.{TAIL}")
        );
        let no_call = Trailer { aws_request_id: None, log_stream: "stream".to_owned() };
        assert_eq!(Reason::new("no", &no_call).text(), "no (log stream stream)");
        assert_eq!(Reason::new("no", &Trailer::default()).text(), "no");
    }

    #[test]
    fn a_reason_is_one_line_without_control_characters_or_direction_marks() {
        let reason = Reason::new("  a\r\n\tb\u{0}c\u{7f}\u{85}d\u{2028}e\u{202e}f ", &Trailer::default());
        assert_eq!(reason.text(), "a b c d ef");
    }

    #[test]
    fn a_cut_keeps_the_start_the_cause_at_the_end_and_the_trailer() {
        let message = format!("creating share (s): {}: the cause", "middle ".repeat(500));
        let text = Reason::new(&message, &trailer()).within(400);
        assert!(text.starts_with("creating share (s): middle"), "{text}");
        assert!(text.contains('…'), "{text}");
        assert!(text.ends_with(&format!(": the cause{TAIL}")), "{text}");
    }

    #[test]
    fn the_first_200_bytes_stay_where_there_is_room_for_them() {
        let first = "Name: expected a string, found a list. ".to_owned() + &"x".repeat(160);
        let reason = Reason::new(&format!("{first}{}", "y".repeat(10_000)), &trailer());
        assert!(reason.within(600).starts_with(&first));
    }

    #[test]
    fn a_long_trailer_leaves_half_to_the_message() {
        let trailer = Trailer { aws_request_id: None, log_stream: "s".repeat(5_000) };
        let text = Reason::new(&"m".repeat(5_000), &trailer).within(100);
        assert_eq!(json_bytes(&text), 100);
        assert!(text.starts_with(&"m".repeat(30)) && text.ends_with(&("s".repeat(49) + ")")), "{text}");
    }

    proptest! {
        #![proptest_config(crate::laws::config(256))]

        #[test]
        fn a_reason_always_fits(message in any::<String>(), id in any::<Option<String>>(), budget in 0usize..200) {
            let trailer = Trailer { aws_request_id: id, log_stream: "stream".to_owned() };
            let text = Reason::new(&message.repeat(5), &trailer).within(budget);
            prop_assert!(json_bytes(&text) <= budget);
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
