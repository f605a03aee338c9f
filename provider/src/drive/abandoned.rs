//! The answer to a request whose invocations have all failed. The rescue function gives it, which works on nothing
//! itself: what the request made is taken back by the next one.

use super::broken_off::{LastWord, record_last_word};
use super::failure::Failure;
use super::finish::failed_id;
use super::scene::{key, stamp};
use super::stays::with_what_stays;
use crate::protocol::{Answer, Cause, Reason, Request, Trailer};
use crate::record::{LookStamp, RecordError, Records};
use serde_json::Value;
use std::time::SystemTime;

/// The FAILED answer to a request that nobody works on; `ledger`: what is on record of the resource.
pub fn last_answer(request: &Request, failure: &Failure, ledger: &Value) -> Answer {
    let message = failure.message("the resource", request, "");
    let message = with_what_stays(message, ledger, &request.request_id);
    tracing::error!(request_id = request.request_id, cause = message, "failed");
    Answer::failed(request, &failed_id(request, None), &Reason::new(&message, &Trailer::default()))
}

/// Records the answer, where the request is still the newest one and has none, and says what is to be sent.
///
/// The looks at a request that waits are numbered. Where an invocation failed for good, whichever look the record has
/// claimed carries the request on. Where a look did, a later one does; another message of the same number does not: a
/// dead letter that is moved about by hand comes with a new id.
///
/// # Errors
/// The record could not be used.
pub async fn last_word(
    records: &dyn Records,
    request: &Request,
    arrived: SystemTime,
    cause: &Cause,
    answer: &(impl Fn(&Value) -> String + Sync),
) -> Result<LastWord, RecordError> {
    let carried_on = |newest: &LookStamp| match cause {
        Cause::Invocations { .. } => true,
        Cause::Looks { look } => newest.number > *look,
    };
    record_last_word(records, &key(request), &stamp(request, arrived), answer, carried_on).await
}

const DIED: &str = "it ran out of memory or time, crashed, or could not start";

/// What happened and what to do, for a Reason.
pub(super) fn in_words(cause: &Cause, log_group: &str, request_id: &str) -> String {
    let (what, searched) = match cause {
        Cause::Invocations { condition, attempts, error_type, invocation_id } => {
            let attempts = attempts.map(|count| format!(", attempts: {count}")).unwrap_or_default();
            let what = match (condition.as_deref(), error_type.as_deref()) {
                (Some(condition @ "EventAgeExceeded"), _) => format!(
                    "Lambda could not run the provider's function in time ({condition}{attempts}): too many ran at once, \
                     or its reserved concurrency is too small"
                ),
                (_, Some(own)) if own.starts_with("Provider.") => {
                    format!("the provider's function could not answer ({own}{attempts})")
                }
                (condition, died) => {
                    let known = died.or(condition).unwrap_or("Unhandled");
                    format!("the provider's function ended without an answer ({known}{attempts}): {DIED}")
                }
            };
            (what, invocation_id.as_deref().unwrap_or(request_id))
        }
        Cause::Looks { look } => {
            let what = format!(
                "the provider's function ended without an answer each time that it looked again (look {look}): {DIED}"
            );
            (what, request_id)
        }
    };
    let log = if log_group.is_empty() { "its log".to_owned() } else { format!("the log group {log_group}") };
    format!("{what}. Search {log} for {searched}, mend the cause and try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocations(condition: &str, error_type: Option<&str>) -> Cause {
        Cause::Invocations {
            condition: Some(condition.to_owned()),
            attempts: Some(3),
            error_type: error_type.map(str::to_owned),
            invocation_id: Some("e4b46cbf".to_owned()),
        }
    }

    #[test]
    fn what_happened_is_told_with_where_to_look() {
        let nothing =
            Cause::Invocations { condition: None, attempts: None, error_type: None, invocation_id: None };
        for (cause, words) in [
            (
                invocations("RetriesExhausted", Some("Runtime.ExitError")),
                "ended without an answer (Runtime.ExitError, attempts: 3): it ran out of memory or time, crashed, or could \
                 not start. Search the log group /logs for e4b46cbf, mend",
            ),
            (
                invocations("RetriesExhausted", Some("Provider.AnswerNotTaken")),
                "could not answer (Provider.AnswerNotTaken, attempts: 3). Search the log group /logs for e4b46cbf, mend",
            ),
            (
                invocations("EventAgeExceeded", None),
                "could not run the provider's function in time (EventAgeExceeded, attempts: 3): too many",
            ),
            (
                Cause::Looks { look: 4 },
                "(look 4): it ran out of memory or time, crashed, or could not start. Search",
            ),
            (Cause::Looks { look: 4 }, "for bbbbbbbb, mend"),
            (nothing, "ended without an answer (Unhandled): it ran out"),
        ] {
            let found = in_words(&cause, "/logs", "bbbbbbbb");
            assert!(found.contains(words), "{found}\n{words}");
        }
        let nowhere = in_words(&Cause::Looks { look: 4 }, "", "bbbbbbbb");
        assert!(nowhere.ends_with("Search its log for bbbbbbbb, mend the cause and try again"), "{nowhere}");
    }
}
