//! Looks at the members that have not settled, with as few calls as will do.

use super::run::{Run, Stop, stop};
use crate::aws::Only;
use crate::domain::{Association, AssociationStatus, Member, MemberKind, ShareArn};
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
}

impl Found {
    fn take_in(self, run: &mut Run<'_>) {
        match self {
            Self::All(kind, associations) => run.seen.replace(kind, associations),
            Self::One(member, associations) => {
                run.seen.members.remove(&member);
                run.seen.take_in(associations);
            }
        }
    }
}

async fn of_kind(
    run: &Run<'_>,
    share: &ShareArn,
    waiting: &BTreeSet<Member>,
    kind: MemberKind,
) -> Result<Option<Found>, Stop> {
    let mut waiting = waiting.iter().filter(|member| member.kind == kind);
    let Some(first) = waiting.next() else { return Ok(None) };
    let more = waiting.count();
    if more == 0 {
        return one(run, share, first).await.map(Some);
    }
    let known = run.seen.members.keys().filter(|member| member.kind == kind).count();
    if known.max(more) > PAGE && is_under_way(run, share, kind).await? {
        return Ok(None);
    }
    all(run, share, kind).await.map(Some)
}

/// Whether RAM is still at work on members of a share with more than a page of them: one call instead of many.
async fn is_under_way(run: &Run<'_>, share: &ShareArn, kind: MemberKind) -> Result<bool, Stop> {
    for status in [AssociationStatus::Associating, AssociationStatus::Disassociating] {
        let found = associations(run, share, kind, Only::Status(status)).await?;
        if found.iter().any(|association| !run.seen.is_invited(association)) {
            return Ok(true);
        }
    }
    Ok(false)
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
