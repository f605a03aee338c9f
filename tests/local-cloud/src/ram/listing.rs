//! ListResources and ListPrincipals, and how every list is cut into pages.

use std::collections::BTreeSet;

use serde_json::Value;

use super::model::{Association, Kind, Share};
use super::visible::{Owner, filter_by_arn};
use super::{Around, Ram, errors, principal, render, resource};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;
use crate::page;

/// A request for a list.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) operation: &'a str,
    pub(super) input: &'a Value,
    pub(super) members: &'a Members<'a>,
}

/// The values of `resourceRegionScope`; everything here is regional.
pub(super) const SCOPES: [&str; 3] = ["ALL", "REGIONAL", "GLOBAL"];

impl<'a> List<'a> {
    /// The page of `items` that the request asks for. A token is good for the same list of the same caller only.
    pub(super) fn page(&self, name: &str, items: Vec<Value>) -> Outcome {
        let size = self.size()?;
        let token = self.members.text("nextToken")?;
        let list = page::List { operation: self.operation, input: self.input };
        let page = page::page(self.ctx, list, items, token, size).map_err(|_| errors::invalid_token())?;
        Ok(render::page(name, page.items, page.next))
    }

    /// Whether the request leaves out what is regional.
    pub(super) fn is_global_only(&self) -> Result<bool, ServiceError> {
        Ok(self.members.one_of("resourceRegionScope", &SCOPES)? == Some("GLOBAL"))
    }

    fn size(&self) -> Result<Option<usize>, ServiceError> {
        let Some(wanted) = self.members.integer("maxResults")? else { return Ok(None) };
        let size = usize::try_from(wanted).ok().filter(|size| (1..=500).contains(size));
        size.map(Some).ok_or_else(|| {
            let message = "maxResults must be between 1 and 500.";
            if self.operation == "GetResourceShareInvitations" {
                return ServiceError::bad_request("InvalidMaxResultsException", message);
            }
            errors::invalid_parameter(message)
        })
    }

    fn shares<'s>(
        &self,
        ram: &'s Ram,
        owner: Owner,
        around: &Around<'_>,
    ) -> Result<Vec<&'s Share>, ServiceError> {
        let arns = self.members.texts("resourceShareArns")?;
        let shares = filter_by_arn(ram.seen(self.ctx, owner, around), arns.as_deref())?;
        Ok(shares.into_iter().filter(|share| share.status.is_live()).collect())
    }

    fn resource_type(&self) -> Result<Option<&'static str>, ServiceError> {
        let Some(name) = self.members.text("resourceType")? else { return Ok(None) };
        resource::type_named(name).map(|found| Some(found.name)).ok_or_else(|| self.unknown_type(name))
    }

    fn unknown_type(&self, name: &str) -> ServiceError {
        let message = format!("The resource type {name} is not valid.");
        if self.operation == "ListResources" {
            return ServiceError::bad_request("InvalidResourceTypeException", message);
        }
        errors::invalid_parameter(message)
    }
}

impl Ram {
    /// The owner sees resources that are on their way in as PENDING; consumers see what is in effect.
    pub(super) fn list_resources(&self, list: &List<'_>, around: &Around<'_>) -> Outcome {
        let owner = Owner::named(list.members.required_one_of("resourceOwner", &Owner::NAMES)?);
        let (wanted, kind) = (list.members.texts("resourceArns")?, list.resource_type()?);
        let with = list.members.text("principal")?;
        let mut shares = list.shares(self, owner, around)?;
        if list.is_global_only()? {
            shares.clear();
        }
        let mut shown = Vec::new();
        for share in shares.into_iter().filter(|share| with.is_none_or(|id| is_with(share, id, owner))) {
            let there =
                share.present(Kind::Resource).filter(|found| owner == Owner::Own || !found.is_settling());
            let chosen = there.filter(|found| {
                wanted.as_ref().is_none_or(|arns| arns.contains(&found.entity.as_str()))
                    && kind.is_none_or(|kind| is_of(found, kind))
            });
            shown.extend(chosen.map(|found| render::resource(list.ctx, share, found)));
        }
        list.page("resources", shown)
    }

    /// SELF: the principals of own shares that are in effect. OTHER-ACCOUNTS: the owners of the shares that the caller
    /// sees, each once a share.
    pub(super) fn list_principals(&self, list: &List<'_>, around: &Around<'_>) -> Outcome {
        let owner = Owner::named(list.members.required_one_of("resourceOwner", &Owner::NAMES)?);
        let (ids, kind) = (list.members.texts("principals")?, list.resource_type()?);
        let resource = list.members.text("resourceArn")?;
        let shares = list.shares(self, owner, around)?.into_iter().filter(|share| {
            let mut resources = share.present(Kind::Resource);
            let holds = |found: &Association| {
                resource.is_none_or(|arn| found.entity == arn) && kind.is_none_or(|kind| is_of(found, kind))
            };
            (resource.is_none() && kind.is_none()) || resources.any(holds)
        });
        let mut shown = Vec::new();
        for share in shares {
            for (id, association) in principals(share, owner, list.ctx, around) {
                if ids.as_ref().is_none_or(|ids| ids.contains(&id)) {
                    shown.push(render::principal(list.ctx, share, id, association));
                }
            }
        }
        list.page("principals", shown)
    }
}

fn principals<'a>(
    share: &'a Share,
    owner: Owner,
    ctx: &Ctx,
    around: &Around<'_>,
) -> Vec<(&'a str, &'a Association)> {
    let mut through = share.associated(Kind::Principal);
    match owner {
        Owner::Own => through.map(|found| (found.entity.as_str(), found)).collect(),
        Owner::Others => through
            .find(|found| {
                principal::covers(&found.entity, ctx.account(), share, around.organizations, ctx.now)
            })
            .map(|found| (share.owner.as_str(), found))
            .into_iter()
            .collect(),
    }
}

fn is_with(share: &Share, id: &str, owner: Owner) -> bool {
    match owner {
        Owner::Own => share.present(Kind::Principal).any(|found| found.entity == id),
        Owner::Others => share.owner == id,
    }
}

fn is_of(association: &Association, kind: &str) -> bool {
    resource::type_of(&association.entity).is_some_and(|found| found.name == kind)
}

/// The resource types of a share's members, each once.
pub(super) fn types_of(share: &Share) -> BTreeSet<&'static str> {
    let types = share.present(Kind::Resource).filter_map(|found| resource::type_of(&found.entity));
    types.map(|found| found.name).collect()
}
