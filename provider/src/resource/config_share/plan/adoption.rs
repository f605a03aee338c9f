//! Taking over a share that is there already.

use super::Case;
use crate::domain::Share;
use crate::resource::Refusal;
use crate::resource::config_share::desired::OwnShare;
use crate::resource::config_share::ledger::{Former, Holding, Origin};
use crate::resource::config_share::ownership::{self, Owner};

/// What the answer says of a share that this Create adopts, or that an earlier delivery of it had begun to adopt.
pub(super) fn warning(case: &Case<'_>, share: &Share, holding: &Holding) -> Option<String> {
    let begun = !holding.answered && holding.request_id == case.subject.request_id;
    let adopted = begun && matches!(holding.origin, Origin::Adopted(_));
    adopted.then(|| format!("adopted resource share {}", share.arn))
}

/// The holding of a share that is about to be adopted.
///
/// # Errors
/// A share that somebody else owns, or that cannot become what is wanted.
pub(super) fn holding(case: &Case<'_>, own: &OwnShare, share: &Share) -> Result<Holding, Refusal> {
    let logical_id = match ownership::owner(share, case.subject) {
        Owner::Subject | Owner::Nobody => None,
        Owner::SameStack { logical_id } => Some(logical_id),
        owner => return Err(owned(share, &owner)),
    };
    if share.retain_sharing != own.retain_sharing {
        return Err(Refusal::new(format!(
            "resource share {} cannot be adopted: its RetainSharingOnAccountLeaveOrganization is {}, which AWS RAM never \
             changes. Nothing was changed. Set the property to that value, or use another Name",
            share.arn, share.retain_sharing
        )));
    }
    let keys = ownership::KEYS.into_iter().chain(own.tags.keys().map(String::as_str));
    let former = Former {
        members: case.seen.present().map(|member| member.id.clone()).collect(),
        inherited: case.seen.former_holding.clone().filter(|_| logical_id.is_some()).map(Box::new),
        logical_id,
        ..Former::of(share, keys)
    };
    Ok(Holding::begun(&case.subject.request_id, Some(&share.arn), Origin::Adopted(former)))
}

fn owned(share: &Share, owner: &Owner) -> Refusal {
    let whose = match owner {
        Owner::CloudFormation { stack_id } => {
            format!("it belongs to an AWS::RAM::ResourceShare of stack {stack_id}")
        }
        Owner::OtherStack { stack_id } => format!("it belongs to stack {stack_id}"),
        Owner::LicenseManager => "it is License Manager's own".to_owned(),
        Owner::Subject | Owner::SameStack { .. } | Owner::Nobody => "it is in use".to_owned(),
    };
    Refusal::new(format!(
        "resource share {} cannot be adopted: {whose}. Nothing was changed. To add members to it, name it in \
         ResourceShareArn; otherwise use another Name",
        share.arn
    ))
}

/// Refuses where more than one live share has the wanted name.
///
/// # Errors
/// All of them by ARN.
pub(super) fn refuse_ambiguous(case: &Case<'_>, own: &OwnShare) -> Result<(), Refusal> {
    let namesakes = &case.seen.namesakes;
    if case.look.namesakes.is_none() || namesakes.len() < 2 {
        return Ok(());
    }
    let arns: Vec<&str> = namesakes.iter().map(|share| share.arn.as_str()).collect();
    Err(Refusal::new(format!(
        "AdoptExisting found {} resource shares named `{}`: {}. Nothing was changed. Rename or delete all but one, or \
         leave AdoptExisting out to make a share of your own",
        arns.len(),
        own.name,
        arns.join(", ")
    )))
}
