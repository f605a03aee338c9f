//! Accounts that may have to be invited, as far as RAM's quota of pending invitations lets them come.
//!
//! What RAM says when the quota is exceeded is UNCONFIRMED (ram facts 1.10): the call fails with
//! ResourceShareLimitExceededException, or associations are FAILED with words about a limit. Both are waited out.

use super::accepting::accept_named;
use super::members::{associate, associated, not_added};
use super::room::no_room;
use super::run::{Run, Stop};
use crate::aws::ErrorKind;
use crate::domain::{Association, AssociationStatus, Member};
use crate::resource::config_share::step::Invite;
use crate::resource::config_share::token::derived;

/// Associates the accounts, all in one call, and one by one where RAM refuses that or has refused it before.
pub(super) async fn invite(run: &mut Run<'_>, invite: &Invite) -> Result<(), Stop> {
    let (accounts, token) = (&invite.change.members, &invite.change.client_token);
    if run.tolerant {
        return associate(run, accounts, token).await;
    }
    run.tries = invite.one_by_one.unwrap_or_default();
    let result = match invite.one_by_one {
        Some(_) => one_by_one(run, accounts, token).await,
        None => all(run, accounts, token).await,
    };
    if let (Err(Stop::Waiting { .. }), Some(through)) = (&result, &invite.through) {
        // Room for the next look.
        accept_named(run, through).await?;
    }
    result
}

async fn all(run: &mut Run<'_>, accounts: &[Member], token: &str) -> Result<(), Stop> {
    match associated(run, accounts, token).await {
        Ok(()) => check(run, false),
        Err(error) if error.kind == ErrorKind::LimitExceeded => one_by_one(run, accounts, token).await,
        Err(error) => Err(not_added(accounts, error)),
    }
}

/// Associates one after the other until RAM refuses.
pub(super) async fn one_by_one(run: &mut Run<'_>, accounts: &[Member], token: &str) -> Result<(), Stop> {
    let mut left = accounts;
    while let [account, rest @ ..] = left {
        let one = std::slice::from_ref(account);
        match associated(run, one, &derived(token, &account.id)).await {
            Ok(()) => {
                run.uninvited.extend(rest.iter().cloned());
                check(run, false)?;
                run.uninvited.clear();
            }
            Err(error) if error.kind == ErrorKind::LimitExceeded => {
                run.uninvited.extend(left.iter().cloned());
                return Err(no_room(run, left, Some(&error.to_string()), false));
            }
            Err(error) => return Err(not_added(one, error)),
        }
        left = rest;
    }
    Ok(())
}

/// Stops the run where RAM let associations fail for want of room: they are made again when there is some. `undone`:
/// the step that is being done is not.
pub(super) fn check(run: &mut Run<'_>, undone: bool) -> Result<(), Stop> {
    let is_new = |member: &Member| run.created || run.told.contains_key(member);
    let members = run.seen.members.values().filter(|association| is_new(&association.member));
    let failed: Vec<&Association> = members.filter(|association| is_for_room(run, association)).collect();
    let Some(words) = failed.first().and_then(|association| association.message.clone()) else {
        return Ok(());
    };
    let accounts: Vec<Member> = failed.into_iter().map(|association| association.member.clone()).collect();
    run.uninvited.extend(accounts.iter().cloned());
    Err(no_room(run, &accounts, Some(&words), undone))
}

/// Words that a quota is told in.
const LIMIT: [&str; 3] = ["limit", "quota", "exceed"];

fn is_for_room(run: &Run<'_>, association: &Association) -> bool {
    let words = association.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    !run.tolerant
        && association.status == AssociationStatus::Failed
        && association.member.is_account()
        && (association.external || run.seen.share.as_ref().is_some_and(|share| share.retain_sharing))
        && LIMIT.iter().any(|word| words.contains(word))
}
