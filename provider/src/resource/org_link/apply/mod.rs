//! Does the steps of a plan.

mod administrator;
mod link;
mod read_back;
mod roles;
mod run;
mod share;
mod unlink;

use super::observed::Observed;
use super::plan::LinkPlan;
use super::step::Step;
use crate::resource::{Applied, ApplyError, Reach, Subject};
use run::{Run, Stop};
use std::time::Duration;

/// Does the steps in order, stops at the first that fails, and keeps `seen` up to date.
///
/// # Errors
/// What AWS said; what cannot be taken back is named.
pub(super) async fn apply(
    reach: &Reach<'_>,
    subject: &Subject,
    plan: &LinkPlan,
    seen: &mut Observed,
) -> Result<Applied, ApplyError> {
    let mut run = Run::new(reach, subject, plan, seen);
    for (index, step) in plan.steps.iter().enumerate() {
        match one(&mut run, step).await {
            Ok(()) => {}
            Err(Stop::Waiting(waits)) => {
                let left = plan.steps.get(index..).unwrap_or_default();
                if let Some(waiting) = run.waits(waits, left) {
                    return Ok(Applied::Waiting(waiting));
                }
            }
            Err(Stop::Replan(why)) => return Ok(Applied::Replan { why, warnings: run.warnings }),
            Err(Stop::Failed(error)) => run.stopped(step, error)?,
        }
    }
    Ok(Applied::Done { warnings: run.warnings })
}

async fn one(run: &mut Run<'_>, step: &Step) -> Result<(), Stop> {
    match step {
        Step::CreateServiceRole => link::create_service_role(run).await,
        Step::Yield => link::let_others_first(run).await,
        Step::UpdateSettings(change) => link::update(run, change).await,
        Step::SettleTrustedAccess { since } => link::settle_trusted_access(run, *since).await,
        Step::AwaitTrustedAccess => link::await_link(run, Duration::ZERO).await,
        Step::ReadBack { .. } => read_back::read_back(run).await,
        Step::EnableRamSharing => share::enable_ram_sharing(run).await,
        Step::Delegate { to, from } => administrator::delegate(run, to, from.as_ref()).await,
        Step::Undelegate(account) => administrator::deregister(run, account).await,
        Step::AwaitShare => share::await_share(run).await,
        Step::LookForShare { before, until } => share::look_for_share(run, before.as_deref(), *until).await,
        Step::CheckShare(arn) => share::check_share(run, arn).await,
        Step::Unlink { create, resumed } => unlink::unlink(run, create, *resumed).await,
    }
}
