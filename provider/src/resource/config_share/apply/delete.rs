//! The end of a share.

use super::recover::{Recovery, Refused, Withdraw, recover};
use super::run::{Run, Stop, stop};
use crate::aws::{ErrorKind, looks};
use crate::domain::{ShareArn, ShareStatus};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long DELETING may last before it counts as deleted.
const DELETING: Duration = Duration::from_secs(30);

/// Deletes the share. Unknown and DELETED are success, and DELETING after 30 s.
pub(super) async fn delete(run: &mut Run<'_>, share: &ShareArn, client_token: &str) -> Result<(), Stop> {
    let mut recovery = Recovery::default();
    loop {
        match run.ram.delete_share(share, client_token).await {
            Ok(()) => return gone(run, share).await,
            Err(error) if error.kind == ErrorKind::NotFound => {
                run.seen.share = None;
                return Ok(());
            }
            Err(error) if error.kind == ErrorKind::InvalidState => {
                let refused = Refused { own: &[], client_token, withdraw: Withdraw::All };
                recover(run, &mut recovery, refused, error).await?;
            }
            Err(error) => return Err(stop(format!("deleting resource share {share}"), error)),
        }
    }
}

async fn gone(run: &mut Run<'_>, share: &ShareArn) -> Result<(), Stop> {
    let started = Instant::now();
    let mut delays = looks();
    loop {
        let found = run.ram.find_share(share).await.map_err(|error| stop("looking at the share", error))?;
        let status = found.as_ref().map(|share| share.status.clone());
        run.seen.share = found;
        let delay = delays.next().unwrap_or_default();
        let over = started.elapsed() + delay > DELETING || run.until.remaining() <= delay;
        match status {
            None | Some(ShareStatus::Deleted) => return Ok(()),
            Some(_) if over => return Ok(()),
            Some(_) => sleep(delay).await,
        }
    }
}
