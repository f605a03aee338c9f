//! A request that failed, or that a newer one has overtaken, takes back what it alone made.

use super::absent::Removal;
use super::keeping::Keeping;
use super::margin::Margin;
use super::restore::restore;
use super::scene::Scene;
use crate::aws::looks;
use crate::protocol::RequestType;
use crate::record::{Record, RecordKey, Written};
use crate::resource::{Resource, Subject, Which};
use serde_json::Value;
use tokio::time::{sleep, timeout_at};

/// Taking back is for as long as there is time, and never costs the answer.
async fn in_time(scene: &Scene<'_>, subject: &Subject, work: impl Future<Output = ()>) {
    // On the heap, for it is rare and large: it would make every request's future as large.
    if timeout_at(scene.budget.take_back.at(), Box::pin(work)).await.is_err() {
        tracing::error!(
            request_id = subject.request_id,
            "no time was left to take back what the request made; the next request of the resource tries again"
        );
    }
}

/// After a FAILED answer is on record: what the request began and never answered SUCCESS goes.
pub(super) async fn after_failure<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    answer: &str,
    record: &Record,
) {
    let Ok(ledger) = super::ledger::<R>(record) else { return };
    if is_failure(answer) {
        unanswered::<R>(scene, subject, &Margin::of(&record.ledger), ledger).await;
    }
}

fn is_failure(answer: &str) -> bool {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    answer.get("Status").and_then(Value::as_str) == Some("FAILED")
}

/// Removes what the request began, and writes that down.
pub(super) async fn unanswered<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    margin: &Margin,
    ledger: R::Ledger,
) {
    in_time(scene, subject, remove_unanswered::<R>(scene, subject, margin, ledger)).await;
}

async fn remove_unanswered<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    margin: &Margin,
    ledger: R::Ledger,
) {
    let which = Which::Unanswered(subject.request_id.clone());
    let keeping = Keeping::Beside { newest: &subject.request_id, margin };
    let removal = Removal { scene, reach: scene.last_reach(), keeping };
    let mut left = ledger.clone();
    if let Err(stop) = removal.remove::<R>(subject, &which, &mut left, None).await {
        tracing::error!(
            request_id = subject.request_id,
            cause = stop.cause(),
            "what the request made could not be taken back; the next request of the resource tries again"
        );
    }
    let is_changed = left != ledger;
    R::given_up(&mut left);
    if is_changed {
        amend::<R>(scene, subject, margin, &left).await;
    }
}

async fn amend<R: Resource>(scene: &Scene<'_>, subject: &Subject, margin: &Margin, ledger: &R::Ledger) {
    let key = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let value = margin.at_end(ledger);
    let object = R::object(ledger, subject);
    match scene.records.amend(&key, &subject.request_id, &value, object.as_deref()).await {
        Ok(Written::Done) => {}
        Ok(Written::Answered { .. } | Written::Superseded(_)) => {
            tracing::info!(request_id = subject.request_id, "a newer request keeps the record");
        }
        Err(error) => {
            let aws_request_id = error.call().aws_request_id.as_deref();
            tracing::warn!(request_id = subject.request_id, %error, aws_request_id, "the record still names what is gone");
        }
    }
}

/// A SUCCESS could not be recorded: what the request did beyond the `record` that it began with goes.
pub(super) async fn unwritten<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    own: &R::Ledger,
    record: &Record,
) {
    let before = super::ledger::<R>(record).unwrap_or_default();
    let mine = R::overtaken(own, &before, &subject.request_id);
    in_time(scene, subject, remove_own::<R>(scene, subject, mine)).await;
}

/// A request that was overtaken comes again: what it had begun and not ended goes.
pub(super) async fn superseded<R: Resource>(scene: &Scene<'_>, subject: &Subject, record: Record) {
    let own = Margin::of(&record.ledger).ledger_of::<R>(&subject.request_id, &record.ledger);
    if let Some(own) = own {
        overtaken::<R>(scene, subject, &own, Some(record)).await;
    }
}

/// After a newer request has begun: what this one made or added, and the newer one's record does not know, goes; what
/// this one changed becomes again what the newer one made it.
pub(super) async fn overtaken<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    own: &R::Ledger,
    current: Option<Record>,
) {
    in_time(scene, subject, make_way::<R>(scene, subject, own, current)).await;
}

async fn make_way<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    own: &R::Ledger,
    current: Option<Record>,
) {
    let current = match current {
        Some(record) => Some(ended(scene, subject, record).await),
        None => None,
    };
    let ledger = current.as_ref().map(super::ledger::<R>).transpose().ok().flatten().unwrap_or_default();
    remove_own::<R>(scene, subject, R::overtaken(own, &ledger, &subject.request_id)).await;
    if let (RequestType::Update, Some(record)) = (subject.request_type, current) {
        restore::<R>(scene, subject, own, &record).await;
    }
}

/// Removes what a request alone has made or added.
async fn remove_own<R: Resource>(scene: &Scene<'_>, subject: &Subject, mine: R::Ledger) {
    let which = Which::Unanswered(subject.request_id.clone());
    let removal = Removal { scene, reach: scene.last_reach(), keeping: Keeping::Nobody };
    let mut mine = mine;
    if let Err(stop) = removal.remove::<R>(subject, &which, &mut mine, None).await {
        tracing::error!(
            request_id = subject.request_id,
            cause = stop.cause(),
            "what an overtaken request made could not be taken back"
        );
    }
}

/// Waits until the newest request has ended: what it has on record counts then. As long as there is time.
async fn ended(scene: &Scene<'_>, subject: &Subject, record: Record) -> Record {
    let key = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let mut record = record;
    for delay in looks() {
        if record.answer.is_some() || scene.budget.work.remaining() <= delay {
            break;
        }
        sleep(delay).await;
        match scene.records.get(&key).await {
            Ok(Some(found)) => record = found,
            Ok(None) => break,
            Err(error) => {
                let aws_request_id = error.call().aws_request_id.as_deref();
                tracing::warn!(request_id = subject.request_id, %error, aws_request_id, "the record cannot be read");
            }
        }
    }
    record
}
