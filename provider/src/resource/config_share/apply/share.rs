//! The share itself: create, configure, tag.

use super::invite;
use super::members::{associate, is_refusal};
use super::run::{ADVICE, Run, Stop, stop};
use crate::aws::{AwsError, ErrorKind, NewShare, looks};
use crate::domain::{Member, MemberKind, Share, ShareArn, ShareStatus};
use crate::resource::ApplyError;
use crate::resource::config_share::step::{Configuration, Creation};
use crate::resource::config_share::token::derived;
use std::collections::BTreeMap;
use tokio::time::sleep;

/// Creates the share and waits until it is ACTIVE. In a tolerant run, a share that RAM refuses with its members is
/// created without them, and they are added one by one as far as RAM takes them.
pub(super) async fn create(run: &mut Run<'_>, creation: &Creation) -> Result<(), Stop> {
    let doing = || match creation.members.len() {
        1 => "creating the share with 1 member".to_owned(),
        count => format!("creating the share with {count} members"),
    };
    match run.ram.create_share(&new_share(creation, &creation.members, creation.client_token.clone())).await {
        Ok(share) => created(run, share).await,
        Err(error) if run.tolerant && is_about_members(&error, creation) => {
            let bare = new_share(creation, &[], derived(&creation.client_token, "bare"));
            let share = run.ram.create_share(&bare).await.map_err(|error| stop(doing(), error))?;
            created(run, share).await?;
            associate(run, &creation.members, &derived(&creation.client_token, "members")).await
        }
        Err(error) if may_be_about_invitations(&error, creation) => uninvited(run, creation).await,
        Err(error) => Err(stop(doing(), error)),
    }
}

fn may_be_about_invitations(error: &AwsError, creation: &Creation) -> bool {
    let invites = creation.allow_external_principals && creation.members.iter().any(Member::is_account);
    error.kind == ErrorKind::LimitExceeded && invites
}

/// Creates the share without the accounts that RAM may have refused for pending invitations of other shares; then they
/// are invited one by one.
async fn uninvited(run: &mut Run<'_>, creation: &Creation) -> Result<(), Stop> {
    let (accounts, others): (Vec<Member>, Vec<Member>) =
        creation.members.iter().cloned().partition(Member::is_account);
    let new = new_share(creation, &others, derived(&creation.client_token, "uninvited"));
    let share = run.ram.create_share(&new).await;
    let share =
        share.map_err(|error| stop(format!("creating the share with {} members", others.len()), error))?;
    created(run, share).await?;
    invite::one_by_one(run, &accounts, &creation.client_token).await
}

fn is_about_members(error: &AwsError, creation: &Creation) -> bool {
    !creation.members.is_empty() && is_refusal(error)
}

fn new_share(creation: &Creation, members: &[Member], client_token: String) -> NewShare {
    NewShare {
        name: creation.name.clone(),
        allow_external_principals: creation.allow_external_principals,
        retain_sharing: creation.retain_sharing,
        resources: ids(members, MemberKind::Resource),
        principals: ids(members, MemberKind::Principal),
        tags: creation.tags.clone(),
        client_token,
    }
}

fn ids(members: &[Member], kind: MemberKind) -> Vec<String> {
    members.iter().filter(|member| member.kind == kind).map(|member| member.id.clone()).collect()
}

async fn created(run: &mut Run<'_>, share: Share) -> Result<(), Stop> {
    let arn = share.arn.clone();
    run.seen.members.clear();
    run.seen.share = Some(share);
    (run.changed, run.created) = (true, true);
    until_active(run, &arn).await
}

/// Looks 0.3, 1, 2, 4, 8 s apart until the share is ACTIVE.
pub(super) async fn until_active(run: &mut Run<'_>, arn: &ShareArn) -> Result<(), Stop> {
    let mut delays = looks();
    while pending(run)? {
        let delay = delays.next().unwrap_or_default();
        if run.patience.remaining() <= delay {
            let what = format!("AWS RAM has not made resource share {arn} ACTIVE");
            return Err(Stop::Waiting { what, advice: ADVICE, undone: false });
        }
        sleep(delay).await;
        if let Some(found) = find(run, arn).await? {
            run.seen.share = Some(found);
        }
    }
    Ok(())
}

const FAILED: &str = "Try again; if it stays so, ask AWS Support about this share";

/// Whether the share has still to become ACTIVE.
fn pending(run: &Run<'_>) -> Result<bool, Stop> {
    let Some(share) = &run.seen.share else { return Ok(true) };
    match &share.status {
        ShareStatus::Active => Ok(false),
        ShareStatus::Pending | ShareStatus::Unknown(_) => Ok(true),
        ShareStatus::Failed | ShareStatus::Deleting | ShareStatus::Deleted => {
            let words = share.status_message.as_deref().unwrap_or("AWS RAM does not say why");
            let words = words.trim_end_matches('.');
            let what = format!("resource share {} is {}: {words}", share.arn, share.status.as_str());
            Err(Stop::Failed(ApplyError::Failed { what, advice: FAILED.to_owned() }))
        }
    }
}

async fn find(run: &Run<'_>, arn: &ShareArn) -> Result<Option<Share>, Stop> {
    run.ram.find_share(arn).await.map_err(|error| stop("looking at the share", error))
}

/// Changes name and `allowExternalPrincipals`. In a tolerant run what RAM refuses stays as it is: external principals
/// that others have added, for one, keep it from being forbidden again.
pub(super) async fn configure(run: &mut Run<'_>, to: &Configuration) -> Result<(), Stop> {
    let result =
        run.ram.update_share(&to.share, to.name.as_deref(), to.allow_external_principals, &to.client_token);
    if !done(run, &changed(to), "configuring the share", result.await)? {
        return Ok(());
    }
    if let Some(share) = &mut run.seen.share {
        share.name = to.name.clone().unwrap_or_else(|| share.name.clone());
        share.allow_external_principals =
            to.allow_external_principals.unwrap_or(share.allow_external_principals);
    }
    Ok(())
}

/// Whether a call was taken. In a tolerant run, what RAM refuses stays as it is, with a warning that names `what`.
fn done(run: &mut Run<'_>, what: &str, doing: &str, result: Result<(), AwsError>) -> Result<bool, Stop> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if run.tolerant && error.kind != ErrorKind::NotFound && is_refusal(&error) => {
            run.warnings.push(format!("{what} could not be changed back: {error}"));
            Ok(false)
        }
        Err(error) => Err(stop(doing, error)),
    }
}

/// The properties that a configuration changes.
fn changed(to: &Configuration) -> String {
    let name = to.name.iter().map(|_| "Name");
    let external = to.allow_external_principals.iter().map(|_| "AllowExternalPrincipals");
    name.chain(external).collect::<Vec<_>>().join(" and ")
}

/// Sets tags.
pub(super) async fn tag(
    run: &mut Run<'_>,
    share: &ShareArn,
    tags: &BTreeMap<String, String>,
) -> Result<(), Stop> {
    let result = run.ram.tag(share, tags).await;
    if !done(run, "Tags", "tagging the share", result)? {
        return Ok(());
    }
    if let Some(share) = &mut run.seen.share {
        share.tags.extend(tags.clone());
    }
    Ok(())
}

/// Removes tags.
pub(super) async fn untag(run: &mut Run<'_>, share: &ShareArn, keys: &[String]) -> Result<(), Stop> {
    run.ram.untag(share, keys).await.map_err(|error| stop("untagging the share", error))?;
    if let Some(share) = &mut run.seen.share {
        share.tags.retain(|key, _| !keys.contains(key));
    }
    Ok(())
}
