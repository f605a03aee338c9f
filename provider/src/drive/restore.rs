//! An overtaken Update has written after the newer one has looked: what the newer one made holds again.

use super::keeping::{Keeping, Stop};
use super::margin::Margin;
use super::present::converge_beside;
use super::scene::Scene;
use crate::protocol::RequestType;
use crate::record::Record;
use crate::resource::{Goal, Resource, Subject};
use serde_json::Value;

/// Makes what the newest request on `record` was answered SUCCESS for, and writes down what that adds.
pub(super) async fn restore<R: Resource>(
    scene: &Scene<'_>,
    overtaken: &Subject,
    own: &R::Ledger,
    record: &Record,
) {
    let Some(subject) = newest(overtaken, record) else { return };
    let Some(properties) = &record.succeeded else { return };
    let Some(desired) = R::decode(properties, &subject).desired else { return };
    let Ok(mut ledger) = super::ledger::<R>(record) else { return };
    R::assume(&mut ledger, own);
    let goal = Goal::Present { desired, is_return: true, outstanding: None };
    let margin = Margin::of(&record.ledger);
    let keeping = Keeping::Beside { newest: &record.newest.request_id, margin: &margin };
    match converge_beside::<R>(scene, &subject, goal, ledger, keeping).await {
        Ok(()) => {}
        Err(Stop::Outdone(_)) => {
            tracing::info!(request_id = overtaken.request_id, "a still newer request has the last word");
        }
        Err(Stop::Failed(failure)) => tracing::error!(
            request_id = overtaken.request_id,
            cause = %crate::protocol::reason::chain(&failure),
            "what an overtaken request changed could not be made as the newer one wants it"
        ),
    }
}

/// The newest request as the one that asks, where it is an Update that was answered SUCCESS. Its id is a new one: RAM
/// would only repeat its answers to calls that carry the tokens of either request.
fn newest(overtaken: &Subject, record: &Record) -> Option<Subject> {
    let answer: Value = serde_json::from_str(record.answer.as_deref()?).ok()?;
    let stands = record.newest.request_type == RequestType::Update && answer.get("Status")? == "SUCCESS";
    let id = answer.get("PhysicalResourceId")?.as_str()?.to_owned();
    stands.then(|| Subject {
        request_id: format!("{} after {}", record.newest.request_id, overtaken.request_id),
        request_type: RequestType::Update,
        physical_id: Some(id),
        ..overtaken.clone()
    })
}
