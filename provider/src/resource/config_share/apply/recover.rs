//! InvalidStateTransition: waits for what settles by itself, and withdraws invitations where only they are in the way
//! (RAM answers so while an association is ASSOCIATING, which an invited account is until it accepts).

use super::look::look_at_all;
use super::run::{Run, Stop, refused_for_now, stop};
use crate::aws::{AwsError, looks};
use crate::domain::{AssociationStatus, Member};
use crate::resource::ApplyError;
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::token::derived;
use std::time::Duration;
use tokio::time::sleep;

/// What has been tried for one call.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    tries: usize,
    withdrawals: usize,
}

/// Looks between the tries of one call: about 30 s.
const TRIES: usize = 7;
/// How often invitations are withdrawn for one call: RAM answers a token that an earlier delivery has used and does
/// nothing, which the next look shows.
const WITHDRAWALS: usize = 3;

/// The call that RAM refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused<'a> {
    /// The members that it removes.
    pub own: &'a [Member],
    /// Its token: those of the withdrawals come of it.
    pub client_token: &'a str,
    /// Whose invitations may be withdrawn for it.
    pub withdraw: Withdraw,
}

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

/// Returns when the `refused` call is worth another try.
///
/// # Errors
/// RAM's refusal `error`, once everything has been tried; the accounts that could not be withdrawn are named.
pub(super) async fn recover(
    run: &mut Run<'_>,
    recovery: &mut Recovery,
    refused: Refused<'_>,
    error: AwsError,
) -> Result<(), Stop> {
    let delay = looks().nth(recovery.tries).unwrap_or(Duration::from_secs(8));
    if recovery.tries >= TRIES || run.until.remaining() <= delay {
        return Err(given_up(run, refused.own, error));
    }
    recovery.tries += 1;
    look_at_all(run).await?;
    match obstacle(run.seen, refused.own) {
        Obstacle::Invitations(accounts)
            if recovery.withdrawals < WITHDRAWALS && may_withdraw(run, refused.withdraw, &accounts) =>
        {
            recovery.withdrawals += 1;
            let token = derived(refused.client_token, &format!("withdraw {}", recovery.withdrawals));
            withdraw_invitations(run, &accounts, &token).await
        }
        _ if run.patience.remaining() <= delay => Err(given_up(run, refused.own, error)),
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

fn given_up(run: &Run<'_>, own: &[Member], error: AwsError) -> Stop {
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
async fn withdraw_invitations(run: &mut Run<'_>, accounts: &[Member], token: &str) -> Result<(), Stop> {
    let share = run.share()?;
    if let Ok(associations) = run.ram.disassociate(&share, accounts, token).await {
        run.changed = true;
        run.seen.take_in(associations);
        run.withdrawn.extend(accounts.iter().cloned());
    }
    Ok(())
}
