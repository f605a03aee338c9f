//! Members of a share that is not this resource's own.

use super::diff::{self, Diff};
use super::{Case, SharePlan, consultation, invitations, order, replacement};
use crate::domain::{Member, ShareArn, ShareStatus};
use crate::protocol::RequestType;
use crate::resource::Refusal;
use crate::resource::config_share::ledger::{Holding, Origin};
use crate::resource::config_share::step::Step;

pub(super) fn plan(case: &Case<'_>, share: &ShareArn) -> Result<SharePlan, Refusal> {
    let before = case.ledger.of_share(share);
    if before.is_some_and(Holding::is_own) {
        return Err(own_share(share));
    }
    if !is_usable(case) {
        return without_share(case, share, before);
    }
    replacement::refuse_without_acceptance(
        case,
        case.seen.share.as_ref().is_some_and(|share| share.retain_sharing),
    )?;
    let mut warnings = Vec::new();
    let holding = before
        .cloned()
        .unwrap_or_else(|| Holding::begun(&case.subject.request_id, Some(share), Origin::Attached));
    let mut diff = diff::diff(case, &holding, &mut warnings)?;
    if case.subject.request_type == RequestType::Create {
        // What is on record before a Create outlived its resource by DeletionPolicy: it is to stay.
        diff.remove.clear();
        diff.leave.clear();
    }
    diff.postpone(case, case.seen.share.as_ref().is_some_and(invitations::invites));
    let foreign = foreign_members(case, &holding, &diff);
    refuse_foreign(case, share, &foreign)?;
    let claims = consultation::claims(case, &holding, &diff);
    let mut intent = holding;
    intent.going = consultation::going(case, &diff);
    intent.add(&case.subject.request_id, diff.add.iter().map(|member| member.id.as_str()));
    intent.adopted.extend(foreign.iter().map(|member| member.id.clone()));
    let mut conclusion = Holding { answered: true, ..intent.clone() };
    conclusion.retain(|member| diff.wanted.iter().any(|wanted| wanted.id == member));
    let mut steps: Vec<Step> = consultation::step(share, &diff, &claims).into_iter().collect();
    steps.extend(order::steps(case, Some(share), &diff));
    steps.extend(invitations::acceptance(case, &diff));
    Ok(case.plan(steps, case.ledger.with(intent), case.ledger.with(conclusion), warnings))
}

/// CloudFormation would send a Delete for the old physical id, and the share would go with all its members.
fn own_share(share: &ShareArn) -> Refusal {
    Refusal::new(format!(
        "resource share {share} is this resource's own: once this resource only added to it, CloudFormation would have it \
         deleted, or given back without its members. Nothing was changed. Keep Name, or name another share in \
         ResourceShareArn"
    ))
}

fn is_usable(case: &Case<'_>) -> bool {
    case.seen.share.as_ref().is_some_and(|share| match share.status {
        ShareStatus::Active | ShareStatus::Pending | ShareStatus::Unknown(_) => true,
        ShareStatus::Failed | ShareStatus::Deleting | ShareStatus::Deleted => false,
    })
}

/// The share is not there: a return has nothing left to return to and must not fail.
fn without_share(case: &Case<'_>, share: &ShareArn, before: Option<&Holding>) -> Result<SharePlan, Refusal> {
    if case.is_return {
        let warning = format!("resource share {share} is gone, so are the members that were added to it");
        let ledger = before.map_or_else(|| case.ledger.clone(), |holding| case.ledger.without(holding));
        return Ok(case.plan(Vec::new(), ledger.clone(), ledger, vec![warning]));
    }
    let state = case.seen.share.as_ref().map_or("does not exist", |found| match found.status {
        ShareStatus::Failed => "is FAILED",
        _ => "was deleted",
    });
    let remedy = match case.subject.request_type {
        RequestType::Update => {
            "Name another share in ResourceShareArn, or remove this resource from the template"
        }
        RequestType::Create | RequestType::Delete => {
            "ResourceShareArn must name an active share of this account and region"
        }
    };
    Err(Refusal::new(format!("resource share {share} {state}. {remedy}")))
}

/// Wanted members that are there and on no record of this resource.
fn foreign_members<'a>(case: &Case<'_>, holding: &Holding, diff: &'a Diff) -> Vec<&'a Member> {
    diff.wanted.iter().filter(|member| case.seen.has(member) && !holding.knows(&member.id)).collect()
}

fn refuse_foreign(case: &Case<'_>, share: &ShareArn, foreign: &[&Member]) -> Result<(), Refusal> {
    if foreign.is_empty() || case.desired.adopt_existing || case.is_return {
        return Ok(());
    }
    let names: Vec<&str> = foreign.iter().map(|member| member.id.as_str()).collect();
    Err(Refusal::new(format!(
        "already in resource share {share}, and not through this resource: {}. Nothing was changed. Leave them out, or \
         set AdoptExisting to true: then they are left in place when this resource goes",
        names.join(", ")
    )))
}
