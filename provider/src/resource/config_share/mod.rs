//! `Custom::LicenseConfigShare`: license configurations shared through AWS RAM, by a share of the resource's own or by
//! one that is there already.

mod advice;
mod apply;
mod attributes;
mod desired;
mod elsewhere;
mod going;
mod inheritance;
mod ledger;
mod look;
mod observe;
mod observed;
mod operations;
mod outcome;
mod ownership;
mod physical_id;
mod plan;
mod properties;
mod role_name;
mod step;
mod tags;
mod token;

use crate::resource::object::names;
use crate::resource::{
    Applied, ApplyError, Decoded, Goal, ObserveError, Outcome, Plan, Reach, Reference, Refusal, Resource,
    ResourceType, Subject,
};
pub use attributes::ATTRIBUTES;
pub use desired::{Desired, OwnShare, Target, decode};
pub use going::Going;
pub use ledger::{Former, Holding, Ledger, Origin};
pub use look::{Aim, Look};
pub use observed::Observed;
pub use operations::OPERATIONS;
pub use properties::Properties;
pub use role_name::{RoleName, RoleNameError};
use schemars::SchemaGenerator;
use serde_json::Value;
pub use step::{
    Acceptance, Await, Change, Configuration, Consultation, Creation, Invite, Later, Step, Through,
};

/// The type.
#[derive(Clone, Copy, Debug)]
pub struct LicenseConfigShare;

impl Resource for LicenseConfigShare {
    const NAME: &'static str = "Custom::LicenseConfigShare";
    const DOCUMENTS: ResourceType = ResourceType {
        name: Self::NAME,
        schema: SchemaGenerator::into_root_schema_for::<Properties>,
        property_names: names::<Properties>,
        attributes: ATTRIBUTES,
        reference: Reference::ArnWithout("ResourceShareArn"),
        operations: OPERATIONS,
    };
    /// It shares what is the provider's account's.
    const SERVES_ANYONE: bool = false;
    const THING: &'static str = "license configuration share";
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
        Box::pin(observe::observe(reach, subject, look, done)).await
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
        physical_id::PhysicalId::parse(physical_id).is_some()
    }

    fn overtaken(own: &Ledger, current: &Ledger, request_id: &str) -> Ledger {
        own.overtaken(current, request_id)
    }

    fn assume(ledger: &mut Ledger, own: &Ledger) {
        ledger.assume(own);
    }

    fn learn(ledger: &mut Ledger, subject: &Subject, seen: &Observed) {
        let begun =
            ledger.holdings.iter_mut().filter(|h| h.request_id == subject.request_id && h.share.is_none());
        for holding in begun {
            holding.share = seen.share.as_ref().map(|share| share.arn.to_string());
        }
    }

    fn given_up(ledger: &mut Ledger) {
        ledger.keep_all();
    }

    fn settled(ledger: &mut Ledger, subject: &Subject, seen: &Observed) {
        let Some(share) = &seen.share else { return };
        for holding in ledger.holdings.iter_mut().filter(|holding| holding.is_of(&share.arn)) {
            holding.forget(&subject.request_id, |member| !seen.has(&ledger::as_member(member)));
            holding.add(&subject.request_id, seen.staying.iter().map(|member| member.id.as_str()));
        }
    }

    fn outcome(subject: &Subject, desired: &Desired, plan: &Plan<Step, Ledger>, seen: &Observed) -> Outcome {
        outcome::outcome(subject, desired, plan, seen)
    }

    fn object(ledger: &Ledger, subject: &Subject) -> Option<String> {
        let given = subject.physical_id.as_deref().and_then(physical_id::PhysicalId::parse);
        let known = given.and_then(|id| ledger.of_share(&id.share));
        let newest = || ledger.holdings.iter().rev().find_map(|holding| holding.share.clone());
        known.and_then(|holding| holding.share.clone()).or_else(newest)
    }
}
