//! `Custom::LicenseManagerOrgLink`: License Manager linked to AWS Organizations, checked first, never undone by
//! accident.

mod advice;
mod apply;
mod attributes;
mod claim;
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
mod taken;
mod unlinking;

use crate::resource::object::names;
use crate::resource::{
    Applied, ApplyError, Decoded, Goal, ObserveError, Outcome, Plan, Reach, Reference, Refusal, Resource,
    ResourceType, Subject,
};
pub use attributes::ATTRIBUTES;
pub use desired::{Desired, decode};
pub use ledger::{Ledger, Link};
pub use look::Look;
pub use observed::{Candidate, Observed, RamSharing, Settings, TrustedAccess};
pub use operations::OPERATIONS;
pub(crate) use properties::NAME_PREFIX;
pub use properties::{BucketArn, OnDelete, Properties, RegionName, TopicArn};
use schemars::SchemaGenerator;
use serde_json::Value;
pub use step::Step;
pub use taken::Taken;

/// The type.
#[derive(Clone, Copy, Debug)]
pub struct LicenseManagerOrgLink;

impl Resource for LicenseManagerOrgLink {
    const NAME: &'static str = "Custom::LicenseManagerOrgLink";
    const DOCUMENTS: ResourceType = ResourceType {
        name: Self::NAME,
        schema: SchemaGenerator::into_root_schema_for::<Properties>,
        property_names: names::<Properties>,
        attributes: ATTRIBUTES,
        reference: Reference::NoArn,
        operations: OPERATIONS,
    };
    const SERVES_ANYONE: bool = false;
    const THING: &'static str = "organization link";
    type Desired = Desired;
    type Look = Look;
    type Seen = Observed;
    type Step = Step;
    type Ledger = Ledger;

    fn decode(properties: &Value, subject: &Subject) -> Decoded<Desired> {
        decode(properties, &subject.home)
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

    fn announced(subject: &Subject, ledger: &Ledger) -> Option<Ledger> {
        ledger.announced(&physical_id::of(&subject.home), &subject.request_id)
    }

    fn writes(step: &Step) -> bool {
        step.writes()
    }

    fn carried(look: Look, seen: Observed) -> Option<(Look, Observed)> {
        seen.holds_still.then_some((look, seen))
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

    fn learn(ledger: &mut Ledger, _subject: &Subject, seen: &Observed) {
        ledger::learn(ledger, seen);
    }

    fn settled(ledger: &mut Ledger, _subject: &Subject, seen: &Observed) {
        ledger::settled(ledger, seen);
    }

    fn outcome(subject: &Subject, desired: &Desired, plan: &Plan<Step, Ledger>, seen: &Observed) -> Outcome {
        outcome::outcome(subject, desired, plan, seen)
    }

    fn object(ledger: &Ledger, _subject: &Subject) -> Option<String> {
        ledger.link.as_ref().map(|link| link.id.clone())
    }
}
