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
