//! What every resource type has in common: the stages that [`crate::drive`] runs it through.
//!
//! A type is one folder here and one line in `types.rs`. `decode`, `guess`, `looks`, `plan` and `outcome` are pure;
//! `observe` only reads; `apply` alone writes, and only the steps of a plan.

mod acting;
mod applied;
pub mod config_share;
mod goal;
mod object;
pub mod org_link;
mod permission;
mod plan;
mod property_error;
mod reach;
pub mod share_acceptance;
mod types;
mod unknown_property;
mod wire;

pub use acting::{Acting, ActingError, Roles, external_id};
pub use applied::{Applied, ApplyError, Waiting};
pub use goal::{Goal, Subject, Which};
pub use permission::{Condition, Grant, Handler, Operation};
pub use plan::{Outcome, Plan, Refusal};
pub use property_error::{PropertyError, summary};
pub use reach::{ObserveError, Reach};
pub(crate) use types::resource_types;
pub use types::{Attribute, NAMES, Reference, ResourceType, TYPES, serves_anyone};
pub use wire::{At, Field, Wire};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::{Debug, Display};
use std::future::Future;

/// What the properties of a request come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<D> {
    /// What could be read, wrong parts left out; `None` where nothing can be made of it.
    pub desired: Option<D>,
    /// Every mistake.
    pub errors: Vec<PropertyError>,
}

/// A resource type.
///
/// # Flow
/// `decode` -> `guess` and `observe`, side by side with the record's begin -> `looks` -> `observe` what is missing ->
/// `plan` -> the plan's intent is recorded -> `apply` -> `outcome`.
///
/// # Guarantees wanted
/// Every stage may run again after any crash: `plan` starts from what is there and on record, never from what an
/// earlier run meant to do. `plan` for [`Goal::Absent`] holds for a ledger of any age and asks for no properties.
pub trait Resource {
    /// `Custom::...`.
    const NAME: &'static str;
    /// What its schema and README tables are made of.
    const DOCUMENTS: ResourceType;
    /// Whether `*` among the trusted accounts counts: stacks of any account may ask for it.
    const SERVES_ANYONE: bool;
    /// What a person calls it, for Reasons.
    const THING: &'static str;
    /// What the properties ask for.
    type Desired: Clone + Debug + Send + Sync;
    /// What to look at.
    type Look: Clone + Debug + PartialEq + Send + Sync;
    /// What was seen.
    type Seen: Clone + Debug + Default + Send + Sync;
    /// One step of a plan; displays as one line.
    type Step: Clone + Debug + Display + Send + Sync;
    /// What is on record.
    type Ledger: Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync;

    /// Reads the properties, every mistake at once. Of the subject, only who asks and where counts.
    fn decode(properties: &Value, subject: &Subject) -> Decoded<Self::Desired>;

    /// What is worth a look before the record is known; `None` where nothing is.
    fn guess(subject: &Subject, goal: &Goal<Self::Desired>) -> Option<Self::Look>;

    /// What to look at, now that the record is known: exactly one for [`Goal::Present`].
    fn looks(subject: &Subject, goal: &Goal<Self::Desired>, ledger: &Self::Ledger) -> Vec<Self::Look>;

    /// Reads what `look` asks for and `seen`, the result of `done`, does not hold yet.
    fn observe(
        reach: &Reach<'_>,
        subject: &Subject,
        look: &Self::Look,
        done: Option<(Self::Look, Self::Seen)>,
    ) -> impl Future<Output = Result<Self::Seen, ObserveError>> + Send;

    /// Decides. Pure and total.
    ///
    /// # Errors
    /// A [`Refusal`] with its reason, before anything was changed.
    fn plan(
        subject: &Subject,
        goal: &Goal<Self::Desired>,
        ledger: &Self::Ledger,
        look: &Self::Look,
        seen: &Self::Seen,
    ) -> Result<Plan<Self::Step, Self::Ledger>, Refusal>;

    /// Does the steps, in order, and keeps `seen` up to date.
    fn apply(
        reach: &Reach<'_>,
        subject: &Subject,
        plan: &Plan<Self::Step, Self::Ledger>,
        seen: &mut Self::Seen,
    ) -> impl Future<Output = Result<Applied, ApplyError>> + Send;

    /// After [`Applied::Replan`]: what `apply` knows to hold still of what was seen, and need not be looked at again.
    /// Nothing, unless a type says so.
    fn carried(_look: Self::Look, _seen: Self::Seen) -> Option<(Self::Look, Self::Seen)> {
        None
    }

    /// The ledger with which a resource goes on record before it looks at AWS: others that are to leave in place what it
    /// finds must know of it by then. `None` where it is on record, and where nothing depends on it.
    fn announced(_subject: &Subject, _ledger: &Self::Ledger) -> Option<Self::Ledger> {
        None
    }

    /// Whether a step changes anything in AWS; one that only waits does not.
    fn writes(step: &Self::Step) -> bool;

    /// Whether a physical id is one that this type gives out for something that exists.
    fn names(physical_id: &str) -> bool;

    /// Of what a request has on its own ledger, that which is not in force by the `current` one of a newer request: a
    /// ledger whose holdings are all to go.
    fn overtaken(own: &Self::Ledger, current: &Self::Ledger, request_id: &str) -> Self::Ledger;

    /// Notes in a newer request's `ledger` what the overtaken one, by its `own`, may have left on things that stay: what
    /// is not wanted of it goes when the newer one's goal is made again.
    fn assume(ledger: &mut Self::Ledger, own: &Self::Ledger);

    /// The physical id of what a Create has made that lasts although it failed: the Delete that follows must find it.
    /// `None` where a failed Create takes back all that it made.
    fn lasting(_ledger: &Self::Ledger, _subject: &Subject) -> Option<String> {
        None
    }

    /// Puts into the ledger what only `apply` could know.
    fn learn(ledger: &mut Self::Ledger, subject: &Subject, seen: &Self::Seen);

    /// The request has failed: what it was about to let go of is this resource's as before.
    fn given_up(_ledger: &mut Self::Ledger) {}

    /// Once all steps are done: takes out of the ledger what the request meant to add, and what had to be left out.
    fn settled(ledger: &mut Self::Ledger, subject: &Subject, seen: &Self::Seen);

    /// The answer's physical id, attributes and warnings.
    fn outcome(
        subject: &Subject,
        desired: &Self::Desired,
        plan: &Plan<Self::Step, Self::Ledger>,
        seen: &Self::Seen,
    ) -> Outcome;

    /// What the record's index names this resource by: the thing that CloudFormation knows, while it is on record, for
    /// a replacement may be rolled back; else the newest.
    fn object(ledger: &Self::Ledger, subject: &Subject) -> Option<String>;
}
