//! What License Manager took of an UpdateServiceSettings is read back: that it is kept is not documented.

use super::link::{is_over, read_settings};
use super::run::{Run, Stop, failed};
use crate::aws::looks;
use crate::domain::SettingsChange;
use crate::resource::org_link::step::told;
use std::iter;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the settings may take to show it.
const SHOWS: Duration = Duration::from_secs(20);

/// Reads the settings until they show all that this run sent. The link is seen to elsewhere: it has two halves.
pub(super) async fn read_back(run: &mut Run<'_>) -> Result<(), Stop> {
    let started = Instant::now();
    for delay in iter::once(Duration::ZERO).chain(looks()) {
        if missing(run).is_empty() {
            return Ok(());
        }
        if is_over(run, started, delay, SHOWS) {
            break;
        }
        sleep(delay).await;
        read_settings(run).await?;
    }
    let what = format!("License Manager took what was sent and does not show it: {}", told(&missing(run)));
    Err(failed(what, "See the settings in License Manager's console in this Region, then try again"))
}

fn missing(run: &Run<'_>) -> SettingsChange {
    let settings = run.seen.known().cloned().unwrap_or_default();
    run.taken.missing_in(&settings, &run.subject.home.region)
}
