//! The end of a request: the answer goes on record, then out; what failed is taken back.

use super::failure::Failure;
use super::margin::Margin;
use super::present::canonical;
use super::scene::Scene;
use super::stays::with_what_stays;
use super::take_back;
use super::waiting::{Wait, hand_over, wait};
use crate::aws::looks;
use crate::protocol::physical_id::none_id;
use crate::protocol::{Answer, Reason, Request, RequestType, Trailer};
use crate::record::{Ending, Record, RecordError, RecordErrorKind, Written};
use crate::resource::{Outcome, Resource, Subject};
use serde::Serialize;
use serde_json::Value;
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::sleep;

/// What is to be sent.
#[derive(Debug)]
pub enum Conclusion {
    /// This answer, byte for byte.
    Answer(String),
    /// Nothing yet: the request goes into the queue.
    Wait(Wait),
    /// Nothing yet: a look could not find out whether it is the one that counts.
    Again {
        /// Why.
        source: RecordError,
        /// The next look.
        next: Wait,
    },
    /// Nothing, and why: another request or delivery has the last word.
    Silent(&'static str),
}

/// How the work on a request ended.
pub(super) enum Ended<R: Resource> {
    Succeeded(Success<R>),
    Failed {
        /// What is on record, and what only this run knows of it.
        ledger: R::Ledger,
        /// As on record when what it says of this request was done, or may have been.
        done: R::Ledger,
        failure: Failure,
        /// What was found worth a warning before.
        warnings: Vec<String>,
        /// Whether this run is on record as at work.
        kept: bool,
    },
    /// The record refused a write.
    Outdone {
        ledger: R::Ledger,
        written: Written,
    },
}

pub(super) struct Success<R: Resource> {
    pub ledger: R::Ledger,
    /// `None` for a Delete.
    pub outcome: Option<Outcome>,
    pub warnings: Vec<String>,
}

impl<R: Resource> Ended<R> {
    pub(super) fn failed(ledger: R::Ledger, failure: Failure) -> Self {
        Self::Failed { done: ledger.clone(), ledger, failure, warnings: Vec::new(), kept: false }
    }
}

/// How long a tombstone stays: Lambda keeps an event for six hours.
const TOMBSTONE: Duration = Duration::from_secs(7 * 3600);

/// Records the answer and gives it. A SUCCESS that cannot be recorded is none: the next request would take what nobody
/// knows of for a leftover, and a record that outlives its resource is no better.
pub(super) async fn finish<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
    record: &Record,
    margin: &Margin,
    ended: Ended<R>,
) -> Conclusion {
    let (answer, ledger, warnings) = match ended {
        Ended::Succeeded(success) => (succeeded(request, &success), success.ledger, success.warnings),
        Ended::Failed { ledger, done, failure, warnings, kept } => {
            if let Some(wait) = wait(scene, request, &failure, &warnings) {
                let known = (kept || margin.at_end(&ledger) != record.ledger).then_some(margin);
                return hand_over::<R>(scene, subject, wait, ledger, known).await;
            }
            let mut ledger = ledger;
            R::given_up(&mut ledger);
            let lasting = R::lasting(&ledger, subject);
            (failed(scene, R::THING, request, &failure, lasting, &value(&done)), ledger, warnings)
        }
        Ended::Outdone { ledger, written } => return outdone::<R>(scene, subject, ledger, written).await,
    };
    let ending = ending::<R>(scene, request, &answer, margin, &ledger);
    match end(scene, request, &ending).await {
        Ok(Written::Done) => {}
        Ok(written) => return outdone::<R>(scene, subject, ledger, written).await,
        Err(unrecorded) if answer.is_success() => {
            return undone::<R>(scene, subject, request, record, &ledger, &warnings, unrecorded).await;
        }
        Err(Unrecorded { source, .. }) => {
            let aws_request_id = source.call().aws_request_id.as_deref();
            tracing::error!(request_id = request.request_id, error = %source, aws_request_id, "the answer is not on record");
        }
    }
    if !answer.is_success() {
        take_back::unanswered::<R>(scene, subject, margin, ledger).await;
    }
    Conclusion::Answer(answer.body().to_owned())
}

/// A SUCCESS that is not on record, as far as is known. Where it may be, nothing is taken back and nothing else is said
/// before a later look knows. Of a Delete, too, a look tries again: the record would go on naming what is gone, and other
/// resources would leave it alone for that.
async fn undone<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
    record: &Record,
    ledger: &R::Ledger,
    warnings: &[String],
    Unrecorded { source, may_be }: Unrecorded,
) -> Conclusion {
    let is_delete = request.request_type == RequestType::Delete;
    let failure = Failure::Record { source };
    let later = wait(scene, request, &failure, warnings);
    if let Some(wait) = later.filter(|_| is_delete || may_be) {
        return Conclusion::Wait(wait);
    }
    let answer = failed(scene, R::THING, request, &failure, None, &value(ledger));
    if !is_delete {
        take_back::unwritten::<R>(scene, subject, ledger, record).await;
    }
    Conclusion::Answer(answer.body().to_owned())
}

/// Why an answer is not on record.
struct Unrecorded {
    source: RecordError,
    /// Whether it may be on record all the same.
    may_be: bool,
}

/// Records the answer; tries again while there is time: the same bytes twice are one answer.
async fn end(scene: &Scene<'_>, request: &Request, ending: &Ending) -> Result<Written, Unrecorded> {
    let key = scene.key(request);
    let (mut delays, mut unheard) = (looks(), false);
    loop {
        let source = match scene.records.end(&key, &request.request_id, ending).await {
            Ok(written) => return Ok(written),
            Err(error) => error,
        };
        unheard |= source.kind() == RecordErrorKind::Unavailable;
        let delay = delays.next().unwrap_or_default();
        if !may_pass(&source) || scene.budget.take_back.remaining() <= delay {
            return match is_recorded(scene, request, ending).await {
                Ok(true) => Ok(Written::Done),
                Ok(false) => Err(Unrecorded { source, may_be: false }),
                Err(_) => Err(Unrecorded { source, may_be: unheard }),
            };
        }
        tracing::warn!(request_id = request.request_id, error = %source, "the answer is not on record, trying again");
        sleep(delay).await;
    }
}

fn may_pass(error: &RecordError) -> bool {
    matches!(error.kind(), RecordErrorKind::Unavailable | RecordErrorKind::Throttled)
}

/// Whether a write whose reply did not come was done.
async fn is_recorded(scene: &Scene<'_>, request: &Request, ending: &Ending) -> Result<bool, RecordError> {
    let found = scene.records.get(&scene.key(request)).await?;
    Ok(found.is_some_and(|record| {
        record.newest.request_id == request.request_id && record.answer.as_ref() == Some(&ending.answer)
    }))
}

pub(super) async fn outdone<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    ledger: R::Ledger,
    written: Written,
) -> Conclusion {
    match written {
        Written::Answered { answer, .. } => Conclusion::Answer(answer),
        Written::Superseded(record) => {
            take_back::overtaken::<R>(scene, subject, &ledger, record).await;
            Conclusion::Silent("a newer request of this resource has begun meanwhile")
        }
        Written::Done => Conclusion::Silent("the record was written"),
    }
}

fn ending<R: Resource>(
    scene: &Scene<'_>,
    request: &Request,
    answer: &Answer,
    margin: &Margin,
    ledger: &R::Ledger,
) -> Ending {
    let made = request.request_type != RequestType::Delete;
    let over = !made && answer.is_success() && *ledger == R::Ledger::default();
    let until = (scene.clock.now() + TOMBSTONE).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ending {
        answer: answer.body().to_owned(),
        ledger: margin.at_end(ledger),
        object: R::object(ledger, &scene.subject(request)),
        succeeded: (made && answer.is_success()).then(|| canonical(&request.properties)),
        tombstone_until: over.then_some(until),
    }
}

fn succeeded<R: Resource>(request: &Request, success: &Success<R>) -> Answer {
    let Some(outcome) = &success.outcome else {
        let id = request.physical_resource_id.as_deref().unwrap_or_default();
        return Answer::success(request, id, Vec::new(), &success.warnings);
    };
    Answer::success(request, &outcome.physical_id, outcome.attributes.clone(), &success.warnings)
}

/// `ledger`: what is on record by then.
///
/// A failed Create has made nothing that lasts but what `lasting` names; a failed Update or Delete keeps the id that it
/// was given.
pub(super) fn failed(
    scene: &Scene<'_>,
    thing: &str,
    request: &Request,
    failure: &Failure,
    lasting: Option<String>,
    ledger: &Value,
) -> Answer {
    let message = failure.message(thing, request, &scene.waited(request));
    let message = with_what_stays(message, ledger, &request.request_id);
    let aws_request_id = failure.aws_request_id();
    tracing::error!(request_id = request.request_id, cause = message, aws_request_id, "failed");
    let id = failed_id(request, lasting);
    Answer::failed(request, &id, &Reason::new(&message, &scene.trailer(aws_request_id)))
}

fn value(ledger: &impl Serialize) -> Value {
    serde_json::to_value(ledger).unwrap_or_default()
}

/// The physical id of a failure.
pub(super) fn failed_id(request: &Request, lasting: Option<String>) -> String {
    let id = request.physical_resource_id.clone().or(lasting);
    id.unwrap_or_else(|| none_id(&request.resource_type, &request.request_id))
}

/// The FAILED answer to a request that no resource type will see. It is on no record: so that every delivery gives the
/// same bytes, it names no log stream.
pub fn turned_away(request: &Request, failure: &Failure) -> Conclusion {
    let message = failure.message("the resource", request, "");
    tracing::error!(request_id = request.request_id, cause = message, "failed");
    let reason = Reason::new(&message, &Trailer::default());
    Conclusion::Answer(Answer::failed(request, &failed_id(request, None), &reason).body().to_owned())
}

/// The FAILED answer to a request whose record cannot be used.
pub(super) fn refuse(scene: &Scene<'_>, request: &Request, failure: &Failure) -> Conclusion {
    let answer = failed(scene, "the resource", request, failure, None, &Value::Null);
    Conclusion::Answer(answer.body().to_owned())
}
