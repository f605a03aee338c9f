//! Does the steps of a plan against RAM. What to do was decided by the plan; what is here is how to call.

mod acceptance;
mod accepting;
mod consult;
mod delete;
mod invite;
mod look;
mod members;
mod recover;
mod replies;
mod room;
mod run;
mod settle;
mod share;

use super::observed::Observed;
use super::plan::SharePlan;
use super::step::Step;
use crate::resource::{Applied, ApplyError, Reach, Subject};
use run::{ADVICE, Run, Stop};

/// Does the steps in order, stops at the first that fails, and keeps `seen` up to date.
///
/// # Errors
/// What RAM said; what was done up to then stays, and is on record.
pub(super) async fn apply(
    reach: &Reach<'_>,
    subject: &Subject,
    plan: &SharePlan,
    seen: &mut Observed,
) -> Result<Applied, ApplyError> {
    let mut run = Run::new(reach, subject, plan, seen);
    let mut left = plan.steps.as_slice();
    while let [step, rest @ ..] = left {
        match one(&mut run, step).await {
            Ok(()) => left = rest,
            Err(Stop::Waiting { what, advice, undone }) => {
                return Ok(Applied::Waiting(run.waiting(what, advice, undone, left)));
            }
            Err(Stop::WaitingOr { what, warning }) => {
                let waiting = run.waiting(what, ADVICE, true, left);
                return Ok(Applied::WaitingOr { waiting, warning });
            }
            Err(Stop::Progress) => return Ok(Applied::Progress { warnings: run.warnings }),
            Err(Stop::Replan(why)) => return Ok(Applied::Replan { why, warnings: run.warnings }),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Ok(run.applied())
}

#[deny(clippy::wildcard_enum_match_arm, reason = "a new step must be done, not passed over")]
async fn one(run: &mut Run<'_>, step: &Step) -> Result<(), Stop> {
    match step {
        Step::Create(creation) => share::create(run, creation).await,
        Step::Associate(change) => members::associate(run, &change.members, &change.client_token).await,
        Step::Invite(invite) => invite::invite(run, invite).await,
        Step::InviteLater(later) => room::room(run, later).await,
        Step::Accept(wanted) => acceptance::acceptance(run, wanted).await,
        Step::Consult(on) => consult::consult(run, on).await,
        Step::Disassociate(change) => members::disassociate(run, &change.members, &change.client_token).await,
        Step::Await(wait) => settle::settle(run, wait).await,
        Step::AwaitActive(share) => share::until_active(run, share).await,
        Step::Configure(to) => share::configure(run, to).await,
        Step::Tag(share, tags) => share::tag(run, share, tags).await,
        Step::Untag(share, keys) => share::untag(run, share, keys).await,
        Step::Delete(share, client_token) => delete::delete(run, share, client_token).await,
    }
}
