//! The answer to a request whose work broke off, by a bug or at the end of its time: it too goes on record before it is
//! sent, for the request may come again.

use super::failure::Failure;
use super::finish::{Conclusion, failed};
use super::scene::Scene;
use crate::protocol::Request;
use crate::record::{Begun, Ending, LookStamp, Record, RecordError, RecordKey, Records, Stamp, Written};
use futures_util::FutureExt;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use tokio::time::{Instant, timeout_at};

/// Records the FAILED answer, within half of the time that is left, and gives it; where there is an answer on record
/// already, gives that one. What the request made is taken back by the next one.
pub async fn broken_off(scene: &Scene<'_>, request: &Request, failure: &Failure) -> Conclusion {
    // Made once: what goes on record and what is sent are the same bytes, also where nobody hears that it is on record.
    let text = OnceLock::new();
    let answer = |ledger: &Value| -> String {
        let make = || failed(scene, "the resource", request, failure, None, ledger).body().to_owned();
        text.get_or_init(make).clone()
    };
    let now = Instant::now();
    let until = now + scene.budget.answer.saturating_duration_since(now) / 2;
    let recording = AssertUnwindSafe(Box::pin(recorded(scene, request, &answer))).catch_unwind();
    let why = match timeout_at(until, recording).await {
        Ok(Ok(Ok(conclusion))) => return conclusion,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(_panic)) => "the provider failed inside".to_owned(),
        Err(_elapsed) => "there was no time left".to_owned(),
    };
    tracing::error!(request_id = request.request_id, why, "the answer is not on record");
    Conclusion::Answer(answer(&scene.known.ledger()))
}

async fn recorded(
    scene: &Scene<'_>,
    request: &Request,
    answer: &(impl Fn(&Value) -> String + Sync),
) -> Result<Conclusion, RecordError> {
    // A message of the queue that carries it on gives this answer too.
    let never = |_: &LookStamp| false;
    let (key, stamp) = (scene.key(request), scene.stamp(request));
    Ok(match record_last_word(scene.records, &key, &stamp, answer, never).await? {
        LastWord::Answer(answer) => Conclusion::Answer(answer),
        LastWord::Silent(why) => Conclusion::Silent(why),
    })
}

/// What is left to say to a request that nobody works on any more.
#[derive(Debug, PartialEq, Eq)]
pub enum LastWord {
    /// This answer, byte for byte.
    Answer(String),
    /// Nothing, and why.
    Silent(&'static str),
}

/// Records a FAILED answer, unless the record has something else to say. Beginning once more tells what became of the
/// request, whether it had begun or not. `answer` makes it of the ledger on record. `carried_on`: whether a look that the
/// record has claimed will answer instead.
pub(super) async fn record_last_word(
    records: &dyn Records,
    key: &RecordKey,
    stamp: &Stamp,
    answer: &(impl Fn(&Value) -> String + Sync),
    carried_on: impl Fn(&LookStamp) -> bool,
) -> Result<LastWord, RecordError> {
    let record = match records.begin(key, stamp, false).await? {
        Begun::Run(record) | Begun::Waiting(record) => record,
        Begun::Answered { answer, .. } => return Ok(LastWord::Answer(answer)),
        Begun::Superseded(_) => return Ok(overtaken()),
    };
    if record.look.as_ref().is_some_and(carried_on) {
        return Ok(LastWord::Silent("another message of the queue carries this request on"));
    }
    let answer = answer(&record.ledger);
    match records.end(key, &stamp.request_id, &ending(record, &answer)).await? {
        Written::Done => Ok(LastWord::Answer(answer)),
        Written::Answered { answer, .. } => Ok(LastWord::Answer(answer)),
        Written::Superseded(_) => Ok(overtaken()),
    }
}

fn overtaken() -> LastWord {
    LastWord::Silent("a newer request of this resource has begun meanwhile")
}

/// What the resource owns stays as it is on record, and so does the note that the request was at work.
fn ending(record: Record, answer: &str) -> Ending {
    Ending {
        answer: answer.to_owned(),
        ledger: keeping_all(record.ledger),
        object: record.object,
        succeeded: None,
        tombstone_until: None,
    }
}

/// Nobody lets go of anything any more: a type's ledger may say so in a member `going` of each of its `holdings`.
fn keeping_all(mut ledger: Value) -> Value {
    let holdings = ledger.get_mut("holdings").and_then(Value::as_array_mut);
    for holding in holdings.into_iter().flatten().filter_map(Value::as_object_mut) {
        holding.remove("going");
    }
    ledger
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_that_nobody_works_on_lets_go_of_nothing() {
        let ledger =
            json!({"open": "r1", "holdings": [{"share": "s", "going": {"members": ["a"]}}, {"share": "t"}]});
        assert_eq!(keeping_all(ledger), json!({"open": "r1", "holdings": [{"share": "s"}, {"share": "t"}]}));
        for other in [json!(null), json!({"link": 1}), json!({"holdings": {}})] {
            assert_eq!(keeping_all(other.clone()), other);
        }
    }
}
