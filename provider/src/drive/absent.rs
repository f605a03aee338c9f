//! Delete, and taking back: nothing of it is left.

use super::Before;
use super::failure::Failure;
use super::finish::{Ended, Success};
use super::keeping::{Keeping, Stop};
use super::margin::Margin;
use super::present::canonical;
use super::scene::Scene;
use crate::protocol::Request;
use crate::protocol::physical_id::request_of_none_id;
use crate::record::{Record, Stamp};
use crate::resource::{Applied, Goal, Reach, Resource, Subject, Which};
use serde_json::Map;
use std::time::Duration;

/// How often the removal of one thing may be planned anew.
const ROUNDS: usize = 6;

/// CloudFormation invents an id only for a Create whose answer it never took, while the same stack operation is still
/// going on. The signed URL of that Create lives for two hours: an older Create is none of it, but of a resource that
/// was kept by its DeletionPolicy.
const INVENTED: Duration = Duration::from_secs(2 * 3600);

pub(super) async fn delete<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
    record: &Record,
    margin: &Margin,
    ledger: R::Ledger,
    before: Before<R>,
) -> Ended<R> {
    let removal = Removal { scene, reach: scene.reach(), keeping: Keeping::Own(margin) };
    let mut left = ledger;
    let named = which::<R>(subject, request, record);
    let leftovers = Which::Leftovers { except: subject.request_id.clone() };
    for which in named.into_iter().chain([leftovers]) {
        match removal.remove::<R>(subject, &which, &mut left, before.clone()).await {
            Ok(()) => {}
            Err(Stop::Failed(failure)) => return Ended::failed(left, failure),
            Err(Stop::Outdone(written)) => return Ended::Outdone { ledger: left, written },
        }
    }
    Ended::Succeeded(Success { ledger: left, outcome: None, warnings: Vec::new() })
}

/// What a Delete's physical id asks for; `None` where nothing on record is meant.
fn which<R: Resource>(subject: &Subject, request: &Request, record: &Record) -> Option<Which> {
    let id = subject.physical_id.as_deref()?;
    if let Some(request_id) = request_of_none_id(id) {
        return Some(Which::Request(request_id.to_owned()));
    }
    if R::names(id) {
        return Some(Which::PhysicalId(id.to_owned()));
    }
    let create = record.newest_create.as_ref().filter(|_| !record.create_taken)?;
    let request_id = create.request_id.clone();
    let may_be_it = is_recent(record, create) && may_be_of(request, record);
    Some(if may_be_it { Which::Request(request_id) } else { Which::Unanswered(request_id) })
}

fn is_recent(record: &Record, create: &Stamp) -> bool {
    let age = record.newest.sent.milliseconds.saturating_sub(create.sent.milliseconds);
    age <= u64::try_from(INVENTED.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a Delete is about what was last answered SUCCESS: it carries the properties of its Create. Other properties
/// are those of a Create that never came here. Empty ones say nothing.
fn may_be_of(request: &Request, record: &Record) -> bool {
    let properties = canonical(&request.properties);
    let says_nothing = properties.as_object().is_none_or(Map::is_empty);
    says_nothing || record.succeeded.as_ref() == Some(&properties)
}

/// What a removal runs with.
pub(super) struct Removal<'a> {
    pub scene: &'a Scene<'a>,
    pub reach: Reach<'a>,
    pub keeping: Keeping<'a>,
}

impl Removal<'_> {
    /// Removes what `which` chooses from `ledger`, and takes it out there.
    ///
    /// # Errors
    /// What stopped it: `ledger` is then as it is on record, without what had gone by then.
    pub(super) async fn remove<R: Resource>(
        &self,
        subject: &Subject,
        which: &Which,
        ledger: &mut R::Ledger,
        before: Before<R>,
    ) -> Result<(), Stop> {
        let goal = Goal::Absent(which.clone());
        for look in R::looks(subject, &goal, ledger) {
            self.remove_one::<R>(subject, &goal, ledger, look, before.clone()).await?;
        }
        Ok(())
    }

    async fn remove_one<R: Resource>(
        &self,
        subject: &Subject,
        goal: &Goal<R::Desired>,
        ledger: &mut R::Ledger,
        look: R::Look,
        mut before: Before<R>,
    ) -> Result<(), Stop> {
        let mut why = String::new();
        for _ in 0..ROUNDS {
            let seen = R::observe(&self.reach, subject, &look, before.take()).await;
            let mut seen = seen.map_err(|source| Stop::Failed(Failure::Observe { source }))?;
            let plan = R::plan(subject, goal, ledger, &look, &seen)
                .map_err(|refusal| Stop::Failed(Failure::Refused(refusal)))?;
            tracing::info!(request_id = subject.request_id, %plan, warnings = plan.warnings.join("; "), "plan");
            self.intend::<R>(subject, ledger, &plan.intent).await?;
            let applied = R::apply(&self.reach, subject, &plan, &mut seen).await;
            match applied.map_err(|source| Stop::Failed(Failure::Apply { source }))? {
                Applied::Done { warnings } => {
                    let warnings = warnings.join("; ");
                    tracing::info!(request_id = subject.request_id, warnings, "removed");
                    *ledger = plan.conclusion;
                    return Ok(());
                }
                Applied::Replan { why: cause, .. } => why = cause,
                Applied::Progress { .. } => {}
                Applied::Waiting(waiting) | Applied::WaitingOr { waiting, .. } => {
                    return Err(Stop::Failed(Failure::waited(waiting)));
                }
            }
        }
        Err(Stop::Failed(Failure::Unsteady { why }))
    }

    /// Writes down what is let go of, where others have to know of it before, and where there is a record for it.
    async fn intend<R: Resource>(
        &self,
        subject: &Subject,
        ledger: &mut R::Ledger,
        intent: &R::Ledger,
    ) -> Result<(), Stop> {
        if ledger != intent && !matches!(self.keeping, Keeping::Nobody) {
            self.keeping.keep::<R>(self.scene, subject, intent).await?;
            ledger.clone_from(intent);
        }
        Ok(())
    }
}
