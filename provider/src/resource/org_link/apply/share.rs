//! RAM sharing with the organization, and License Manager's own share.

use super::link::read_settings;
use super::run::{Run, Stop, Waits, stop};
use crate::aws::looks;
use crate::domain::TrustedService;
use crate::resource::org_link::observed::RAM_PRINCIPAL;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the share is waited for before the request is handed over.
const SHARE: Duration = Duration::from_secs(20);

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

/// Looks for License Manager's own share for a while; it takes about two minutes, and the request waits for it then.
pub(super) async fn await_share(run: &mut Run<'_>) -> Result<(), Stop> {
    let started = Instant::now();
    for delay in looks() {
        if run.seen.known().is_some_and(|settings| settings.resource_share.is_some()) {
            return Ok(());
        }
        if started.elapsed() + delay > SHARE || run.reach.patience.remaining() <= delay {
            break;
        }
        sleep(delay).await;
        read_settings(run).await?;
    }
    Err(Stop::Waiting(Waits {
        what: "License Manager has not made its own resource share".to_owned(),
        advice: "It makes it within minutes of the link: try again, or set WaitForResourceShare to false",
        undone: false,
    }))
}
