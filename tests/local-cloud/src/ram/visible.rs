//! Which shares a caller sees: its own, and those of others that it was let into.

use super::model::{Association, Kind, Share, ShareStatus};
use super::{Around, Ram, arn, errors, principal};
use crate::ctx::Ctx;
use crate::error::ServiceError;

/// The two values of `resourceOwner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Own,
    Others,
}

impl Owner {
    /// The values on the wire.
    pub(super) const NAMES: [&'static str; 2] = ["SELF", "OTHER-ACCOUNTS"];

    pub(super) fn named(name: &str) -> Self {
        if name == "SELF" { Self::Own } else { Self::Others }
    }
}

impl Ram {
    /// The shares that the caller sees as owner or as consumer, oldest first.
    pub(super) fn seen<'a>(&'a self, ctx: &Ctx, owner: Owner, around: &Around<'_>) -> Vec<&'a Share> {
        let here = self.shares.iter().filter(|share| share.region == ctx.region);
        match owner {
            Owner::Own => here.filter(|share| share.owner == ctx.account()).collect(),
            Owner::Others => here.filter(|share| is_shared_with(share, ctx, around)).collect(),
        }
    }

    /// ARNs of the license configurations of others that the caller may use, in its Region.
    pub fn license_configurations_shared_with(&self, ctx: &Ctx, around: &Around<'_>) -> Vec<String> {
        let shares = self.seen(ctx, Owner::Others, around);
        let live = shares.into_iter().filter(|share| share.status.is_live());
        let resources = live.flat_map(|share| {
            share.associated(Kind::Resource).filter(|found| shows(found, share, ctx, around))
        });
        let arns = resources.map(|found| found.entity.clone());
        arns.filter(|text| super::resource::is_license_configuration(text)).collect()
    }

    /// The caller's own share with this ARN.
    ///
    /// # Errors
    /// MalformedArnException; OperationNotPermittedException for a share of another account that the caller sees;
    /// UnknownResourceException for any other, and for one that is DELETED.
    pub(super) fn owned<'a>(
        &'a self,
        ctx: &Ctx,
        text: &str,
        around: &Around<'_>,
    ) -> Result<&'a Share, ServiceError> {
        arn::check_share(text)?;
        let found = self.share(text).filter(|share| share.region == ctx.region);
        let share = found.ok_or_else(|| errors::unknown_share(text))?;
        if share.owner == ctx.account() {
            return if share.status == ShareStatus::Deleted {
                Err(errors::unknown_share(text))
            } else {
                Ok(share)
            };
        }
        if is_shared_with(share, ctx, around) {
            return Err(errors::not_permitted(format!("You do not own the resource share {text}.")));
        }
        Err(errors::unknown_share(text))
    }
}

/// Keeps the shares whose ARNs a filter names; an ARN that is not among them is unknown.
pub(super) fn filter_by_arn<'a>(
    shares: Vec<&'a Share>,
    arns: Option<&[&str]>,
) -> Result<Vec<&'a Share>, ServiceError> {
    let Some(arns) = arns.filter(|arns| !arns.is_empty()) else { return Ok(shares) };
    for text in arns {
        arn::check_share(text)?;
        if !shares.iter().any(|share| share.arn == *text) {
            return Err(errors::unknown_share(text));
        }
    }
    Ok(shares.into_iter().filter(|share| arns.contains(&share.arn.as_str())).collect())
}

/// Whether a resource of another account's share shows to the caller, who sees the share: some time later than the share.
pub(super) fn shows(resource: &Association, share: &Share, ctx: &Ctx, around: &Around<'_>) -> bool {
    let times = &ctx.settings.ram.times;
    let covers = |text: &str| principal::covers(text, ctx.account(), share, around.organizations, ctx.now);
    let mut through = share.associated(Kind::Principal).filter(|found| covers(&found.entity));
    through.any(|found| {
        let shown = (found.updated + times.share_shown).max(resource.updated);
        ctx.now >= shown + times.resources_shown
    })
}

/// Whether another account's share shows to the caller: one of its principals is ASSOCIATED and covers the caller, long
/// enough ago; or did when the share was deleted. Invitations that are PENDING do not count.
pub(super) fn is_shared_with(share: &Share, ctx: &Ctx, around: &Around<'_>) -> bool {
    if share.owner == ctx.account() || share.region != ctx.region || share.status == ShareStatus::Pending {
        return false;
    }
    let covers = |text: &str| principal::covers(text, ctx.account(), share, around.organizations, ctx.now);
    if !share.status.is_live() {
        return share.former_principals.iter().any(|text| covers(text));
    }
    let delay = ctx.settings.ram.times.share_shown;
    share.associated(Kind::Principal).any(|found| ctx.now >= found.updated + delay && covers(&found.entity))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ram::testing::{MEMBER, OUTSIDER, World, texts};

    #[test]
    fn what_is_reached_through_two_shares_stays_until_the_second_one_is_left() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let (by_account, by_organization) = (world.share_with(&[MEMBER]), world.share_with(&[&whole]));
        world.wait(0);
        let leave = |arn: &str| json!({"resourceShareArn": arn, "principals": [MEMBER]});
        let listed = |world: &mut World| {
            let answer = world.ok(MEMBER, "ListResources", json!({"resourceOwner": "OTHER-ACCOUNTS"}));
            texts(&answer["resources"], "resourceShareArn")
        };
        assert_eq!(listed(&mut world), [by_account.clone(), by_organization.clone()]);
        world.ok(MEMBER, "DisassociateResourceShare", leave(&by_account));
        assert_eq!(listed(&mut world), [by_organization.as_str()]);
        let license = world.license.clone();
        assert_eq!(world.cloud.license_configurations_shared_with(MEMBER, "eu-west-1"), [license]);
        let code = world.code(MEMBER, "DisassociateResourceShare", leave(&by_account));
        assert_eq!(code, "UnknownResourceException");
        let code = world.code(MEMBER, "DisassociateResourceShare", leave(&by_organization));
        assert_eq!(code, "OperationNotPermittedException");
    }

    #[test]
    fn a_share_that_waits_for_its_consumer_is_listed_nowhere_for_it() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        let input = json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareStatus": "PENDING"});
        let answer = world.ok(OUTSIDER, "GetResourceShares", input);
        assert_eq!(answer, json!({"resourceShares": []}));
        for operation in ["GetResourceShares", "ListResources", "ListPrincipals"] {
            let all = world.ok(OUTSIDER, operation, json!({"resourceOwner": "OTHER-ACCOUNTS"}));
            assert!(!all.to_string().contains(&arn), "{operation}: {all}");
            let named = json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [arn]});
            assert_eq!(world.code(OUTSIDER, operation, named), "UnknownResourceException");
        }
    }
}
