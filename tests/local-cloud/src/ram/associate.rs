//! AssociateResourceShare.

use serde_json::json;

use super::create::named;
use super::model::ShareStatus;
use super::{Around, Ram, errors, render};
use crate::ctx::Ctx;
use crate::error::Outcome;
use crate::members::Members;

impl Ram {
    /// A member that is there already is answered with its present status, silently (terraform-provider-aws issues
    /// 33483 and 42367). A share that is PENDING or DELETING refuses with InvalidStateTransitionException (assumed).
    pub(super) fn associate(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let arn = members.required_text("resourceShareArn")?;
        let named = named(members)?;
        let share = self.owned(ctx, arn, around)?;
        if named.all().is_empty() {
            return Err(errors::invalid_parameter("You must name at least one resource or principal."));
        }
        if share.status != ShareStatus::Active {
            let status = share.status.as_str();
            return Err(errors::state(format!("The resource share {arn} is in {status} status.")));
        }
        let additions = self.judge(ctx, share, &named, around)?;
        self.join(ctx, arn, additions);
        let share = self.owned(ctx, arn, around)?;
        let associations = render::named(ctx, share, &named.all());
        Ok(json!({"resourceShareAssociations": associations, "clientToken": self.client_token(members)?}))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::organizations::RamSharing;
    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, FailAssociation, Kind};

    #[test]
    fn new_members_are_associating_in_the_answer() {
        let mut world = World::new();
        let (arn, license) = (world.create(json!({})), world.license.clone());
        let input = json!({"resourceShareArn": arn, "resourceArns": [license], "principals": [MEMBER]});
        let answer = world.ok(OWNER, "AssociateResourceShare", input);
        let associations = &answer["resourceShareAssociations"];
        assert_eq!(texts(associations, "associatedEntity"), [MEMBER, license.as_str()]);
        assert_eq!(texts(associations, "associationType"), ["PRINCIPAL", "RESOURCE"]);
        assert_eq!(texts(associations, "status"), ["ASSOCIATING", "ASSOCIATING"]);
    }

    #[test]
    fn a_member_that_is_there_is_answered_as_it_is_and_not_added_twice() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER, OUTSIDER]);
        let input = json!({"resourceShareArn": arn, "principals": [MEMBER, MEMBER, OUTSIDER]});
        let answer = world.ok(OWNER, "AssociateResourceShare", input);
        assert_eq!(texts(&answer["resourceShareAssociations"], "status"), ["ASSOCIATED", "ASSOCIATING"]);
        assert_eq!(world.cloud.associations(&arn).len(), 3);
        assert_eq!(world.cloud.invitations().len(), 1);
    }

    #[test]
    fn each_kind_settles_in_its_own_time() {
        let mut world = World::with(|ram| {
            ram.times.associate_account = Duration::from_secs(1);
            ram.times.associate_resource = Duration::from_secs(2);
            ram.times.associate_organization = Duration::from_secs(3);
        });
        let whole = world.whole.clone();
        let arn = world.share_with(&[MEMBER, &whole]);
        let mut settled = Vec::new();
        for _ in 0..4 {
            let found = world.cloud.associations(&arn).iter();
            settled.push(found.filter(|found| found.status == AssociationStatus::Associated).count());
            world.wait(1);
        }
        assert_eq!(settled, [0, 1, 2, 3]);
    }

    #[test]
    fn an_association_fails_by_rule_with_its_message() {
        let mut world = World::new();
        world.cloud.fail_association(FailAssociation {
            times: Some(1),
            ..FailAssociation::of(MEMBER, "no such luck")
        });
        let arn = world.share_with(&[MEMBER]);
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Failed));
        let input = json!({"associationType": "PRINCIPAL", "resourceShareArns": [arn]});
        let answer = world.ok(OWNER, "GetResourceShareAssociations", input);
        assert_eq!(answer["resourceShareAssociations"][0]["statusMessage"], "no such luck");
        // Once more, in its place.
        world.ok(OWNER, "AssociateResourceShare", json!({"resourceShareArn": arn, "principals": [MEMBER]}));
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associated));
        assert_eq!(world.cloud.associations(&arn).len(), 2);
    }

    #[test]
    fn an_organization_and_its_units_are_taken_by_arn_only() {
        let mut world = World::new();
        let (whole, unit) = (world.whole.clone(), world.unit.clone());
        let arn = world.share_with(&[&whole, &unit]);
        assert_eq!(world.principal(&arn, &unit), Some(AssociationStatus::Associated));
        for id in [world.organization.clone(), unit.rsplit('/').next().unwrap().to_owned()] {
            let input = json!({"resourceShareArn": arn, "principals": [id]});
            let (code, message) = world.refused(OWNER, "AssociateResourceShare", input);
            assert_eq!(code, "InvalidParameterException");
            assert!(message.starts_with(&format!("Principal ID {id} is malformed")), "{message}");
        }
    }

    #[test]
    fn an_unknown_unit_and_a_foreign_organization_could_not_be_found() {
        let mut world = World::new();
        let foreign = world.cloud.create_organization(OUTSIDER);
        let foreign = world.cloud.organization_arn(&foreign).unwrap();
        let unit = format!("{}9", world.unit);
        let arn = world.create(json!({}));
        for principal in [foreign, unit] {
            let input = json!({"resourceShareArn": arn, "principals": [principal]});
            let (code, message) = world.refused(OWNER, "AssociateResourceShare", input);
            assert_eq!(code, "UnknownResourceException");
            assert!(message.ends_with("could not be found."), "{message}");
        }
    }

    #[test]
    fn without_sharing_with_the_organization_its_principals_are_not_permitted() {
        let mut world = World::new();
        let (organization, whole) = (world.organization.clone(), world.whole.clone());
        let arn = world.create(json!({}));
        let input = json!({"resourceShareArn": arn, "principals": [whole]});
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        let (code, message) = world.refused(OWNER, "AssociateResourceShare", input.clone());
        assert_eq!(code, "OperationNotPermittedException");
        assert!(message.contains("onboarding process is still in progress"), "{message}");
        let until = Duration::from_secs(60);
        world.cloud.set_ram_sharing(&organization, RamSharing::Onboarding { until });
        assert_eq!(
            world.code(OWNER, "AssociateResourceShare", input.clone()),
            "OperationNotPermittedException"
        );
        world.wait(60);
        world.ok(OWNER, "AssociateResourceShare", input);
    }

    #[test]
    fn without_rams_role_its_principals_could_not_be_found() {
        let mut world = World::new();
        let (organization, whole) = (world.organization.clone(), world.whole.clone());
        world.cloud.set_ram_sharing(&organization, RamSharing::WithoutRole);
        let input = json!({"name": "a", "principals": [whole]});
        let (code, message) = world.refused(OWNER, "CreateResourceShare", input);
        assert_eq!(code, "UnknownResourceException");
        assert_eq!(message, format!("Organization {organization} could not be found."));
    }

    #[test]
    fn without_sharing_with_the_organization_its_accounts_are_invited() {
        let mut world = World::new();
        let organization = world.organization.clone();
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        let arn = world.share_with(&[MEMBER]);
        let found = world.cloud.share(&arn).unwrap().association(Kind::Principal, MEMBER).unwrap();
        assert!(found.external && found.is_invited());
        let closed = json!({"name": "a", "allowExternalPrincipals": false, "principals": [MEMBER]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", closed), "OperationNotPermittedException");
    }

    #[test]
    fn nothing_to_associate_and_shares_of_others_are_refused() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let nothing = json!({"resourceShareArn": arn});
        assert_eq!(world.code(OWNER, "AssociateResourceShare", nothing), "InvalidParameterException");
        let input = json!({"resourceShareArn": arn, "principals": [OUTSIDER]});
        assert_eq!(
            world.code(MEMBER, "AssociateResourceShare", input.clone()),
            "OperationNotPermittedException"
        );
        assert_eq!(world.code(OUTSIDER, "AssociateResourceShare", input.clone()), "UnknownResourceException");
        let (_, code, _) = world.send(OWNER, "us-east-1", "AssociateResourceShare", &input);
        assert_eq!(code.unwrap(), "UnknownResourceException");
        let wrong = json!({"resourceShareArn": "licenses", "principals": [OUTSIDER]});
        let (code, message) = world.refused(OWNER, "AssociateResourceShare", wrong);
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("MalformedArnException", "The specified resource share ARN is not valid")
        );
    }
}
