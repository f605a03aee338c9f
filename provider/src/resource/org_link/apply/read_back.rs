//! What License Manager took of an UpdateServiceSettings is read back: that it is kept is not documented.

use super::link::read_settings;
use super::run::{Run, Stop, Waits, failed};
use crate::aws::looks;
use crate::resource::org_link::step::told;
use crate::resource::org_link::taken::Taken;
use std::iter;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the settings are read before the request is handed over.
const SHOWS: Duration = Duration::from_secs(20);
/// How long after it was sent the settings may take to show it.
const LATEST: Duration = Duration::from_secs(5 * 60);
const ADVICE: &str = "See the settings in License Manager's console in this Region, then try again";

/// Reads the settings until they show all that was taken; what takes longer is waited for, but not for ever. A return
/// waits for nothing.
pub(super) async fn read_back(run: &mut Run<'_>) -> Result<(), Stop> {
    let Some(unseen) = look_until_shown(run).await? else { return Ok(()) };
    let what = format!("License Manager took what was sent and does not show it: {}", told(&unseen.change));
    if run.tolerant || unseen.age(run.reach.clock.now()) >= LATEST {
        return Err(failed(what, ADVICE));
    }
    Err(Stop::Waiting(Waits { what, advice: ADVICE, undone: true }))
}

/// What is not shown after as long as there is patience. What was sent just now is read once at least.
async fn look_until_shown(run: &mut Run<'_>) -> Result<Option<Taken>, Stop> {
    let end = Instant::now() + SHOWS;
    for delay in iter::once(Duration::ZERO).chain(looks()) {
        let unseen = run.unseen();
        let left = end.saturating_duration_since(Instant::now());
        let is_over =
            left.is_zero() || (!delay.is_zero() && run.reach.patience.remaining() <= delay.min(left));
        if unseen.is_none() || is_over {
            return Ok(unseen);
        }
        sleep(delay.min(left)).await;
        read_settings(run).await?;
    }
    Ok(run.unseen())
}
