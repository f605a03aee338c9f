//! GetResourceShareAssociations: for the owner only.

use super::listing::List;
use super::model::Kind;
use super::{Ram, arn, errors, render};
use crate::error::{Outcome, ServiceError};

const TYPES: [&str; 3] = ["PRINCIPAL", "RESOURCE", "SOURCE"];
const STATUSES: [&str; 8] = [
    "ASSOCIATING",
    "ASSOCIATED",
    "FAILED",
    "DISASSOCIATING",
    "DISASSOCIATED",
    "SUSPENDED",
    "SUSPENDING",
    "RESTORING",
];

impl Ram {
    pub(super) fn get_associations(&self, list: &List<'_>) -> Outcome {
        let kind = match list.members.required_one_of("associationType", &TYPES)? {
            "PRINCIPAL" => Some(Kind::Principal),
            "RESOURCE" => Some(Kind::Resource),
            // Sources belong to service principals, which there are none of.
            _ => None,
        };
        let entity = entity(list, kind)?;
        let status = list.members.one_of("associationStatus", &STATUSES)?;
        let arns = list.members.texts("resourceShareArns")?.unwrap_or_default();
        self.check_own(list, &arns)?;
        let own = self.shares.iter().filter(|share| {
            share.owner == list.ctx.account()
                && share.region == list.ctx.region
                && (arns.is_empty() || arns.contains(&share.arn.as_str()))
        });
        let found = own.flat_map(|share| share.associations.iter().map(move |found| (share, found))).filter(
            |(_, found)| {
                Some(found.kind) == kind
                    && entity.is_none_or(|entity| found.entity == entity)
                    && status.is_none_or(|status| found.status.as_str() == status)
            },
        );
        let shown = found.map(|(share, found)| render::association(list.ctx, share, found));
        list.page("resourceShareAssociations", shown.collect())
    }

    /// Shares that the caller does not own are unknown here, also those that it sees as a consumer.
    fn check_own(&self, list: &List<'_>, arns: &[&str]) -> Result<(), ServiceError> {
        for text in arns {
            arn::check_share(text)?;
            let own = self
                .share(text)
                .is_some_and(|share| share.owner == list.ctx.account() && share.region == list.ctx.region);
            if !own {
                return Err(errors::unknown_share(text));
            }
        }
        Ok(())
    }
}

fn entity<'a>(list: &List<'a>, kind: Option<Kind>) -> Result<Option<&'a str>, ServiceError> {
    let (principal, resource) = (list.members.text("principal")?, list.members.text("resourceArn")?);
    match (kind, principal, resource) {
        (Some(Kind::Resource), Some(_), _) => {
            Err(errors::invalid_parameter("You cannot specify principal with association type RESOURCE."))
        }
        (Some(Kind::Principal), _, Some(_)) => {
            Err(errors::invalid_parameter("You cannot specify resourceArn with association type PRINCIPAL."))
        }
        _ => Ok(principal.or(resource)),
    }
}
