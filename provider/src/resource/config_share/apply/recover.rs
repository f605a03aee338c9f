//! InvalidStateTransition: waits for what settles by itself, and withdraws invitations where only they are in the way
//! (RAM answers so while an association is ASSOCIATING, which an invited account is until it accepts).

use super::look::look_at_all;
use super::run::{Run, Stop, refused_for_now, stop};
use crate::aws::{AwsError, looks};
use crate::domain::{AssociationStatus, Member};
use crate::resource::ApplyError;
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::token::{client_token, derived};
use std::time::Duration;
use tokio::time::sleep;

/// What has been tried for one call.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    tries: usize,
    withdrawn: bool,
}

/// Looks between the tries of one call: about 30 s.
const TRIES: usize = 7;

/// What is in the way of a call.
#[derive(Debug, PartialEq, Eq)]
enum Obstacle {
    /// Something that settles by itself.
    Settles,
    /// Nothing that can be seen.
    Unseen,
    /// Invitations alone.
    Invitations(Vec<Member>),
}

fn obstacle(seen: &Observed, own: &[Member]) -> Obstacle {
    let under_way = seen.members.values().any(|association| match association.status {
        AssociationStatus::Associating => !seen.is_invited(association),
        AssociationStatus::Disassociating => true,
        _ => false,
    });
    let invited: Vec<Member> = seen.invited().filter(|member| !own.contains(member)).cloned().collect();
    match (under_way, invited.is_empty()) {
        (true, _) => Obstacle::Settles,
        (false, true) => Obstacle::Unseen,
        (false, false) => Obstacle::Invitations(invited),
    }
}

/// Whose invitations may be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Withdraw {
    /// Those that this resource sends again.
    Ours,
    /// All: the share goes.
    All,
}

/// Returns when the call, which removes `own`, is worth another try.
///
/// # Errors
/// RAM's refusal `error`, once everything has been tried; the accounts that could not be withdrawn are named.
pub(super) async fn recover(
    run: &mut Run<'_>,
    recovery: &mut Recovery,
    own: &[Member],
    withdraw: Withdraw,
    error: AwsError,
) -> Result<(), Stop> {
    let delay = looks().nth(recovery.tries).unwrap_or(Duration::from_secs(8));
    if recovery.tries >= TRIES || run.until.remaining() <= delay {
        return Err(refused(run, own, error));
    }
    recovery.tries += 1;
    look_at_all(run).await?;
    match obstacle(run.seen, own) {
        Obstacle::Invitations(accounts) if !recovery.withdrawn && may_withdraw(run, withdraw, &accounts) => {
            recovery.withdrawn = true;
            withdraw_invitations(run, &accounts).await
        }
        _ if run.patience.remaining() <= delay => Err(refused(run, own, error)),
        Obstacle::Settles | Obstacle::Unseen | Obstacle::Invitations(_) => {
            sleep(delay).await;
            Ok(())
        }
    }
}

/// One invitation that must stay makes withdrawing the others useless.
fn may_withdraw(run: &Run<'_>, withdraw: Withdraw, accounts: &[Member]) -> bool {
    withdraw == Withdraw::All || accounts.iter().all(|account| run.ours.contains(account))
}

fn refused(run: &Run<'_>, own: &[Member], error: AwsError) -> Stop {
    match obstacle(run.seen, own) {
        Obstacle::Settles => refused_for_now("changing the share", &error),
        Obstacle::Unseen => stop("changing the share", error),
        Obstacle::Invitations(accounts) => Stop::Failed(still_invited(&accounts, &error)),
    }
}

fn still_invited(accounts: &[Member], error: &AwsError) -> ApplyError {
    let names = accounts.iter().map(|member| member.id.as_str()).collect::<Vec<_>>().join(", ");
    ApplyError::Failed {
        what: format!("{error}, while these accounts have still to accept: {names}"),
        advice: "Let them accept, or take them out of the share".to_owned(),
    }
}

/// Takes the invitations of `accounts` back; they are invited again by the plan that follows. RAM's refusal is not the
/// end: the call is tried again all the same.
async fn withdraw_invitations(run: &mut Run<'_>, accounts: &[Member]) -> Result<(), Stop> {
    let share = run.share()?;
    let token = derived(&client_token(share.id(), "withdraw", accounts, run.seen), "withdraw");
    if let Ok(associations) = run.ram.disassociate(&share, accounts, &token).await {
        run.changed = true;
        run.seen.take_in(associations);
        run.withdrawn.extend(accounts.iter().cloned());
    }
    Ok(())
}
