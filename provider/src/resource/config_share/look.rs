//! Which share a request is about, and what of it must be read. Pure.

use super::desired::{Desired, OwnShare, Target};
use super::ledger::{Holding, Ledger, Origin};
use super::physical_id::PhysicalId;
use crate::domain::{LicenseConfigurationArn, ShareArn};
use crate::protocol::RequestType;
use crate::resource::{Goal, Subject, Which};
use std::collections::BTreeSet;

/// Which share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// One that is still to be made, or adopted by its name.
    New,
    /// This one.
    Share(ShareArn),
    /// The one that this request created, whose ARN is not on record: found by its tag.
    CreatedBy(String),
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each asks for a read of its own")]
pub struct Look {
    /// Which share.
    pub aim: Aim,
    /// Its associations too.
    pub members: bool,
    /// These license configurations.
    pub license_configurations: Vec<LicenseConfigurationArn>,
    /// Members and other records too, where the share's tags say that another resource of the stack has it now.
    pub handed_over: bool,
    /// Live shares of this name, for adoption.
    pub namesakes: Option<String>,
    /// The share is on record: where RAM does not know it, it is looked at again for some seconds.
    pub on_record: bool,
    /// What records of other resources say about the share.
    pub elsewhere: bool,
    /// Whether the record of this logical id of the same stack is gone or ended.
    pub former_owner: Option<String>,
    /// The share that another one is to replace: who of its members had to be invited.
    pub replaces: Option<ShareArn>,
}

impl Look {
    fn at(aim: Aim) -> Self {
        Self {
            aim,
            members: false,
            license_configurations: Vec::new(),
            namesakes: None,
            elsewhere: false,
            handed_over: false,
            on_record: false,
            former_owner: None,
            replaces: None,
        }
    }
}

/// What is worth a look before the record is known.
pub(super) fn guess(subject: &Subject, goal: &Goal<Desired>) -> Option<Look> {
    match goal {
        Goal::Present { desired, outstanding, .. } => {
            Some(present(guessed_aim(subject, desired), subject, desired, outstanding.as_ref()))
        }
        Goal::Absent(Which::PhysicalId(id)) => {
            let id = PhysicalId::parse(id)?;
            Some(Look {
                members: id.is_attachment(),
                elsewhere: id.is_attachment(),
                ..Look::at(Aim::Share(id.share))
            })
        }
        Goal::Absent(
            Which::Request(_) | Which::Unanswered(_) | Which::After { .. } | Which::Leftovers { .. },
        ) => None,
    }
}

fn guessed_aim(subject: &Subject, desired: &Desired) -> Aim {
    match &desired.target {
        Target::Existing(share) => Aim::Share(share.clone()),
        Target::Own(_) => own_share(subject).map_or(Aim::New, Aim::Share),
    }
}

/// The own share that the physical id names.
fn own_share(subject: &Subject) -> Option<ShareArn> {
    let id = PhysicalId::parse(subject.physical_id.as_deref()?)?;
    (!id.is_attachment()).then_some(id.share)
}

/// What to look at, now that the record is known.
pub(super) fn looks(subject: &Subject, goal: &Goal<Desired>, ledger: &Ledger) -> Vec<Look> {
    match goal {
        Goal::Present { desired, is_return, outstanding } => {
            let aim = aim(subject, desired, *is_return, ledger);
            vec![known(present(aim, subject, desired, outstanding.as_ref()), desired, ledger)]
        }
        Goal::Absent(which) => chosen(subject, which, ledger).into_iter().map(absent).collect(),
    }
}

fn aim(subject: &Subject, desired: &Desired, is_return: bool, ledger: &Ledger) -> Aim {
    match &desired.target {
        Target::Existing(share) => Aim::Share(share.clone()),
        Target::Own(own) => own_aim(subject, own, is_return, ledger),
    }
}

/// In this order: what an earlier delivery of this request began; the share that the physical id names, unless the
/// wanted properties need another or the record has let go of it; one that an earlier request of this resource left in
/// force, to which a rollback returns, and no other Update, for it may be there by UpdateReplacePolicy alone; the share
/// that the physical id names, of which the record is lost; a new one.
fn own_aim(subject: &Subject, own: &OwnShare, is_return: bool, ledger: &Ledger) -> Aim {
    if let Some(begun) = ledger.of_request(&subject.request_id).filter(|holding| holding.is_own()) {
        return of_holding(begun);
    }
    if subject.request_type == RequestType::Create {
        return Aim::New;
    }
    let fits = |holding: &Holding| holding.is_own() && holding.retain_sharing() == own.retain_sharing;
    let named = own_share(subject);
    let on_record = named.as_ref().map(|share| ledger.of_share(share));
    let in_force =
        || ledger.holdings.iter().rev().find(|holding| holding.answered && fits(holding)).map(of_holding);
    match (named, on_record.flatten()) {
        (Some(share), Some(holding)) if fits(holding) => Aim::Share(share),
        (Some(share), None) => in_force().unwrap_or(Aim::Share(share)),
        _ if is_return => in_force().unwrap_or(Aim::New),
        _ => Aim::New,
    }
}

/// The share that this request would look for, had it not begun another one: an earlier delivery, or an earlier plan,
/// found it gone.
pub(super) fn found_gone(
    subject: &Subject,
    own: &OwnShare,
    is_return: bool,
    ledger: &Ledger,
) -> Option<ShareArn> {
    let begun = ledger.of_request(&subject.request_id).filter(|holding| holding.is_own())?;
    match own_aim(subject, own, is_return, &ledger.without(begun)) {
        Aim::Share(share) => Some(share).filter(|share| !begun.is_of(share)),
        Aim::New | Aim::CreatedBy(_) => None,
    }
}

fn of_holding(holding: &Holding) -> Aim {
    holding.share_arn().map_or_else(|| Aim::CreatedBy(holding.request_id.clone()), Aim::Share)
}

/// Once the request was handed over, license configurations that are not to be added need no look, and a replacement
/// has been decided on.
fn present(aim: Aim, subject: &Subject, desired: &Desired, outstanding: Option<&BTreeSet<String>>) -> Look {
    let namesakes = match &desired.target {
        Target::Own(own) => {
            let adopts =
                desired.adopt_existing && aim == Aim::New && subject.request_type == RequestType::Create;
            adopts.then(|| own.name.clone())
        }
        Target::Existing(_) => None,
    };
    let may_remove = match &desired.target {
        Target::Own(own) => own.exclusive_membership,
        Target::Existing(_) => true,
    };
    let given = subject.physical_id.as_deref().and_then(PhysicalId::parse).map(|id| id.share);
    let replaces = given.filter(|given| !matches!(&aim, Aim::Share(share) if share == given));
    let may_add = |arn: &&LicenseConfigurationArn| outstanding.is_none_or(|ids| ids.contains(arn.as_str()));
    Look {
        members: true,
        license_configurations: desired.license_configurations.iter().filter(may_add).cloned().collect(),
        namesakes,
        elsewhere: may_remove,
        replaces: replaces.filter(|_| outstanding.is_none()),
        ..Look::at(aim)
    }
}

/// With what the record asks for besides: other records have a say only where members may go.
fn known(look: Look, desired: &Desired, ledger: &Ledger) -> Look {
    let holding = match &look.aim {
        Aim::Share(share) => ledger.of_share(share),
        Aim::New | Aim::CreatedBy(_) => None,
    };
    let drops = holding.is_some_and(|holding| !holding.all_known().is_subset(&desired.members()));
    Look {
        on_record: holding.is_some(),
        former_owner: holding.and_then(Holding::former_owner).map(str::to_owned),
        elsewhere: look.elsewhere || drops || holding.is_some_and(|holding| holding.former_owner().is_some()),
        ..look
    }
}

/// The holdings that are to go.
fn chosen<'a>(subject: &Subject, which: &Which, ledger: &'a Ledger) -> Vec<&'a Holding> {
    ledger.holdings.iter().filter(|holding| is_chosen(subject, which, ledger, holding)).collect()
}

fn is_chosen(subject: &Subject, which: &Which, ledger: &Ledger, holding: &Holding) -> bool {
    match which {
        Which::PhysicalId(id) => is_named(subject, id, holding),
        Which::Request(request_id) => {
            holding.request_id == *request_id || holding.only_partly_of(request_id).is_some()
        }
        // An Update that failed is followed by another one, which removes what is not wanted.
        Which::Unanswered(request_id) if subject.request_type == RequestType::Create => {
            holding.is_unanswered(request_id) || holding.only_partly_of(request_id).is_some()
        }
        Which::Unanswered(request_id) => holding.is_unanswered(request_id),
        Which::After { physical_id, requests, except } => {
            let named = ledger.holdings.iter().find(|other| is_named(subject, physical_id, other));
            named.is_some_and(|named| {
                holding.request_id != *except && is_later(requests, &holding.request_id, &named.request_id)
            })
        }
        Which::Leftovers { except } => holding.request_id != *except && !holding.answered,
    }
}

fn is_named(subject: &Subject, physical_id: &str, holding: &Holding) -> bool {
    PhysicalId::parse(physical_id).is_some_and(|id| {
        holding.is_of(&id.share) && holding.is_own() != id.is_attachment() && id.is_of(subject)
    })
}

/// Requests that are not listed are older than all that are.
fn is_later(requests: &[String], request_id: &str, than: &str) -> bool {
    let at = |id: &str| requests.iter().position(|request| request == id);
    at(request_id) > at(than)
}

fn absent(holding: &Holding) -> Look {
    let look = Look::at(of_holding(holding));
    match &holding.origin {
        Origin::Made { .. } => Look { handed_over: true, ..look },
        Origin::Attached => Look { members: true, elsewhere: true, on_record: true, ..look },
        Origin::Adopted(_) => {
            let former_owner = holding.former_owner().map(str::to_owned);
            Look { members: true, elsewhere: true, on_record: true, former_owner, ..look }
        }
    }
}

/// The holding that `look` is about.
pub(super) fn holding_of<'a>(ledger: &'a Ledger, look: &Look, subject: &Subject) -> Option<&'a Holding> {
    match &look.aim {
        Aim::New => ledger.of_request(&subject.request_id),
        Aim::Share(share) => ledger.of_share(share),
        Aim::CreatedBy(request_id) => ledger.of_request(request_id),
    }
}
