//! Switching the link off: EnableIntegration=false alone. What AWS makes of it is not documented (license-manager facts
//! 1.3).

use super::link::settle_trusted_access;
use super::run::{Run, Stop, is_refusal, stop, unrecorded};
use crate::aws::{AwsError, ErrorKind};
use crate::domain::SettingsChange;
use crate::protocol::reason::chain;
use crate::resource::org_link::observe::named_elsewhere;
use crate::resource::org_link::{physical_id, unlinking};
use std::time::Duration;
use tokio::time::sleep;

/// The index of the records trails the records (DynamoDB developer guide, global secondary indexes). Whoever found the
/// link on was on record by then, and shows in the index this long after the link is off.
const INDEX: Duration = Duration::from_secs(5);

/// Switches the link off that `create` began, and on again where another resource declares it.
///
/// That one may begin to declare the link at any moment. It is on record before it looks: either this finds it there,
/// before or after, or it finds the link off and switches it on itself. `resumed`: an earlier delivery may have
/// switched it off, and died before it looked.
pub(super) async fn unlink(run: &mut Run<'_>, create: &str, resumed: bool) -> Result<(), Stop> {
    let mut declared = is_declared_elsewhere(run).await?;
    if declared && !resumed {
        return Err(Stop::Replan("another resource has begun to declare the link".to_owned()));
    }
    begin(run, create).await?;
    if !declared {
        if let Err(refused) = switch_off(run).await {
            return Err(not_switched_off(run, create, refused, resumed).await);
        }
        declared = is_declared_elsewhere(run).await?;
    }
    if declared {
        // Without a look before: one that trails would still find the link on. True that is sent twice does no harm.
        switch_on_again(run).await?;
        run.warnings.push("the organization stays linked: another stack declares it".to_owned());
    }
    end(run, create).await
}

async fn begin(run: &Run<'_>, create: &str) -> Result<(), Stop> {
    let id = physical_id::of(&run.subject.home);
    let begun = unlinking::begin(run.reach.records, &id, create, run.reach.clock.now()).await;
    begun.map_err(unrecorded)
}

async fn end(run: &Run<'_>, create: &str) -> Result<(), Stop> {
    let id = physical_id::of(&run.subject.home);
    unlinking::end(run.reach.records, &id, create).await.map_err(unrecorded)
}

/// What was refused did not happen, and there is nothing to look after; unless an earlier delivery did it.
async fn not_switched_off(run: &Run<'_>, create: &str, error: AwsError, resumed: bool) -> Stop {
    if is_refusal(&error)
        && !resumed
        && let Err(stop) = end(run, create).await
    {
        return stop;
    }
    stop("switching off EnableIntegration", error)
}

async fn switch_off(run: &mut Run<'_>) -> Result<(), AwsError> {
    if !run.seen.known().is_some_and(|settings| settings.integration) {
        return Ok(());
    }
    match switch(run, false).await {
        Ok(()) => sleep(INDEX.min(run.reach.patience.remaining())).await,
        Err(error) if is_ruled_out(&error) => {
            run.warnings.push(format!("the organization stays linked: {error}"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// License Manager does not take false, and would not the next time. A stack whose Delete failed cannot be updated, only
/// deleted again, so this is no failure: the link stays, as without `Unlink`.
fn is_ruled_out(error: &AwsError) -> bool {
    matches!(error.kind, ErrorKind::Invalid | ErrorKind::NotPermitted)
}

/// The other resource found a whole link, and is to have one: trusted access that went with it is repaired. What does not
/// come about is for the log: the Delete has done its own.
async fn switch_on_again(run: &mut Run<'_>) -> Result<(), Stop> {
    let sent = run.reach.clock.now();
    let switched = switch(run, true).await;
    switched.map_err(|error| stop("switching EnableIntegration on again for another resource", error))?;
    let missing = match settle_trusted_access(run, Some(sent)).await {
        Ok(()) => return Ok(()),
        Err(Stop::Waiting(waits)) => waits.what,
        Err(Stop::Failed(error)) => chain(&error),
        Err(Stop::Replan(why)) => why,
    };
    run.warnings.push(format!("the link that another stack declares is not whole again: {missing}"));
    Ok(())
}

async fn switch(run: &Run<'_>, on: bool) -> Result<(), AwsError> {
    let change = SettingsChange { integration: Some(on), ..SettingsChange::default() };
    run.reach.license_manager().update_service_settings(&change).await
}

async fn is_declared_elsewhere(run: &Run<'_>) -> Result<bool, Stop> {
    named_elsewhere(run.reach, run.subject).await.map_err(unrecorded)
}
