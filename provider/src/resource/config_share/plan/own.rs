//! A share of this resource's own.

use super::diff::{self, Diff};
use super::{Case, SharePlan, adoption, consultation, invitations, order, own_tags, replacement};
use crate::domain::{Member, Share, ShareArn};
use crate::protocol::RequestType;
use crate::resource::Refusal;
use crate::resource::config_share::desired::{OwnShare, Target};
use crate::resource::config_share::ledger::{Former, Holding, Ledger, Origin};
use crate::resource::config_share::look::{Aim, found_gone, holding_of};
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::ownership;
use crate::resource::config_share::step::{Await, Configuration, Creation, Step};
use crate::resource::config_share::token::{client_token, configuration_token};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn plan(case: &Case<'_>, own: &OwnShare) -> Result<SharePlan, Refusal> {
    let holding = holding_of(case.ledger, case.look, case.subject).filter(|holding| holding.is_own());
    match (case.seen.live_share(), holding) {
        (Some(share), Some(holding)) if case.seen.former_owner_is_gone => {
            converge(case, own, share, holding.clone().inherit(), Vec::new())
        }
        (Some(share), Some(holding)) => {
            let warning = adoption::warning(case, share, holding);
            converge(case, own, share, holding.clone(), warning.into_iter().collect())
        }
        (Some(share), None) if case.subject.request_type == RequestType::Create => {
            let holding = adoption::holding(case, own, share)?;
            let warning = adoption::warning(case, share, &holding);
            converge(case, own, share, holding, warning.into_iter().collect())
        }
        (Some(share), None) => {
            let (holding, warnings) = recovered(case, own, share)?;
            converge(case, own, share, holding, warnings)
        }
        (None, _) if case.outstanding.is_some() => vanished(case),
        (None, _) => create(case, own),
    }
}

/// The record does not know a share that CloudFormation does: its tags must prove whose it is.
fn recovered(case: &Case<'_>, own: &OwnShare, share: &Share) -> Result<(Holding, Vec<String>), Refusal> {
    if ownership::owner(share, case.subject) != ownership::Owner::Subject
        || share.retain_sharing != own.retain_sharing
    {
        return Err(Refusal::new(format!(
            "the provider has no record of resource share {}, and its tags do not name this resource. Nothing was \
             changed. Was the provider's table replaced? Restore it, or remove the resource from the template and add it \
             again under another logical id",
            share.arn
        )));
    }
    let (origin, stays) = if ownership::says_made(share.tags.get(ownership::ORIGIN)) {
        (made(own), "")
    } else {
        (Origin::Adopted(taken_as_it_is(case, share)), ADOPTED)
    };
    let mut holding = Holding::begun(&case.subject.request_id, Some(&share.arn), origin);
    holding.answered = true;
    let lost = "the record of this resource was lost and has been made anew from the share's tags";
    Ok((holding, vec![format!("{lost}{stays}")]))
}

const ADOPTED: &str =
    ". The share was adopted: it stays when this resource goes, and so do the members that it has now";

/// What an adopted share was like before is lost: it is given back as it is now, without the provider's own tags.
fn taken_as_it_is(case: &Case<'_>, share: &Share) -> Former {
    let members = case.seen.present().map(|member| member.id.clone()).collect();
    let tags = ownership::KEYS.map(|key| (key.to_owned(), None)).into();
    Former { tags, members, ..Former::of(share, []) }
}

/// A share that is being deleted may still list its members: the new one has none of them.
fn create(case: &Case<'_>, own: &OwnShare) -> Result<SharePlan, Refusal> {
    let bare = Observed { members: BTreeMap::new(), ..case.seen.clone() };
    let case = &Case { seen: &bare, ..*case };
    adoption::refuse_ambiguous(case, own)?;
    replacement::refuse_without_acceptance(case, own.retain_sharing)?;
    let mut warnings = gone_by_hand(case);
    let mut holding = Holding::begun(&case.subject.request_id, None, made(own));
    let mut diff = diff::diff(case, &holding, &mut warnings)?;
    diff.postpone(case, own.allow_external_principals);
    holding.add(&case.subject.request_id, diff.wanted.iter().map(|member| member.id.as_str()));
    holding.tag_keys = own.tags.keys().cloned().collect();
    let conclusion = case.ledger_without_gone().with(Holding { answered: true, ..holding.clone() });
    Ok(case.plan(creation(case, own, &diff), case.ledger.with(holding), conclusion, warnings))
}

fn made(own: &OwnShare) -> Origin {
    Origin::Made { retain_sharing: own.retain_sharing }
}

/// The share was there when the request was handed over: whoever has deleted it meanwhile did not want it back.
fn vanished(case: &Case<'_>) -> Result<SharePlan, Refusal> {
    if !case.is_return {
        return Err(Refusal::new(
            "the resource share was deleted while its members were waited for. Find out by whom, then try again",
        ));
    }
    let ledger = case.ledger_without_gone();
    let warnings = vec!["the resource share was deleted meanwhile".to_owned()];
    Ok(case.plan(Vec::new(), ledger.clone(), ledger, warnings))
}

/// CreateResourceShare with all that fits, the rest by Associate, and a wait for all of it.
fn creation(case: &Case<'_>, own: &OwnShare, diff: &Diff) -> Vec<Step> {
    let mut batches = order::batches(diff.wanted.difference(&diff.later)).into_iter();
    let first = batches.next().unwrap_or_default();
    let mut steps = vec![Step::Create(Creation {
        name: own.name.clone(),
        allow_external_principals: own.allow_external_principals,
        retain_sharing: own.retain_sharing,
        client_token: client_token(&case.subject.request_id, "create", &first, case.seen),
        members: first,
        tags: own.tags.clone().into_iter().chain(ownership::tags(case.subject, &made(own))).collect(),
    })];
    for batch in batches {
        let client_token = client_token(&case.subject.request_id, "associate", &batch, case.seen);
        let change =
            crate::resource::config_share::step::Change { share: None, members: batch, client_token };
        steps.push(Step::Associate(change));
    }
    steps.extend(invitations::later(case, diff));
    steps.push(Step::Await(Await { present: diff.wanted.iter().cloned().collect(), gone: Vec::new() }));
    steps.extend(invitations::acceptance(case, diff));
    steps
}

fn gone_by_hand(case: &Case<'_>) -> Vec<String> {
    let made_anew = |share| format!("resource share {share} was gone and has been made anew");
    case.gone_shares().into_iter().map(made_anew).collect()
}

impl Case<'_> {
    /// Shares that an Update found gone, in this plan or in an earlier one.
    pub(super) fn gone_shares(&self) -> BTreeSet<ShareArn> {
        let Target::Own(own) = &self.desired.target else { return BTreeSet::new() };
        let looked_for = match &self.look.aim {
            Aim::Share(share) if self.seen.live_share().is_none() => Some(share.clone()),
            Aim::Share(_) | Aim::New | Aim::CreatedBy(_) => None,
        };
        let earlier = found_gone(self.subject, own, self.is_return, self.ledger);
        let gone = looked_for.into_iter().chain(earlier);
        gone.filter(|_| self.subject.request_type == RequestType::Update).collect()
    }

    fn ledger_without_gone(&self) -> Ledger {
        let gone = self.gone_shares();
        let gone = gone.iter().filter_map(|share| self.ledger.of_share(share));
        gone.fold(self.ledger.clone(), |ledger, holding| ledger.without(holding))
    }
}

fn converge(
    case: &Case<'_>,
    own: &OwnShare,
    share: &Share,
    holding: Holding,
    mut warnings: Vec<String>,
) -> Result<SharePlan, Refusal> {
    warnings.extend(gone_by_hand(case));
    let mut diff = diff::diff(case, &holding, &mut warnings)?;
    if own.exclusive_membership {
        diff.evict = evicted(case, &diff, &mut warnings);
    }
    diff.postpone(case, own.allow_external_principals || invitations::invites(share));
    let claims = consultation::claims(case, &holding, &diff);
    let mut intent = holding;
    intent.share = Some(share.arn.to_string());
    intent.going = consultation::going(case, &diff);
    note_members(case, &mut intent, &diff);
    let tags = own_tags::changes(case.subject, own, share, &mut intent);
    let mut conclusion = Holding { answered: true, ..intent.clone() };
    conclusion.retain(|member| diff.wanted.iter().any(|wanted| wanted.id == member));
    conclusion.tag_keys = own.tags.keys().cloned().collect();
    let on_share = |steps: Vec<Step>| if case.may_write(share.arn.as_str()) { steps } else { Vec::new() };
    let mut steps = on_share(configure(case, share, own, Turn::First).into_iter().chain(tags).collect());
    steps.extend(consultation::step(&share.arn, &diff, &claims));
    steps.extend(order::steps(case, Some(&share.arn), &diff));
    steps.extend(on_share(configure(case, share, own, Turn::Last).into_iter().collect()));
    steps.extend(invitations::acceptance(case, &diff));
    Ok(case.plan(steps, case.ledger.with(intent), case.ledger_without_gone().with(conclusion), warnings))
}

/// In an own share all that the template names is the resource's, but members that were there when it was adopted. What
/// was there otherwise is told from what was added: a rollback leaves it.
fn note_members(case: &Case<'_>, intent: &mut Holding, diff: &Diff) {
    let former = match &intent.origin {
        Origin::Adopted(former) => former.members.clone(),
        Origin::Made { .. } | Origin::Attached => BTreeSet::new(),
    };
    let was_there = |intent: &Holding, id: &str| former.contains(id) && !intent.has_added(id);
    for id in diff.wanted.difference(&diff.add).map(|member| &member.id) {
        if was_there(intent, id) {
            intent.adopted.insert(id.clone());
        } else if !intent.knows(id) {
            intent.found.insert(id.clone());
        }
    }
    let (adopted, added): (BTreeSet<&str>, BTreeSet<&str>) =
        diff.add.iter().map(|member| member.id.as_str()).partition(|id| was_there(intent, id));
    intent.adopted.extend(adopted.into_iter().map(str::to_owned));
    intent.add(&case.subject.request_id, added);
}

/// Members that neither the template nor any record names.
fn evicted(case: &Case<'_>, diff: &Diff, warnings: &mut Vec<String>) -> BTreeSet<Member> {
    let stays = |member: &&Member| {
        diff.wanted.contains(member)
            || diff.remove.contains(member)
            || case.seen.named_elsewhere.contains(&member.id)
            || !case.may_write(&member.id)
    };
    let going = case.seen.members.keys().filter(|member| case.seen.is_leaving(member));
    let evicted: BTreeSet<Member> =
        case.seen.present().chain(going).filter(|member| !stays(member)).cloned().collect();
    if !evicted.is_empty() {
        let names: Vec<&str> = evicted.iter().map(|member| member.id.as_str()).collect();
        warnings.push(format!("removed by ExclusiveMembership: {}", names.join(", ")));
    }
    evicted
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Before members change: a new name, and true, which additions may need.
    First,
    /// After members have changed: false, which removals make possible.
    Last,
}

fn configure(case: &Case<'_>, share: &Share, own: &OwnShare, turn: Turn) -> Option<Step> {
    let external = (share.allow_external_principals != own.allow_external_principals)
        .then_some(own.allow_external_principals)
        .filter(|allowed| *allowed == (turn == Turn::First));
    let name = (turn == Turn::First && share.name != own.name).then(|| own.name.clone());
    if external.is_none() && name.is_none() {
        return None;
    }
    let step =
        format!("configure {name:?} {external:?} of {} {}", share.name, share.allow_external_principals);
    let client_token = configuration_token(&case.subject.request_id, &step, share, case.seen);
    Some(Step::Configure(Configuration {
        share: share.arn.clone(),
        name,
        allow_external_principals: external,
        client_token,
    }))
}
