//! Waits for room for more invitations.

use super::accepting::accept_named;
use super::invite;
use super::look::look_at_invited;
use super::replies::{because, names};
use super::run::{Run, Stop};
use crate::aws::looks;
use crate::domain::Member;
use crate::resource::config_share::plan::invitations::QUOTA;
use crate::resource::config_share::step::Later;
use std::time::Duration;
use tokio::time::sleep;

/// What must be left of the work's time for another plan to be worth while.
const ANOTHER: Duration = Duration::from_secs(3);

/// Ends in another plan as soon as there is room. What was associated without an invitation takes none. A tolerant run
/// leaves the accounts out: it waits for nobody.
pub(super) async fn room(run: &mut Run<'_>, later: &Later) -> Result<(), Stop> {
    if run.tolerant {
        let names = names(&later.accounts);
        run.warnings.push(format!(
            "not invited, for {QUOTA} invitations are pending: {names}. Change Revision later"
        ));
        run.left_out.extend(later.accounts.iter().cloned());
        return Ok(());
    }
    let end = run.short();
    let mut delays = looks();
    loop {
        invite::check(run, true)?;
        let pending: Vec<Member> = run.seen.invited().cloned().collect();
        let accepted = match &later.through {
            Some(through) => accept_named(run, through).await?,
            None => false,
        };
        let is_worth_a_look = accepted || run.changed;
        if (run.created || pending.len() < QUOTA) && run.until.remaining() > ANOTHER {
            return Err(Stop::Progress);
        }
        if pending.len() < QUOTA || (end.is_over() && !is_worth_a_look) {
            return Err(no_room(run, &later.accounts, None, true));
        }
        look_at_invited(run, &pending.into_iter().collect()).await?;
        let delay = delays.next().unwrap_or_default();
        if run.seen.invited().count() >= QUOTA && end.remaining() <= delay {
            return Err(no_room(run, &later.accounts, None, true));
        }
        if run.seen.invited().count() >= QUOTA {
            sleep(delay).await;
        }
    }
}

const ADVICE: &str = "Invitations of all resource shares of this account and Region count. Let accounts accept in AWS \
                      RAM, or through AcceptanceRoleName, or withdraw invitations that nobody accepts; then try again";

/// There is no room for `accounts`; `words` are RAM's own, where it refused them.
pub(super) fn no_room(run: &Run<'_>, accounts: &[Member], words: Option<&str>, undone: bool) -> Stop {
    let pending: Vec<Member> = run.seen.invited().cloned().collect();
    let not_accepted = match pending.as_slice() {
        [] => String::new(),
        some => format!("; not accepted by {}", names(some)),
    };
    let uninvited: Vec<Member> = run.uninvited.iter().cloned().collect();
    let accounts = if uninvited.is_empty() { accounts } else { &uninvited };
    let words = words.map(|words| format!(" ({})", words.trim_end_matches('.'))).unwrap_or_default();
    let what = format!(
        "AWS RAM allows an account {QUOTA} pending invitations{words}: not invited yet: {}{not_accepted}{}",
        names(accounts),
        because(run)
    );
    Stop::Waiting { what, advice: ADVICE, undone }
}
