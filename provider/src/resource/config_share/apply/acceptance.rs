//! Waits until accounts have accepted.

use super::accepting::accept_pending;
use super::look::look_at_invited;
use super::replies::{Reply, because, names, warning};
use super::run::{Run, Stop};
use crate::aws::looks;
use crate::domain::Member;
use crate::resource::ApplyError;
use crate::resource::config_share::step::Acceptance;
use std::collections::BTreeSet;
use tokio::time::sleep;

/// Accepts through the role, and looks for some seconds; the queue goes on from there.
pub(super) async fn acceptance(run: &mut Run<'_>, wanted: &Acceptance) -> Result<(), Stop> {
    let end = run.short();
    let mut delays = looks();
    loop {
        let invited: Vec<Member> = still_invited(run, wanted)?.into_iter().collect();
        let accepted = match &wanted.role {
            Some(role) => accept_pending(run, &invited, role).await?,
            None => false,
        };
        let waiting = waited_for(run, wanted, invited, end.is_over());
        if waiting.is_empty() {
            return Ok(());
        }
        if end.is_over() && !accepted {
            return not_accepted(run, wanted, &waiting);
        }
        look_at_invited(run, &waiting).await?;
        let invited = still_invited(run, wanted)?;
        let delay = delays.next().unwrap_or_default();
        let is_over = end.is_over() || (end.remaining() <= delay && !is_any_refused(run, &invited));
        let waiting = waited_for(run, wanted, invited, is_over);
        if waiting.is_empty() {
            return Ok(());
        }
        if is_over {
            return not_accepted(run, wanted, &waiting);
        }
        sleep(delay.min(end.remaining())).await;
    }
}

/// Those that have still to accept.
///
/// # Errors
/// Those that were to accept and are gone: nobody can accept any more.
fn still_invited(run: &Run<'_>, wanted: &Acceptance) -> Result<BTreeSet<Member>, Stop> {
    let accounts = || wanted.accounts.iter().filter(|account| !run.left_out.contains(account));
    let is_lost = |account: &&Member| !run.seen.has(account) && !run.told.contains_key(*account);
    let lost: BTreeSet<&Member> = accounts().filter(is_lost).collect();
    if !lost.is_empty() && wanted.wait {
        let what = run.seen.no_longer_invited(lost);
        return Err(Stop::Failed(ApplyError::Failed { what, advice: String::new() }));
    }
    let invited: BTreeSet<&Member> = run.seen.invited().collect();
    Ok(accounts().filter(|account| invited.contains(account)).cloned().collect())
}

/// Those that are waited for: all, or those for which the provider itself can still do something. A role that the share's
/// stack has waited for is a moment old: that STS refuses it counts when these looks are over.
fn waited_for(
    run: &Run<'_>,
    wanted: &Acceptance,
    invited: impl IntoIterator<Item = Member>,
    is_over: bool,
) -> BTreeSet<Member> {
    let is_waited_for = |account: &Member| match run.replies.get(account) {
        Some(Reply::Accepted | Reply::Later(_)) => true,
        Some(Reply::NotLetIn(_)) => wanted.wait || !(is_over || run.tolerant),
        Some(Reply::Closed(_) | Reply::Refused(_)) | None => wanted.wait,
    };
    invited.into_iter().filter(is_waited_for).collect()
}

/// Whether a role may have been too new: the looks then end with one more try.
fn is_any_refused(run: &Run<'_>, accounts: &BTreeSet<Member>) -> bool {
    !run.tolerant
        && accounts.iter().any(|account| matches!(run.replies.get(account), Some(Reply::NotLetIn(_))))
}

const ADVICE: &str = "Let them accept the invitation in AWS RAM while the stack waits, by hand, by a \
                      Custom::LicenseConfigShareAcceptance of their own, or through AcceptanceRoleName; or set \
                      WaitForAcceptance to false";

/// A tolerant run waits for nobody. Where nobody asks that all accept, those that have not are no failure.
fn not_accepted(run: &Run<'_>, wanted: &Acceptance, waiting: &BTreeSet<Member>) -> Result<(), Stop> {
    if run.tolerant {
        return Ok(());
    }
    let accounts: Vec<Member> = waiting.iter().cloned().collect();
    let share = run.seen.share.as_ref().map(|share| share.arn.to_string()).unwrap_or_default();
    let what = format!(
        "these accounts have not accepted resource share {share}: {}{}",
        names(&accounts),
        because(run)
    );
    if wanted.wait {
        return Err(Stop::Waiting { what, advice: ADVICE, undone: true });
    }
    let warning = warning(run).unwrap_or_else(|| what.clone());
    Err(Stop::WaitingOr { what, warning })
}
