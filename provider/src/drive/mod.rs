//! Runs one request of one resource type: begin, observe, plan, apply, end. The same for every type.

mod abandoned;
mod absent;
mod broken_off;
mod failure;
mod finish;
mod keeping;
mod looks;
mod margin;
mod present;
mod restore;
mod scene;
mod stays;
mod take_back;
mod waiting;

pub use abandoned::{last_answer, last_word};
pub use broken_off::{LastWord, broken_off};
pub use failure::Failure;
pub use finish::{Conclusion, turned_away};
pub use scene::{Budget, Known, Scene};
pub use waiting::{QueuedLook, Wait};

use crate::protocol::{Request, RequestType};
use crate::record::{Begun, LookStamp, Record, RecordError};
use crate::resource::{Goal, ObserveError, Resource, Subject, Which};
use finish::{Ended, refuse};
use futures_util::future::join;
use margin::Margin;
use serde::de::Error as _;
use serde_json::Value;
use std::time::UNIX_EPOCH;
use waiting::next_look;

/// Runs `request` to its conclusion.
pub async fn run<R: Resource>(scene: &Scene<'_>, request: &Request) -> Conclusion {
    let subject = scene.subject(request);
    let (begun, guessed) = match &scene.look {
        None => join(begin::<R>(scene, &subject, request), guessed::<R>(scene, &subject, request)).await,
        Some(look) => match resume(scene, request, look).await {
            Ok(Some(begun)) => (Ok(begun), Ok(None)),
            Ok(None) => return Conclusion::Silent("the record of this resource is gone"),
            Err(source) => return unbegun(scene, request, look, source).await,
        },
    };
    match begun {
        Err(source) => refuse(scene, request, &Failure::Record { source }),
        Ok(Begun::Answered { answer, record }) => {
            take_back::after_failure::<R>(scene, &subject, &answer, &record).await;
            Conclusion::Answer(answer)
        }
        Ok(Begun::Superseded(record)) => {
            take_back::superseded::<R>(scene, &subject, record).await;
            Conclusion::Silent("a newer request of this resource has begun")
        }
        Ok(Begun::Waiting(_)) => Conclusion::Silent("another message of the queue carries this request on"),
        Ok(Begun::Run(record)) => {
            scene.known.is(&record.ledger);
            let now = scene.arrived.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let margin = Margin::for_run(&record.ledger, &request.request_id, now);
            let ended = act::<R>(scene, &subject, request, &record, &margin, guessed).await;
            finish::finish::<R>(scene, &subject, request, &record, &margin, ended).await
        }
    }
}

/// A look that could not find out whether it is the one that counts leaves that to the next one. The last one answers:
/// the message would come again too late.
async fn unbegun(scene: &Scene<'_>, request: &Request, look: &QueuedLook, source: RecordError) -> Conclusion {
    match next_look(scene, request, look) {
        Some(next) => Conclusion::Again { source, next },
        None => broken_off(scene, request, &Failure::Record { source }).await,
    }
}

async fn begin<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
) -> Result<Begun, RecordError> {
    let proves_create_taken = subject.physical_id.as_deref().is_some_and(R::names);
    scene.records.begin(&scene.key(request), &scene.stamp(request), proves_create_taken).await
}

async fn resume(
    scene: &Scene<'_>,
    request: &Request,
    look: &QueuedLook,
) -> Result<Option<Begun>, RecordError> {
    let stamp = LookStamp { number: look.number, message_id: look.message_id.clone() };
    scene.records.resume(&scene.key(request), &request.request_id, &stamp).await
}

/// What a look before the record is known came to, if there was one.
type Before<R> = Option<(<R as Resource>::Look, <R as Resource>::Seen)>;

/// Looks side by side with the record's begin. A failure here is no failure of the request: the look that counts comes
/// once the record is known. Only where no time is left for that one, what this one met is the failure.
async fn guessed<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
) -> Result<Before<R>, ObserveError> {
    let Some(look) = guess::<R>(subject, request) else { return Ok(None) };
    match R::observe(&scene.reach(), subject, &look, None).await {
        Ok(seen) => Ok(Some((look, seen))),
        Err(error) if scene.budget.work.is_over() => Err(error),
        Err(_) => Ok(None),
    }
}

fn guess<R: Resource>(subject: &Subject, request: &Request) -> Option<R::Look> {
    let goal = match request.request_type {
        RequestType::Create | RequestType::Update => {
            let decoded = R::decode(&request.properties, subject);
            let worth_a_look = decoded.errors.is_empty() || request.request_type == RequestType::Update;
            let desired = decoded.desired.filter(|_| worth_a_look)?;
            Goal::Present { desired, is_return: false, outstanding: None }
        }
        RequestType::Delete => Goal::Absent(Which::PhysicalId(subject.physical_id.clone()?)),
    };
    R::guess(subject, &goal)
}

async fn act<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
    record: &Record,
    margin: &Margin,
    guessed: Result<Before<R>, ObserveError>,
) -> Ended<R> {
    let ledger = match ledger::<R>(record) {
        Ok(ledger) => ledger,
        Err(source) => return Ended::failed(R::Ledger::default(), Failure::Ledger { source }),
    };
    let before = match guessed {
        Ok(before) => before,
        Err(source) => return Ended::failed(ledger, Failure::Observe { source }),
    };
    match request.request_type {
        RequestType::Create | RequestType::Update => {
            present::present::<R>(scene, subject, request, record, margin, ledger, before).await
        }
        RequestType::Delete => {
            absent::delete::<R>(scene, subject, request, record, margin, ledger, before).await
        }
    }
}

fn ledger<R: Resource>(record: &Record) -> Result<R::Ledger, serde_json::Error> {
    match &record.ledger {
        Value::Null => Ok(R::Ledger::default()),
        Value::Object(_) => serde_json::from_value(record.ledger.clone()),
        _ => Err(serde_json::Error::custom("it is no JSON object")),
    }
}
