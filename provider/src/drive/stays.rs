//! What a request has done that cannot be taken back, for the Reason of its failure. Pure.
//!
//! A type's ledger may say it in a member `stays`, `{"request_id": "...", "what": ["a clause", ...]}`, written before it
//! is done: so it is known whatever becomes of the process.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Stays {
    request_id: String,
    what: Vec<String>,
}

/// A message with what stays of a request beside what it says itself.
pub(super) fn with_what_stays(message: String, ledger: &Value, request_id: &str) -> String {
    let stays = ledger.get("stays").and_then(|stays| Stays::deserialize(stays).ok());
    let what =
        stays.filter(|stays| stays.request_id == request_id).map(|stays| stays.what).unwrap_or_default();
    let untold: Vec<String> = what.into_iter().filter(|what| !message.contains(what.as_str())).collect();
    if untold.is_empty() {
        return message;
    }
    format!("{message}. This may have been done, and cannot be taken back: {}", untold.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_request_did_is_named_once_and_that_of_another_not_at_all() {
        let ledger =
            json!({"link": null, "stays": {"request_id": "r1", "what": ["it is linked", "it searches"]}});
        let told = |message: &str, request_id: &str| with_what_stays(message.to_owned(), &ledger, request_id);
        assert_eq!(
            told("denied", "r1"),
            "denied. This may have been done, and cannot be taken back: it is linked, it searches"
        );
        assert_eq!(
            told("denied, but it is linked", "r1"),
            "denied, but it is linked. This may have been done, and cannot be taken back: it searches"
        );
        assert_eq!(told("denied", "r2"), "denied");
        assert_eq!(with_what_stays("denied".to_owned(), &json!({}), "r1"), "denied");
    }
}
