//! The link itself: the role it needs, the settings, trusted access.

use super::roles;
use super::run::{Run, Stop, Waits, stop, unrecorded};
use crate::aws::{AwsError, ErrorKind, looks};
use crate::domain::SettingsChange;
use crate::record::RecordKey;
use crate::resource::org_link::claim::{claim, take_over};
use crate::resource::org_link::observed::Settings;
use crate::resource::org_link::physical_id;
use crate::resource::org_link::step::{LINKED, Step};
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep};

/// The service whose core role every call needs.
const SERVICE: &str = "license-manager.amazonaws.com";
/// IAM takes its time to spread a role (license-manager facts 1.5).
const ROLE: Duration = Duration::from_secs(60);
/// How long EnableIntegration=true may take to bring trusted access about before it is enabled directly.
const TRUST: Duration = Duration::from_secs(60);
/// How long trusted access that was enabled is waited for before the request is handed over.
const SHOWS: Duration = Duration::from_secs(10);
const TRUST_ADVICE: &str = "Look under Services in the AWS Organizations console, then try again";
const NOT_SHOWN: &str = "License Manager took EnableIntegration=true and does not say yet that it is on";
const SENT_ADVICE: &str = "EnableIntegration=true was sent and may take effect yet: see the settings in License Manager's \
                           console in this Region, then try again";
/// How long another resource that switches the same link on is waited for: as long as it may wait for trusted access
/// itself and enable it, and its calls.
const OTHERS: Duration = Duration::from_secs(60 + 10 + 20);

/// Creates License Manager's core role and waits until License Manager sees it. Its settings are known then, and the plan
/// can be made.
pub(super) async fn create_service_role(run: &mut Run<'_>) -> Result<(), Stop> {
    let created = run.reach.iam().create_service_linked_role(SERVICE).await;
    created.map_err(|error| stop("creating License Manager's service-linked role", error))?;
    run.irreversible.extend(Step::CreateServiceRole.irreversible(false));
    if let Err(unread) = read_settings(run).await {
        return Err(roles::explained(run, unread).await);
    }
    run.seen.holds_still = true;
    Err(Stop::Replan("License Manager's service-linked role has been made".to_owned()))
}

/// Calls License Manager, again while it does not see its role: IAM spreads a role unevenly, and one call that sees it
/// is no proof that the next one does. No step comes here without the role there, or just made.
async fn despite_spreading<T, F>(run: &Run<'_>, call: impl Fn() -> F) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    let started = Instant::now();
    for delay in looks() {
        match call().await {
            Err(error)
                if error.kind == ErrorKind::ServiceRoleMissing && !is_over(run, started, delay, ROLE) =>
            {
                sleep(delay).await;
            }
            other => return other,
        }
    }
    call().await
}

fn is_over(run: &Run<'_>, started: Instant, delay: Duration, most: Duration) -> bool {
    started.elapsed() + delay > most || run.reach.patience.remaining() <= delay
}

fn reading(error: AwsError) -> Stop {
    stop("reading License Manager's settings", error)
}

/// Two stacks that declare the link at once are one too many to write: the one that claims the link first does, the
/// other waits until it has. One that finds the claim with somebody who is not at work looks once more, and goes.
pub(super) async fn let_others_first(run: &mut Run<'_>) -> Result<(), Stop> {
    let (started, own, id) = (Instant::now(), run.own(), physical_id::of(&run.subject.home));
    let (records, planned_for) = (run.reach.records, run.seen.settings.clone());
    for delay in looks() {
        let holder = claim(records, &id, &own).await.map_err(unrecorded)?;
        if holder == own {
            return Ok(());
        }
        let waits = is_at_work(run, &holder).await? && !is_over(run, started, delay, OTHERS);
        read_link(run).await?;
        if run.seen.is_linked() || (!waits && run.seen.settings != planned_for) {
            return Err(Stop::Replan("another resource has switched the link on".to_owned()));
        }
        if waits {
            sleep(delay).await;
        } else if take_over(records, &id, &own, &holder).await.map_err(unrecorded)? == own {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the holder of the claim has begun a request and not answered it.
async fn is_at_work(run: &Run<'_>, holder: &RecordKey) -> Result<bool, Stop> {
    let record = run.reach.records.get(holder).await.map_err(unrecorded)?;
    Ok(record.is_some_and(|record| record.answer.is_none() && !record.ended))
}

/// Sends what changes. A tolerant run that is refused sends it member by member: one that can no longer be had does not
/// cost the others.
pub(super) async fn update(run: &mut Run<'_>, change: &SettingsChange) -> Result<(), Stop> {
    let Err(error) = send(run, change).await else { return Ok(()) };
    let each = change.one_by_one();
    let whole = stop("updating License Manager's settings", error);
    if !run.goes_on_without(&whole) || each.len() < 2 {
        return Err(whole);
    }
    for one in &each {
        let sent = send(run, one).await.map_err(|error| stop("updating License Manager's settings", error));
        if let Err(Stop::Failed(error)) = sent {
            run.stopped(&Step::UpdateSettings(one.clone()), error).map_err(Stop::Failed)?;
        }
    }
    Ok(())
}

async fn send(run: &mut Run<'_>, change: &SettingsChange) -> Result<(), AwsError> {
    let was_linked = run.seen.known().is_some_and(|settings| settings.integration);
    if change.integration == Some(true) {
        run.sent_true = Some(run.reach.clock.now());
    }
    let manager = run.reach.license_manager();
    despite_spreading(run, || manager.update_service_settings(change)).await?;
    run.takes(change);
    run.irreversible.extend(Step::UpdateSettings(change.clone()).irreversible(was_linked));
    Ok(())
}

/// Reads the settings.
pub(super) async fn read_settings(run: &mut Run<'_>) -> Result<(), Stop> {
    let manager = run.reach.license_manager();
    let settings = despite_spreading(run, || manager.service_settings()).await.map_err(reading)?;
    run.seen.settings = Some(Settings::Known(settings));
    Ok(())
}

async fn read_link(run: &mut Run<'_>) -> Result<(), Stop> {
    let (manager, organizations) = (run.reach.license_manager(), run.reach.organizations());
    let settings = despite_spreading(run, || manager.service_settings());
    let (settings, trusted) = futures_util::future::join(settings, organizations.trusted_services()).await;
    run.seen.settings = Some(Settings::Known(settings.map_err(reading)?));
    run.seen.trusted = Some(trusted.map_err(|error| stop("reading trusted access", error))?);
    Ok(())
}

/// Looks until both halves of the link are there; 60 s after true was sent the missing half is enabled directly. Where
/// nobody knows when that was, it was long ago.
pub(super) async fn settle_trusted_access(run: &mut Run<'_>, since: Option<SystemTime>) -> Result<(), Stop> {
    let sent = since.or(run.sent_true);
    if look_until_linked(run, until_repair(run, sent)).await? {
        return Ok(());
    }
    if until_repair(run, sent).is_zero() {
        return enable_trusted_access(run).await;
    }
    Err(not_linked(run, true).await)
}

/// How long trusted access is left to License Manager yet.
fn until_repair(run: &Run<'_>, sent: Option<SystemTime>) -> Duration {
    let waited = sent.map(|sent| run.reach.clock.now().duration_since(sent).unwrap_or_default());
    TRUST.saturating_sub(waited.unwrap_or(TRUST))
}

/// Enables trusted access for what has none, and waits until it shows.
async fn enable_trusted_access(run: &mut Run<'_>) -> Result<(), Stop> {
    for principal in run.seen.untrusted() {
        let enabled = run.reach.organizations().enable_trusted_access(principal).await;
        enabled.map_err(|error| stop(format!("enabling trusted access of {principal}"), error))?;
    }
    await_link(run, SHOWS).await
}

/// Looks until both halves of the link are there, for so long; then the request waits.
pub(super) async fn await_link(run: &mut Run<'_>, most: Duration) -> Result<(), Stop> {
    if look_until_linked(run, most).await? { Ok(()) } else { Err(not_linked(run, false).await) }
}

/// Whether both halves of the link are there within this time. The last look comes at its end, where patience lasts.
async fn look_until_linked(run: &mut Run<'_>, most: Duration) -> Result<bool, Stop> {
    let end = Instant::now() + most;
    for delay in looks() {
        read_link(run).await?;
        if run.seen.is_linked() {
            return Ok(true);
        }
        let left = end.saturating_duration_since(Instant::now());
        let delay = delay.min(left);
        if left.is_zero() || run.reach.patience.remaining() <= delay {
            break;
        }
        sleep(delay).await;
    }
    Ok(false)
}

/// What is missing of the link. Where the settings do not say that it is on, nor does the Reason.
async fn not_linked(run: &mut Run<'_>, undone: bool) -> Stop {
    let on = run.seen.known().is_some_and(|settings| settings.integration);
    let (what, advice) = if on {
        let untrusted = run.seen.untrusted().join(" and ");
        (format!("no trusted access in AWS Organizations is there yet for {untrusted}"), TRUST_ADVICE)
    } else {
        run.irreversible.retain(|done| *done != LINKED);
        (NOT_SHOWN.to_owned(), SENT_ADVICE)
    };
    Stop::Waiting(Waits { what: what + &roles::missing(run).await, advice, undone })
}
