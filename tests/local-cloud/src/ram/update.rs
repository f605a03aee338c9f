//! UpdateResourceShare.

use serde_json::json;

use super::model::{Kind, Share};
use super::principal::sharing_is_on;
use super::settings::ExternalMembers;
use super::{Around, Ram, errors, render};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    /// Members that are left out stay as they are. A share that is DELETING refuses with OperationNotPermittedException
    /// (assumed; InvalidStateTransitionException is not modelled here).
    pub(super) fn update(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let arn = members.required_text("resourceShareArn")?;
        let (name, allow) = (members.text("name")?, members.flag("allowExternalPrincipals")?);
        let share = self.owned(ctx, arn, around)?;
        if !share.status.is_live() {
            let status = share.status.as_str();
            return Err(errors::not_permitted(format!("The resource share {arn} is in {status} status.")));
        }
        if name == Some("") {
            return Err(errors::invalid_parameter("name must not be empty."));
        }
        if share.allow_external && allow == Some(false) {
            check_no_external(ctx, share, around)?;
        }
        let token = self.client_token(members)?;
        let share = self.share_mut(arn).ok_or_else(|| errors::unknown_share(arn))?;
        share.name = name.unwrap_or(&share.name).to_owned();
        share.allow_external = allow.unwrap_or(share.allow_external);
        share.updated = ctx.now;
        Ok(json!({"resourceShare": render::share(ctx, share), "clientToken": token}))
    }
}

/// Without sharing with the organization a share cannot be closed to outsiders (terraform-provider-aws issue 7769); one
/// that keeps its accounts when they leave cannot, either (assumed). With outsiders in it, the switch decides.
fn check_no_external(ctx: &Ctx, share: &Share, around: &Around<'_>) -> Result<(), ServiceError> {
    let organization = around.organizations.organization_of(&share.owner);
    if !organization.is_some_and(|found| sharing_is_on(found, ctx.now)) {
        return Err(errors::only_within_organization());
    }
    if share.retain {
        let message = "retainSharingOnAccountLeaveOrganization needs allowExternalPrincipals to be true.";
        return Err(errors::invalid_parameter(message));
    }
    let external = share.present(Kind::Principal).find(|found| found.external);
    match (external, ctx.settings.ram.external_members) {
        (Some(found), ExternalMembers::Refused) => Err(errors::outside_organization(&found.entity)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::organizations::RamSharing;
    use crate::ram::ExternalMembers;
    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World};

    const UPDATE: &str = "UpdateResourceShare";

    #[test]
    fn what_is_left_out_stays_as_it_is() {
        let mut world = World::new();
        let arn = world.create(json!({"allowExternalPrincipals": false}));
        world.wait(10);
        let renamed = world.ok(OWNER, UPDATE, json!({"resourceShareArn": arn, "name": "new"}));
        assert_eq!(renamed["resourceShare"]["name"], "new");
        assert_eq!(renamed["resourceShare"]["allowExternalPrincipals"], false);
        assert_eq!(renamed["resourceShare"]["lastUpdatedTime"], 1_767_225_610.0);
        let opened =
            world.ok(OWNER, UPDATE, json!({"resourceShareArn": arn, "allowExternalPrincipals": true}));
        assert_eq!(opened["resourceShare"]["name"], "new");
        assert_eq!(opened["resourceShare"]["allowExternalPrincipals"], true);
    }

    #[test]
    fn outsiders_keep_a_share_open_or_stay_as_the_switch_says() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER, OUTSIDER]);
        let close = json!({"resourceShareArn": arn, "allowExternalPrincipals": false});
        assert_eq!(world.code(OWNER, UPDATE, close.clone()), "InvalidParameterException");
        world.set(|ram| ram.external_members = ExternalMembers::Stay);
        world.ok(OWNER, UPDATE, close);
        assert_eq!(world.cloud.associations(&arn).len(), 3);
    }

    #[test]
    fn without_sharing_with_the_organization_a_share_cannot_be_closed() {
        let mut world = World::new();
        let organization = world.organization.clone();
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        let arn = world.create(json!({}));
        let close = json!({"resourceShareArn": arn, "allowExternalPrincipals": false});
        assert_eq!(world.code(OWNER, UPDATE, close), "OperationNotPermittedException");
    }

    #[test]
    fn a_missing_arn_has_an_error_of_its_own() {
        let mut world = World::new();
        assert_eq!(world.code(OWNER, UPDATE, json!({"name": "a"})), "MissingRequiredParameterException");
    }
}
