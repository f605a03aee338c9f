//! RAM sharing with the organization, and License Manager's own share.

use super::link::read_settings;
use super::roles;
use super::run::{Run, Stop, Waits, failed, stop};
use crate::aws::looks;
use crate::domain::{ShareArn, ShareStatus};
use crate::resource::org_link::step::RAM_SHARES;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep};

/// How long the share is waited for before the request is handed over.
const SHARE: Duration = Duration::from_secs(20);
/// How long one is looked for that should have been there long ago, before the request is handed over or goes on.
const STRAY: Duration = Duration::from_secs(8);
const GONE: &str = "the organization is linked, and License Manager has no resource share of its own";
/// What makes it anew is not documented (license-manager facts 1.4): sending true again is the nearest to it.
const REMEDY: &str = "It may have been deleted by hand: send EnableIntegration=true again (aws license-manager \
                      update-service-settings --organization-configuration EnableIntegration=true), which may make it \
                      anew, or set WaitForResourceShare to false and share with Custom::LicenseConfigShare and a Name";

/// Switches sharing with the organization on through RAM: through Organizations it would lack RAM's role.
pub(super) async fn enable_ram_sharing(run: &mut Run<'_>) -> Result<(), Stop> {
    let enabled = run.reach.ram().enable_sharing_with_organization().await;
    enabled.map_err(|error| stop("enabling sharing with the organization", error))?;
    run.irreversible.push(RAM_SHARES);
    run.seen.ram_role = Some(true);
    run.seen.ram_enabled_at = Some(run.reach.clock.now());
    Ok(())
}

/// Looks for License Manager's own share for a while; it takes about two minutes, and the request waits for it then.
pub(super) async fn await_share(run: &mut Run<'_>) -> Result<(), Stop> {
    if appears(run, SHARE).await? {
        return Ok(());
    }
    Err(Stop::Waiting(Waits {
        what: format!("License Manager has not made its own resource share{}", roles::missing(run).await),
        advice: "License Manager makes it within minutes of the link: try again, or set WaitForResourceShare to false",
        undone: false,
    }))
}

/// Looks for a share that should be there, or may be on its way: the request waits for it `until` then. Where none
/// comes, the one that was answered before is named, with a warning; without one before, what the template waits for
/// cannot be had. A return waits for nothing.
pub(super) async fn look_for_share(
    run: &mut Run<'_>,
    before: Option<&str>,
    until: SystemTime,
) -> Result<(), Stop> {
    if appears(run, STRAY).await? {
        return Ok(());
    }
    if !run.tolerant && run.reach.clock.now() < until {
        return Err(Stop::Waiting(Waits { what: GONE.to_owned(), advice: REMEDY, undone: true }));
    }
    let Some(before) = before else { return Err(failed(GONE, REMEDY)) };
    run.warnings.push(format!("{GONE}; ResourceShareArn is the last one that it had, {before}. {REMEDY}"));
    Ok(())
}

/// Whether the settings name License Manager's own share within this time.
async fn appears(run: &mut Run<'_>, most: Duration) -> Result<bool, Stop> {
    let started = Instant::now();
    for delay in looks() {
        if run.seen.known().is_some_and(|settings| settings.resource_share.is_some()) {
            return Ok(true);
        }
        if started.elapsed() + delay > most || run.reach.patience.remaining() <= delay {
            break;
        }
        sleep(delay).await;
        read_settings(run).await?;
    }
    Ok(false)
}

/// Warns of a share that the settings name and RAM does not have. It serves a warning only: where RAM cannot be asked,
/// the log says so.
pub(super) async fn check_share(run: &mut Run<'_>, arn: &ShareArn) -> Result<(), Stop> {
    let is = match run.reach.ram().find_share(arn).await {
        Ok(Some(share)) if share.status == ShareStatus::Active => return Ok(()),
        Ok(Some(share)) => share.status.as_str().to_owned(),
        Ok(None) => "unknown".to_owned(),
        Err(error) => {
            tracing::warn!(%error, share = arn.as_str(), "the share was not looked at in RAM");
            return Ok(());
        }
    };
    let what = format!("License Manager's settings name its resource share {arn}, which is {is} in AWS RAM");
    run.warnings.push(format!("{what}. {REMEDY}"));
    Ok(())
}
