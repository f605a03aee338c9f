//! RAM sharing with the organization, and License Manager's own share.

use super::link::read_settings;
use super::run::{Run, Stop, failed, stop};
use crate::aws::looks;
use crate::domain::TrustedService;
use crate::resource::org_link::observed::RAM_PRINCIPAL;
use tokio::time::{Instant, sleep};

/// Switches sharing with the organization on through RAM: through Organizations it would lack RAM's role.
pub(super) async fn enable_ram_sharing(run: &mut Run<'_>) -> Result<(), Stop> {
    let enabled = run.reach.ram().enable_sharing_with_organization().await;
    enabled.map_err(|error| stop("enabling sharing with the organization", error))?;
    run.irreversible.push("sharing with the organization in AWS RAM is on");
    run.seen.ram_role = Some(true);
    let trust = TrustedService { principal: RAM_PRINCIPAL.to_owned(), enabled_at: Some(run.subject.now) };
    let trusted = run.seen.trusted.get_or_insert_default();
    trusted.retain(|service| service.principal != RAM_PRINCIPAL);
    trusted.push(trust);
    Ok(())
}

/// Waits until License Manager has made its own share, which takes about two minutes.
pub(super) async fn await_share(run: &mut Run<'_>) -> Result<(), Stop> {
    let started = Instant::now();
    for delay in looks() {
        if run.seen.known().is_some_and(|settings| settings.resource_share.is_some()) {
            return Ok(());
        }
        if run.reach.until.remaining() <= delay {
            return Err(not_there(started));
        }
        sleep(delay).await;
        read_settings(run).await?;
    }
    Ok(())
}

fn not_there(started: Instant) -> Stop {
    failed(
        format!(
            "License Manager's own resource share is not there after {} s, and License Manager makes it within minutes",
            started.elapsed().as_secs()
        ),
        "Try again, or set WaitForResourceShare to false",
    )
}
