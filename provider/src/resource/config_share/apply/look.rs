//! Looks at the members that have not settled, with as few calls as will do.

use super::run::{Run, Stop, stop};
use crate::aws::Only;
use crate::domain::{Association, AssociationStatus, Member, MemberKind, ShareArn};
use crate::resource::config_share::observed::Observed;
use futures_util::future::try_join;
use std::collections::BTreeSet;

/// RAM answers up to 500 associations a page.
const PAGE: usize = 500;

/// Looks once at the members of `waiting`, both kinds side by side.
pub(super) async fn look(run: &mut Run<'_>, waiting: &BTreeSet<Member>) -> Result<(), Stop> {
    let share = run.share()?;
    let (resources, principals) = try_join(
        of_kind(run, &share, waiting, MemberKind::Resource),
        of_kind(run, &share, waiting, MemberKind::Principal),
    )
    .await?;
    resources.into_iter().chain(principals).for_each(|found| found.take_in(run));
    Ok(())
}

/// Looks once at accounts that are invited. On a share with many members, only at what is ASSOCIATING while they all are.
pub(super) async fn look_at_invited(run: &mut Run<'_>, invited: &BTreeSet<Member>) -> Result<(), Stop> {
    let principals = run.seen.members.keys().filter(|member| member.kind == MemberKind::Principal).count();
    if principals > PAGE && invited.len() > 1 {
        let share = run.share()?;
        let only = Only::Status(AssociationStatus::Associating);
        let found = associations(run, &share, MemberKind::Principal, only).await?;
        if invited.iter().all(|account| found.iter().any(|association| association.member == *account)) {
            Found::Some(found).take_in(run);
            return Ok(());
        }
    }
    look(run, invited).await
}

/// Looks at all members.
pub(super) async fn look_at_all(run: &mut Run<'_>) -> Result<(), Stop> {
    let share = run.share()?;
    let (resources, principals) =
        try_join(all(run, &share, MemberKind::Resource), all(run, &share, MemberKind::Principal)).await?;
    resources.take_in(run);
    principals.take_in(run);
    Ok(())
}

/// What one read found.
enum Found {
    All(MemberKind, Vec<Association>),
    One(Member, Vec<Association>),
    Some(Vec<Association>),
}

impl Found {
    fn take_in(self, run: &mut Run<'_>) {
        let (Self::All(_, found) | Self::One(_, found) | Self::Some(found)) = &self;
        for association in found.iter().filter(|association| association.status.is_present()) {
            run.told.remove(&association.member);
        }
        match self {
            Self::All(kind, associations) => run.seen.replace(kind, associations),
            Self::One(member, associations) => {
                run.seen.members.remove(&member);
                run.seen.take_in(associations);
            }
            Self::Some(associations) => run.seen.take_in(associations),
        }
    }
}

/// One call while all of the kind fit on a page, or while RAM is still at work on what is waited for; more only where
/// it no longer is, so that a share with many members is read whole once and not at each look.
async fn of_kind(
    run: &Run<'_>,
    share: &ShareArn,
    waiting: &BTreeSet<Member>,
    kind: MemberKind,
) -> Result<Option<Found>, Stop> {
    let of_kind: Vec<&Member> = waiting.iter().filter(|member| member.kind == kind).collect();
    match of_kind.as_slice() {
        [] => return Ok(None),
        [only] => return one(run, share, only).await.map(Some),
        _ => {}
    }
    let known = run.seen.members.keys().filter(|member| member.kind == kind).count();
    if known.max(of_kind.len()) > PAGE
        && let Some(found) = under_way(run, share, waiting, &of_kind).await?
    {
        return Ok(Some(Found::Some(found)));
    }
    all(run, share, kind).await.map(Some)
}

/// Some of what is waited for, where RAM is still at work on it.
async fn under_way(
    run: &Run<'_>,
    share: &ShareArn,
    waiting: &BTreeSet<Member>,
    of_kind: &[&Member],
) -> Result<Option<Vec<Association>>, Stop> {
    let seen = &*run.seen;
    let is_waited_for = |found: &Association| waiting.contains(&found.member) && !seen.is_invited(found);
    for status in of_kind.iter().map(|member| passing(seen, member)).collect::<BTreeSet<_>>() {
        let (Some(status), Some(first)) = (status, of_kind.first()) else { return Ok(None) };
        let only = Only::Status(status);
        let found = run.ram.associations_until(share, first.kind, only, is_waited_for).await;
        let found = found.map_err(|error| stop("looking at the members", error))?;
        if found.iter().any(is_waited_for) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The status in which a member is waited for, where it is one that passes: what RAM has not shown yet is on its way in.
fn passing(seen: &Observed, member: &Member) -> Option<AssociationStatus> {
    let Some(association) = seen.members.get(member) else { return Some(AssociationStatus::Associating) };
    match association.status {
        AssociationStatus::Associating
        | AssociationStatus::Disassociating
        | AssociationStatus::Suspending
        | AssociationStatus::Restoring => Some(association.status.clone()),
        AssociationStatus::Associated
        | AssociationStatus::Failed
        | AssociationStatus::Disassociated
        | AssociationStatus::Suspended
        | AssociationStatus::Unknown(_) => None,
    }
}

async fn one(run: &Run<'_>, share: &ShareArn, member: &Member) -> Result<Found, Stop> {
    let found = associations(run, share, member.kind, Only::Member(&member.id)).await?;
    Ok(Found::One(member.clone(), found))
}

async fn all(run: &Run<'_>, share: &ShareArn, kind: MemberKind) -> Result<Found, Stop> {
    Ok(Found::All(kind, associations(run, share, kind, Only::All).await?))
}

async fn associations(
    run: &Run<'_>,
    share: &ShareArn,
    kind: MemberKind,
    only: Only<'_>,
) -> Result<Vec<Association>, Stop> {
    run.ram.associations(share, kind, only).await.map_err(|error| stop("looking at the members", error))
}
