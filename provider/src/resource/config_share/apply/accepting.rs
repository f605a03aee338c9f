//! Accepts invitations in the accounts that received them, through a role (ram facts 3). What the provider accepted needs
//! no record: it goes with the association.

use super::replies::Reply;
use super::run::{Run, Stop};
use crate::aws::{AwsError, Deadline, ErrorKind};
use crate::domain::{Invitation, InvitationStatus, Member, ShareArn};
use crate::protocol::reason::chain;
use crate::resource::config_share::role_name::RoleName;
use crate::resource::config_share::step::Through;
use crate::resource::config_share::token::derived;
use crate::resource::{Acting, Reach, Subject};
use futures_util::future::join_all;
use std::collections::BTreeSet;

/// So many accounts at a time.
const AT_ONCE: usize = 8;

/// Tries to accept for each of `accounts` for which that may still come to something, in half of the time that is left;
/// whether any was accepted.
///
/// # Errors
/// The share is not known.
pub(super) async fn accept_pending(
    run: &mut Run<'_>,
    accounts: &[Member],
    role: &RoleName,
) -> Result<bool, Stop> {
    let share = run.share()?;
    let is_open =
        |account: &&Member| !matches!(run.replies.get(*account), Some(Reply::Accepted | Reply::Refused(_)));
    let open: Vec<Member> = accounts.iter().filter(is_open).cloned().collect();
    // However slow they are, the share is still to be looked at after them.
    let until = Deadline::after(run.reach.until.remaining() / 2);
    let reach = Reach { until, ..run.reach.clone() };
    let mut any = false;
    for accounts in open.chunks(AT_ONCE) {
        let accepting = Accepting { reach: &reach, subject: run.subject, share: &share, role };
        let replies = join_all(accounts.iter().map(|account| accepting.accept(account))).await;
        any |= replies.contains(&Reply::Accepted);
        run.replies.extend(accounts.iter().cloned().zip(replies));
    }
    Ok(any)
}

/// The same for the pending ones among the accounts that the template names.
///
/// # Errors
/// The share is not known.
pub(super) async fn accept_named(run: &mut Run<'_>, through: &Through) -> Result<bool, Stop> {
    let pending: BTreeSet<&Member> = run.seen.invited().collect();
    let named = through.accounts.iter().filter(|account| pending.contains(account));
    let named: Vec<Member> = named.cloned().collect();
    if named.is_empty() {
        return Ok(false);
    }
    accept_pending(run, &named, &through.role).await
}

struct Accepting<'a> {
    reach: &'a Reach<'a>,
    subject: &'a Subject,
    share: &'a ShareArn,
    role: &'a RoleName,
}

impl Accepting<'_> {
    async fn accept(&self, account: &Member) -> Reply {
        let acting = match self.acting(account).await {
            Ok(acting) => acting,
            Err(reply) => return reply,
        };
        match acting.ram().invitations(self.share).await {
            Ok(invitations) => self.accept_one(&acting, &invitations).await,
            Err(error) => failed(&error, &acting),
        }
    }

    async fn acting(&self, account: &Member) -> Result<Acting, Reply> {
        let id = account.id.parse().map_err(|error| Reply::Refused(chain(&error)))?;
        let role = self.role.in_account(&id, &self.subject.home);
        let role = role.map_err(|error| Reply::Refused(chain(&error)))?;
        let acting = self.reach.acting_as(self.subject, &role).await;
        acting.map_err(|error| {
            let text = format!("{}. {}", chain(&error).trim_end_matches('.'), error.advice);
            match error.is_refused() {
                true => Reply::NotLetIn(text),
                false if may_pass(&error.source) => Reply::Later(text),
                false => Reply::Refused(text),
            }
        })
    }

    async fn accept_one(&self, acting: &Acting, invitations: &[Invitation]) -> Reply {
        let pending = invitations.iter().filter(|found| found.status == InvitationStatus::Pending);
        if let Some(pending) = pending.max_by_key(|found| found.sent_at) {
            let token = derived(&self.subject.request_id, &pending.arn);
            return match acting.ram().accept_invitation(&pending.arn, &token).await {
                Ok(_) => Reply::Accepted,
                Err(error) => failed(&error, acting),
            };
        }
        match invitations.iter().max_by_key(|found| found.sent_at) {
            None => Reply::Later("no invitation is to be seen there yet".to_owned()),
            // By an earlier look, by a person or by License Manager's own role; RAM is about to associate it.
            Some(last) if last.status == InvitationStatus::Accepted => Reply::Accepted,
            Some(last) => Reply::Closed(format!("its invitation is {}", last.status.as_str())),
        }
    }
}

/// What a refusal comes to: what passes, and what has changed since it was looked at, is tried again.
fn failed(error: &AwsError, acting: &Acting) -> Reply {
    let text = chain(error);
    match error.last().kind {
        _ if may_pass(error) => Reply::Later(text),
        ErrorKind::NotFound | ErrorKind::InvalidState => Reply::Closed(text),
        ErrorKind::AccessDenied => Reply::Refused(format!(
            "{text}. The role in account {} needs ram:GetResourceShareInvitations on *, and \
             ram:AcceptResourceShareInvitation",
            acting.account()
        )),
        _ => Reply::Refused(text),
    }
}

fn may_pass(error: &AwsError) -> bool {
    use ErrorKind::{DeadlineOver, Throttled, Unavailable, Unreachable};
    matches!(error.last().kind, DeadlineOver | Throttled | Unavailable | Unreachable)
}
