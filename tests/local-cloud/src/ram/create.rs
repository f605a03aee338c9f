//! CreateResourceShare.

use serde_json::json;

use super::join::Named;
use super::model::{Share, ShareStatus, Tag};
use super::{Around, Ram, errors, permissions, render, tags};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    /// Everything is checked before anything is made. Names are not unique.
    pub(super) fn create(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let named = named(members)?;
        let mut share = new_share(ctx, members)?;
        tags::check(&share.tags, ctx.settings.ram.quotas.tags)?;
        permissions::check(ctx, &share.permissions)?;
        self.check_shares(ctx)?;
        // The ARN follows the checks, so that refused calls use up no id.
        share.arn = format!("arn:{}:ram:{}:{}:resource-share/", ctx.partition, ctx.region, ctx.account());
        let additions = self.judge(ctx, &share, &named, around)?;
        share.arn.push_str(&self.ids.uuid());
        let shown = render::share(ctx, &share);
        let arn = share.arn.clone();
        self.shares.push(share);
        self.join(ctx, &arn, additions);
        Ok(json!({"resourceShare": shown, "clientToken": self.client_token(members)?}))
    }

    /// The clientToken of the request, or one that the service makes up.
    pub(super) fn client_token(&mut self, members: &Members<'_>) -> Result<String, ServiceError> {
        Ok(members.text("clientToken")?.map_or_else(|| self.ids.uuid(), str::to_owned))
    }

    fn check_shares(&self, ctx: &Ctx) -> Result<(), ServiceError> {
        let owned = self.shares.iter().filter(|share| {
            share.owner == ctx.account() && share.region == ctx.region && share.status.is_live()
        });
        if owned.count() >= ctx.settings.ram.quotas.shares {
            return Err(errors::limit("The resource shares of the account would exceed the quota."));
        }
        Ok(())
    }
}

/// The members that a call names. Sources limit service principals, which license configurations do not go to.
pub(super) fn named<'a>(members: &Members<'a>) -> Result<Named<'a>, ServiceError> {
    if members.texts("sources")?.is_some_and(|sources| !sources.is_empty()) {
        return Err(errors::invalid_parameter("sources can be used with service principals only."));
    }
    Ok(Named {
        principals: members.texts("principals")?.unwrap_or_default(),
        resources: members.texts("resourceArns")?.unwrap_or_default(),
    })
}

fn new_share(ctx: &Ctx, members: &Members<'_>) -> Result<Share, ServiceError> {
    let pending = ctx.settings.ram.times.share_pending;
    let configuration = members.structure("resourceShareConfiguration")?;
    let retain = match configuration {
        Some(configuration) => {
            configuration.flag("retainSharingOnAccountLeaveOrganization")?.unwrap_or(false)
        }
        None => false,
    };
    let share = Share {
        arn: String::new(),
        name: members.required_text("name")?.to_owned(),
        owner: ctx.account().to_owned(),
        region: ctx.region.clone(),
        allow_external: members.flag("allowExternalPrincipals")?.unwrap_or(true),
        retain,
        tags: read_tags(members)?,
        permissions: members
            .texts("permissionArns")?
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect(),
        status: if pending.is_zero() { ShareStatus::Active } else { ShareStatus::Pending },
        created: ctx.now,
        updated: ctx.now,
        next: (!pending.is_zero()).then_some(ctx.now + pending),
        associations: Vec::new(),
        former_principals: Vec::new(),
    };
    if share.retain && !share.allow_external {
        let message = "retainSharingOnAccountLeaveOrganization needs allowExternalPrincipals to be true.";
        return Err(errors::invalid_parameter(message));
    }
    Ok(share)
}

/// The `tags` of a call.
pub(super) fn read_tags(members: &Members<'_>) -> Result<Vec<Tag>, ServiceError> {
    let tags = members.structures("tags")?.unwrap_or_default();
    let read = tags.iter().map(|tag| {
        let value = tag.text("value")?.unwrap_or_default().to_owned();
        Ok(Tag { key: tag.required_text("key")?.to_owned(), value })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, Kind, ShareStatus};

    #[test]
    fn a_new_share_is_active_and_its_members_settle_by_the_next_request() {
        let mut world = World::new();
        let (license, whole) = (world.license.clone(), world.whole.clone());
        let input =
            json!({"name": "a", "resourceArns": [license], "principals": [whole], "clientToken": "t"});
        let answer = world.ok(OWNER, "CreateResourceShare", input);
        let share = &answer["resourceShare"];
        assert_eq!(answer["clientToken"], "t");
        assert_eq!(share["status"], "ACTIVE");
        assert_eq!(share["owningAccountId"], OWNER);
        assert_eq!(share["allowExternalPrincipals"], true);
        assert_eq!(share["featureSet"], "STANDARD");
        assert_eq!(share["creationTime"], 1_767_225_600.0);
        let arn = share["resourceShareArn"].as_str().unwrap();
        assert!(arn.starts_with("arn:aws:ram:eu-west-1:111111111111:resource-share/"));
        let statuses = |world: &World| -> Vec<AssociationStatus> {
            world.cloud.associations(arn).iter().map(|found| found.status).collect()
        };
        assert_eq!(statuses(&world), [AssociationStatus::Associating; 2]);
        world.wait(0);
        assert_eq!(statuses(&world), [AssociationStatus::Associated; 2]);
    }

    #[test]
    fn a_share_is_pending_for_the_time_that_is_set() {
        let mut world = World::with(|ram| ram.times.share_pending = std::time::Duration::from_secs(2));
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole]);
        assert_eq!(world.cloud.share(&arn).unwrap().status, ShareStatus::Pending);
        let code = world.code(
            OWNER,
            "AssociateResourceShare",
            json!({"resourceShareArn": arn, "principals": [MEMBER]}),
        );
        assert_eq!(code, "InvalidStateTransitionException");
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS").len(), 0);
        world.wait(2);
        assert_eq!(world.cloud.share(&arn).unwrap().status, ShareStatus::Active);
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS"), [arn]);
    }

    #[test]
    fn names_are_not_unique_without_a_token() {
        let mut world = World::new();
        let (one, two) = (world.create(json!({})), world.create(json!({})));
        assert_ne!(one, two);
        assert_eq!(world.seen(OWNER, "SELF"), [one, two]);
    }

    #[test]
    fn the_same_token_and_parameters_make_one_share() {
        let mut world = World::new();
        let input = json!({"name": "a", "clientToken": "t", "principals": [MEMBER]});
        let first = world.ok(OWNER, "CreateResourceShare", input.clone());
        world.wait(60);
        assert_eq!(world.ok(OWNER, "CreateResourceShare", input.clone()), first);
        let call = world.cloud.log().last().unwrap();
        assert!(call.applied && call.replayed && call.client_token.as_deref() == Some("t"));
        assert_eq!(world.cloud.shares().len(), 1);
        // Another account's token, and another Region's, is another one.
        world.ok(OUTSIDER, "CreateResourceShare", json!({"name": "a", "clientToken": "t"}));
        let (status, ..) = world.send(OWNER, "us-east-1", "CreateResourceShare", &input);
        assert_eq!((status, world.cloud.shares().len()), (200, 3));
    }

    #[test]
    fn the_same_token_with_other_parameters_or_operation_is_a_mismatch() {
        let mut world = World::new();
        let arn = world.create(json!({"clientToken": "t"}));
        let other = json!({"name": "other", "clientToken": "t"});
        assert_eq!(world.code(OWNER, "CreateResourceShare", other), "IdempotentParameterMismatchException");
        let delete = json!({"resourceShareArn": arn, "clientToken": "t"});
        assert_eq!(world.code(OWNER, "DeleteResourceShare", delete), "IdempotentParameterMismatchException");
        assert_eq!(world.cloud.shares().len(), 1);
    }

    #[test]
    fn a_token_of_a_refused_call_can_be_used_again() {
        let mut world = World::new();
        let wrong = json!({"name": "a", "clientToken": "t", "principals": ["o-1"]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", wrong), "InvalidParameterException");
        world.ok(OWNER, "CreateResourceShare", json!({"name": "a", "clientToken": "t"}));
    }

    #[test]
    fn a_token_is_forgotten_after_its_life() {
        let mut world = World::new();
        let first = world.create(json!({"clientToken": "t"}));
        world.wait_days(1);
        assert_ne!(world.create(json!({"clientToken": "t"})), first);
        let empty = json!({"name": "a", "clientToken": ""});
        assert_eq!(world.code(OWNER, "CreateResourceShare", empty), "InvalidClientTokenException");
    }

    #[test]
    fn one_bad_member_means_that_nothing_is_made() {
        let mut world = World::new();
        let (license, foreign) = (world.license.clone(), world.license.replace(OWNER, OUTSIDER));
        for resources in [json!([license, foreign]), json!([license, "no-arn"])] {
            let input = json!({"name": "a", "resourceArns": resources, "principals": [OUTSIDER]});
            world.refused(OWNER, "CreateResourceShare", input);
        }
        assert_eq!(world.cloud.shares().len(), 0);
        assert_eq!(world.cloud.invitations().len(), 0);
    }

    #[test]
    fn members_of_the_input_are_checked_for_presence_and_type() {
        let mut world = World::new();
        let wrong: [Value; 6] = [
            json!({}),
            json!({"name": ""}),
            json!({"name": 7}),
            json!({"name": "a", "principals": "222222222222"}),
            json!({"name": "a", "allowExternalPrincipals": "true"}),
            json!({"name": "a", "sources": ["222222222222"]}),
        ];
        for input in wrong {
            assert_eq!(world.code(OWNER, "CreateResourceShare", input), "InvalidParameterException");
        }
    }

    #[test]
    fn license_configurations_that_cannot_be_shared_are_refused() {
        let mut world = World::new();
        let license = world.license.clone();
        let gone = world.cloud.create_license_configuration(OWNER, "eu-west-1", "gone");
        world.cloud.delete_license_configuration(&gone);
        let elsewhere = world.cloud.create_license_configuration(OWNER, "us-east-1", "elsewhere");
        let cases = [
            (format!("{license}0"), "UnknownResourceException"),
            (gone, "UnknownResourceException"),
            (elsewhere, "UnknownResourceException"),
            (license.replace(OWNER, MEMBER), "OperationNotPermittedException"),
            ("arn:aws:s3:::bucket".to_owned(), "InvalidParameterException"),
            ("lic-1".to_owned(), "MalformedArnException"),
        ];
        for (arn, expected) in cases {
            let input = json!({"name": "a", "resourceArns": [arn]});
            assert_eq!(world.code(OWNER, "CreateResourceShare", input), expected, "{arn}");
        }
    }

    #[test]
    fn license_configurations_are_not_shared_with_iam_principals_or_services() {
        let mut world = World::new();
        let license = world.license.clone();
        for principal in ["arn:aws:iam::222222222222:role/a", "license-manager.amazonaws.com"] {
            let input = json!({"name": "a", "resourceArns": [license], "principals": [principal]});
            let (code, message) = world.refused(OWNER, "CreateResourceShare", input);
            assert_eq!(code, "InvalidParameterException");
            assert!(message.contains(principal), "{message}");
            let share = world.create(json!({"principals": [principal]}));
            let add = json!({"resourceShareArn": share, "resourceArns": [license]});
            assert_eq!(world.code(OWNER, "AssociateResourceShare", add), "InvalidParameterException");
        }
    }

    #[test]
    fn the_owner_as_a_principal_fails() {
        let mut world = World::new();
        let arn = world.share_with(&[OWNER]);
        let failed = world.cloud.share(&arn).unwrap().association(Kind::Principal, OWNER).unwrap();
        assert_eq!(failed.status, AssociationStatus::Failed);
        assert!(failed.message.is_some());
    }

    #[test]
    fn principals_outside_are_refused_where_they_are_not_allowed() {
        let mut world = World::new();
        let input = json!({"name": "a", "allowExternalPrincipals": false, "principals": [OUTSIDER]});
        let (code, message) = world.refused(OWNER, "CreateResourceShare", input);
        assert_eq!(code, "InvalidParameterException");
        assert_eq!(
            message,
            "Principal 999999999999 is not in your AWS organization. You do not have permission to add external AWS \
             accounts to a resource share."
        );
        let arn = world.create(json!({"allowExternalPrincipals": false, "principals": [MEMBER]}));
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associated));
    }

    #[test]
    fn an_account_of_the_organization_needs_no_invitation_and_is_not_external() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER, OUTSIDER]);
        world.wait(0);
        let external: Vec<(bool, AssociationStatus)> = [MEMBER, OUTSIDER]
            .map(|id| world.cloud.share(&arn).unwrap().association(Kind::Principal, id).unwrap())
            .map(|found| (found.external, found.status))
            .to_vec();
        assert_eq!(
            external,
            [(false, AssociationStatus::Associated), (true, AssociationStatus::Associating)]
        );
        assert_eq!(world.cloud.invitations().len(), 1);
    }

    #[test]
    fn with_retained_sharing_accounts_of_the_organization_must_accept_too() {
        let mut world = World::new();
        let retain = json!({"retainSharingOnAccountLeaveOrganization": true});
        let arn = world.create(json!({"principals": [MEMBER], "resourceShareConfiguration": retain}));
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associating));
        assert_eq!(world.invitations(MEMBER).len(), 1);
        let closed =
            json!({"name": "a", "allowExternalPrincipals": false, "resourceShareConfiguration": retain});
        assert_eq!(world.code(OWNER, "CreateResourceShare", closed), "InvalidParameterException");
    }

    #[test]
    fn quotas_are_kept_and_refuse_the_whole_call() {
        let mut world = World::with(|ram| {
            ram.quotas.members_per_call = 2;
            ram.quotas.associations_per_share = 2;
            ram.quotas.shares = 2;
        });
        let too_many = json!({"name": "a", "principals": [MEMBER, NESTED, OUTSIDER]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", too_many), "ResourceShareLimitExceededException");
        let arn = world.create(json!({"principals": [MEMBER, NESTED]}));
        let third = json!({"resourceShareArn": arn, "principals": [OUTSIDER]});
        assert_eq!(world.code(OWNER, "AssociateResourceShare", third), "ResourceShareLimitExceededException");
        world.create(json!({}));
        let third = json!({"name": "c"});
        assert_eq!(world.code(OWNER, "CreateResourceShare", third), "ResourceShareLimitExceededException");
        world.ok(OWNER, "DeleteResourceShare", json!({"resourceShareArn": arn}));
        world.create(json!({}));
    }

    #[test]
    fn twenty_invitations_of_an_account_may_be_pending() {
        let mut world = World::new();
        let accounts: Vec<String> = (0..21).map(|index| format!("8{index:011}")).collect();
        let input = json!({"name": "a", "principals": accounts});
        assert_eq!(world.code(OWNER, "CreateResourceShare", input), "ResourceShareLimitExceededException");
        let arn = world.create(json!({"principals": accounts[..20]}));
        let more = json!({"resourceShareArn": arn, "principals": accounts[20..]});
        assert_eq!(
            world.code(OWNER, "AssociateResourceShare", more.clone()),
            "ResourceShareLimitExceededException"
        );
        let invitation = world.invitation(&accounts[0]);
        let accept = json!({"resourceShareInvitationArn": invitation});
        world.ok(&accounts[0], "AcceptResourceShareInvitation", accept);
        world.ok(OWNER, "AssociateResourceShare", more);
    }

    #[test]
    fn the_permission_of_the_type_is_attached_by_itself() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole]);
        let answer = world.ok(OWNER, "ListResourceSharePermissions", json!({"resourceShareArn": arn}));
        assert_eq!(
            texts(&answer["permissions"], "arn"),
            ["arn:aws:ram::aws:permission/AWSRAMDefaultPermissionLicenseConfiguration"]
        );
        let unknown = json!({"name": "a", "permissionArns": ["arn:aws:ram::aws:permission/Other"]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", unknown), "UnknownResourceException");
    }
}
