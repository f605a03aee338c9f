//! ListResources and ListPrincipals, and how every list is cut into pages.

use std::collections::BTreeSet;

use serde_json::Value;

use super::model::{Association, Kind, Share};
use super::visible::{Owner, filter_by_arn, shows};
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

impl List<'_> {
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
            let there = share.present(Kind::Resource).filter(|found| {
                owner == Owner::Own || (!found.is_settling() && shows(found, share, list.ctx, around))
            });
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, World, texts};

    const LICENSE: &str = "license-manager:LicenseConfiguration";
    const GATEWAY: &str = "arn:aws:ec2:eu-west-1:111111111111:transit-gateway/tgw-1";

    fn resources(world: &mut World, account: &str, input: Value) -> Vec<String> {
        texts(&world.ok(account, "ListResources", input)["resources"], "arn")
    }

    fn principals(world: &mut World, account: &str, input: Value) -> Vec<String> {
        texts(&world.ok(account, "ListPrincipals", input)["principals"], "id")
    }

    #[test]
    fn a_consumer_lists_the_license_configurations_that_it_may_use() {
        let mut world = World::new();
        let (license, whole) = (world.license.clone(), world.whole.clone());
        let arn = world.create(json!({"resourceArns": [license, GATEWAY], "principals": [whole]}));
        world.wait(1);
        let input =
            json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceType": LICENSE, "resourceShareArns": [arn]});
        let answer = world.ok(MEMBER, "ListResources", input);
        let expected = json!([{
            "arn": license,
            "type": LICENSE,
            "resourceShareArn": arn,
            "status": "AVAILABLE",
            "creationTime": 1_767_225_600.0,
            "lastUpdatedTime": 1_767_225_600.0,
            "resourceRegionScope": "REGIONAL",
        }]);
        assert_eq!(answer, json!({"resources": expected}));
        let all = json!({"resourceOwner": "OTHER-ACCOUNTS"});
        assert_eq!(resources(&mut world, MEMBER, all.clone()), [license.as_str(), GATEWAY]);
        assert_eq!(resources(&mut world, OUTSIDER, all).len(), 0);
        let shared = world.cloud.license_configurations_shared_with(MEMBER, "eu-west-1");
        assert_eq!(shared, [license]);
    }

    #[test]
    fn a_resource_on_its_way_in_shows_to_the_owner_only() {
        let mut world = World::new();
        let arn = world.create(json!({"principals": [MEMBER]}));
        world.set(|ram| ram.times.associate_resource = Duration::from_secs(5));
        let license = world.license.clone();
        world.ok(
            OWNER,
            "AssociateResourceShare",
            json!({"resourceShareArn": arn, "resourceArns": [license]}),
        );
        let own = world.ok(OWNER, "ListResources", json!({"resourceOwner": "SELF"}));
        assert_eq!(texts(&own["resources"], "status"), ["PENDING"]);
        let other = json!({"resourceOwner": "OTHER-ACCOUNTS"});
        assert_eq!(resources(&mut world, MEMBER, other.clone()).len(), 0);
        world.wait(5);
        assert_eq!(resources(&mut world, MEMBER, other), [license]);
    }

    #[test]
    fn resources_are_filtered() {
        let mut world = World::new();
        let (license, member) = (world.license.clone(), MEMBER);
        world.create(json!({"resourceArns": [license], "principals": [member]}));
        world.create(json!({"resourceArns": [GATEWAY], "principals": [NESTED]}));
        let mut own = |more: Value| {
            let mut input = json!({"resourceOwner": "SELF"});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            resources(&mut world, OWNER, input)
        };
        assert_eq!(own(json!({"principal": NESTED})), [GATEWAY]);
        assert_eq!(own(json!({"resourceArns": [GATEWAY]})), [GATEWAY]);
        assert_eq!(own(json!({"resourceType": "ec2:transitgateway"})), [GATEWAY]);
        assert_eq!(own(json!({"resourceRegionScope": "REGIONAL"})).len(), 2);
        assert_eq!(own(json!({"resourceRegionScope": "GLOBAL"})).len(), 0);
        let unknown = json!({"resourceOwner": "SELF", "resourceType": "ec2:Colour"});
        assert_eq!(world.code(OWNER, "ListResources", unknown.clone()), "InvalidResourceTypeException");
        assert_eq!(world.code(OWNER, "ListPrincipals", unknown), "InvalidParameterException");
    }

    #[test]
    fn the_owner_lists_principals_in_effect_and_a_consumer_the_owner() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole, OUTSIDER]);
        let own = json!({"resourceOwner": "SELF", "resourceShareArns": [arn]});
        assert_eq!(principals(&mut world, OWNER, own), [whole.as_str()]);
        let answer = world.ok(MEMBER, "ListPrincipals", json!({"resourceOwner": "OTHER-ACCOUNTS"}));
        assert_eq!(answer["principals"][0]["id"], OWNER);
        assert_eq!(answer["principals"][0]["external"], false);
    }

    #[test]
    fn principals_are_filtered() {
        let mut world = World::new();
        let license = world.license.clone();
        world.create(json!({"resourceArns": [license], "principals": [MEMBER]}));
        world.create(json!({"resourceArns": [GATEWAY], "principals": [NESTED]}));
        let own = |more: &str, value: Value| {
            let mut input = json!({"resourceOwner": "SELF"});
            input[more] = value;
            input
        };
        assert_eq!(principals(&mut world, OWNER, own("resourceArn", json!(license))), [MEMBER]);
        assert_eq!(principals(&mut world, OWNER, own("resourceType", json!("ec2:TransitGateway"))), [NESTED]);
        assert_eq!(principals(&mut world, OWNER, own("principals", json!([NESTED]))), [NESTED]);
    }
}
