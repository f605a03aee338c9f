//! `Custom::LicenseConfigShareAcceptance`: another account's share accepted here, and left again only by whom it was
//! accepted.

mod advice;
mod apply;
mod attributes;
mod desired;
mod ledger;
mod look;
mod observe;
mod observed;
mod operations;
mod outcome;
mod physical_id;
mod plan;
mod properties;
mod step;
#[cfg(test)]
mod testing;
mod token;

use crate::resource::object::names;
use crate::resource::{
    Applied, ApplyError, Decoded, Goal, ObserveError, Outcome, Plan, Reach, Reference, Refusal, Resource,
    ResourceType, Subject,
};
pub use attributes::ATTRIBUTES;
pub use desired::{Desired, decode};
pub use ledger::{Holding, Ledger};
pub use look::{Actor, Look};
pub use observed::{Means, Observed};
pub use operations::OPERATIONS;
pub use properties::{OnDelete, Properties};
use schemars::SchemaGenerator;
use serde_json::Value;
pub use step::Step;

/// The type.
#[derive(Clone, Copy, Debug)]
pub struct LicenseConfigShareAcceptance;

impl Resource for LicenseConfigShareAcceptance {
    const NAME: &'static str = "Custom::LicenseConfigShareAcceptance";
    const DOCUMENTS: ResourceType = ResourceType {
        name: Self::NAME,
        schema: SchemaGenerator::into_root_schema_for::<Properties>,
        property_names: names::<Properties>,
        attributes: ATTRIBUTES,
        reference: Reference::NoArn,
        operations: OPERATIONS,
    };
    /// It acts only in the account of the stack that asks.
    const SERVES_ANYONE: bool = true;
    const THING: &'static str = "license share acceptance";
    type Desired = Desired;
    type Look = Look;
    type Seen = Observed;
    type Step = Step;
    type Ledger = Ledger;

    fn decode(properties: &Value, subject: &Subject) -> Decoded<Desired> {
        decode(properties, subject)
    }

    fn guess(subject: &Subject, goal: &Goal<Desired>) -> Option<Look> {
        look::guess(subject, goal)
    }

    fn looks(subject: &Subject, goal: &Goal<Desired>, ledger: &Ledger) -> Vec<Look> {
        look::looks(subject, goal, ledger)
    }

    async fn observe(
        reach: &Reach<'_>,
        subject: &Subject,
        look: &Look,
        done: Option<(Look, Observed)>,
    ) -> Result<Observed, ObserveError> {
        observe::observe(reach, subject, look, done).await
    }

    fn plan(
        subject: &Subject,
        goal: &Goal<Desired>,
        ledger: &Ledger,
        look: &Look,
        seen: &Observed,
    ) -> Result<Plan<Step, Ledger>, Refusal> {
        plan::plan(subject, goal, ledger, look, seen)
    }

    async fn apply(
        reach: &Reach<'_>,
        subject: &Subject,
        plan: &Plan<Step, Ledger>,
        seen: &mut Observed,
    ) -> Result<Applied, ApplyError> {
        apply::apply(reach, subject, plan, seen).await
    }

    fn writes(step: &Step) -> bool {
        step.writes()
    }

    fn names(physical_id: &str) -> bool {
        physical_id::names(physical_id)
    }

    fn overtaken(own: &Ledger, current: &Ledger, request_id: &str) -> Ledger {
        own.overtaken(current, request_id)
    }

    fn assume(ledger: &mut Ledger, own: &Ledger) {
        ledger.assume(own);
    }

    fn lasting(ledger: &Ledger, subject: &Subject) -> Option<String> {
        ledger.lasting(&subject.request_id).map(str::to_owned)
    }

    fn learn(ledger: &mut Ledger, _subject: &Subject, seen: &Observed) {
        ledger.learn(seen);
    }

    fn settled(_ledger: &mut Ledger, _subject: &Subject, _seen: &Observed) {
        // What was learned is all there is to know: nothing is added that could have been left out.
    }

    fn outcome(subject: &Subject, desired: &Desired, plan: &Plan<Step, Ledger>, seen: &Observed) -> Outcome {
        outcome::outcome(subject, desired, plan, seen)
    }

    fn object(ledger: &Ledger, subject: &Subject) -> Option<String> {
        let known = subject.physical_id.as_deref().and_then(|id| ledger.of(id));
        known.or(ledger.holdings.last()).map(|holding| holding.id.clone())
    }
}
