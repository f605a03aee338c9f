//! What follows in one service from what happened in another, or from time.

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::LocalCloud;
use crate::ctx::{Ctx, Event};
use crate::iam::{LinkedRole, Surroundings, Uses};
use crate::license_manager::TRUSTED;
use crate::organizations::RamSharing;

impl LocalCloud {
    /// Does what License Manager asked for in other services.
    pub(crate) fn follow_events(&mut self, ctx: &Ctx) {
        for event in self.license_manager.take_events() {
            match event {
                Event::LicenseManagerLinked { account, region, at } => {
                    self.due_shares.push((at, account, region));
                }
                Event::TrustedAccess { account, principals } => self.link(ctx, &account, &principals),
                Event::OwnShareDeleted { account, region } => self.delete_own_share(&account, &region),
                Event::TrustedAccessRemoved { account, principals } => {
                    for principal in &principals {
                        self.set_trusted_access_of(&account, principal, false);
                    }
                }
            }
        }
    }

    /// Trusted access, and License Manager's roles: at once in the management account, later in the members.
    fn link(&mut self, ctx: &Ctx, account: &str, principals: &[String]) {
        for principal in principals {
            self.set_trusted_access_of(account, principal, true);
        }
        let Some(organization) = self.organizations.organization_of(account) else { return };
        let at = ctx.now + ctx.settings.license_manager.member_role_delay;
        self.iam.linked(&organization.id, at);
        for role in [LinkedRole::Master, LinkedRole::Member] {
            self.iam.give(account, role, ctx.now);
        }
    }

    /// As a link of License Manager's does, in the management account in `ctx`.
    pub(crate) fn trust_license_manager(&mut self, ctx: &Ctx) {
        self.link(ctx, ctx.account(), &TRUSTED.map(str::to_owned));
    }

    /// Gives or takes trusted access in the organization of an account; false where there is none.
    pub(crate) fn set_trusted_access_of(&mut self, account: &str, principal: &str, trusted: bool) -> bool {
        let found = self.organizations.organization_of(account).map(|organization| organization.id.clone());
        let Some(organization) = found.and_then(|id| self.organizations.get_mut(&id)) else { return false };
        if trusted {
            organization.trust(principal, self.now);
        } else {
            organization.distrust(principal);
        }
        true
    }

    fn delete_own_share(&mut self, account: &str, region: &str) {
        self.due_shares.retain(|(_, owner, place)| owner != account || place != region);
        if let Some(arn) = self.license_manager.share_removed(account, region) {
            self.remove_share_by_hand(&arn);
        }
    }

    /// License Manager's own shares whose time has come.
    pub(crate) fn make_due_shares(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.due_shares).into_iter().partition(|(at, ..)| *at <= now);
        self.due_shares = later;
        let due: Vec<(Duration, String, String)> = due;
        for (_, account, region) in due {
            self.create_license_manager_share(&account, &region);
        }
    }

    /// License Manager's role in invited accounts accepts, where it is set so.
    pub(crate) fn accept_as_member_role(&mut self) {
        let settings = Arc::clone(&self.settings);
        let switches = &settings.license_manager;
        if !switches.member_role_accepts {
            return;
        }
        let around =
            Surroundings { organizations: &self.organizations, settings: &settings.iam, now: self.now };
        let waiting = self.ram.pending_license_invitations(self.now, switches.member_role_accepts_after);
        let (iam, around) = (&self.iam, &around);
        let accepted: Vec<String> = waiting
            .into_iter()
            .filter(|invitation| iam.has(&invitation.receiver, LinkedRole::Member, around))
            .map(|invitation| invitation.arn.clone())
            .collect();
        for arn in accepted {
            self.ram.accept_for_receiver(&arn, self.now, &settings.ram);
        }
        self.ram.settle(self.now, &settings.ram);
    }

    /// Whether License Manager finds its core role in the caller's account; makes it where it is set so.
    pub(crate) fn finds_core_role(&mut self, ctx: &Ctx) -> bool {
        let around =
            Surroundings { organizations: &self.organizations, settings: &ctx.settings.iam, now: ctx.now };
        if !ctx.settings.license_manager.makes_core_role {
            return self.iam.has_propagated_core_role(ctx.account(), &around);
        }
        if !self.iam.has(ctx.account(), LinkedRole::Core, &around) {
            self.iam.give(ctx.account(), LinkedRole::Core, ctx.now);
        }
        true
    }

    /// What the caller's account needs its roles for (license manager facts 1.6): the core role for license configurations
    /// and the other two roles, those two for the link, RAM's for sharing with the organization.
    pub(crate) fn uses_of_roles(&self, ctx: &Ctx) -> Uses {
        let account = ctx.account();
        let around =
            Surroundings { organizations: &self.organizations, settings: &ctx.settings.iam, now: ctx.now };
        let organization = self.organizations.organization_of(account);
        let manages = organization.filter(|found| found.management_account == account);
        let trusted = organization.is_some_and(|found| found.trusts(LinkedRole::Member.service()));
        let others =
            [LinkedRole::Master, LinkedRole::Member].iter().any(|role| self.iam.has(account, *role, &around));
        let mut owned = self.license_manager.license_configurations().iter();
        let owns = owned.any(|found| found.owner == account && !found.is_deleted());
        let shares = manages
            .is_some_and(|found| matches!(found.ram_sharing, RamSharing::On | RamSharing::Onboarding { .. }));
        let used = [
            (LinkedRole::Core, others || owns),
            (LinkedRole::Master, self.license_manager.is_linked_anywhere(account)),
            (LinkedRole::Member, trusted),
            (LinkedRole::Ram, shares),
        ];
        Uses { roles: used.into_iter().filter(|(_, used)| *used).map(|(role, _)| role).collect() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::Reply;
    use crate::iam::LinkedRole::{Core, Master, Member, Ram};
    use crate::license_manager::SettingsPatch;
    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, REGION, World};

    const TRUSTED_ACCESS: [&str; 2] =
        ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"];

    /// A call to License Manager.
    fn licenses(world: &mut World, account: &str, operation: &str, input: Value) -> (u16, Value) {
        let scope =
            format!("AWS4-HMAC-SHA256 Credential={account}/20260101/{REGION}/license-manager/aws4_request");
        let request = http::Request::post("/")
            .header("authorization", scope)
            .header("x-amz-target", format!("AWSLicenseManager.{operation}"))
            .body(bytes::Bytes::from(input.to_string()))
            .unwrap();
        let Reply::Answer { response, .. } = world.cloud.handle(world.now, &request) else {
            panic!("no answer")
        };
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    /// A call to IAM; status and document.
    fn iam(world: &mut World, account: &str, form: &str) -> (u16, String) {
        let scope = format!("AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/iam/aws4_request");
        let request = http::Request::post("/").header("authorization", scope);
        let request = request.body(bytes::Bytes::from(form.to_owned())).unwrap();
        let Reply::Answer { response, .. } = world.cloud.handle(world.now, &request) else {
            panic!("no answer")
        };
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    #[track_caller]
    fn link(world: &mut World, on: bool) {
        let input = json!({"OrganizationConfiguration": {"EnableIntegration": on}});
        let (status, body) = licenses(world, OWNER, "UpdateServiceSettings", input);
        assert_eq!(status, 200, "{body}");
    }

    fn trusts(world: &mut World) -> [bool; 2] {
        let id = world.organization.clone();
        let organization = world.cloud.organizations().organization(&id).unwrap();
        TRUSTED_ACCESS.map(|principal| organization.trusts(principal))
    }

    fn settings(world: &mut World) -> Value {
        licenses(world, OWNER, "GetServiceSettings", json!({})).1
    }

    #[test]
    fn an_account_without_the_core_role_is_refused_until_the_role_is_made_and_has_spread() {
        let mut world = World::new();
        world.cloud.change_settings(|settings| settings.iam.propagation = Duration::from_secs(8));
        world.cloud.without_service_role(OWNER);
        let (status, body) = licenses(&mut world, OWNER, "GetServiceSettings", json!({}));
        assert_eq!((status, &body["__type"]), (400, &json!("AccessDeniedException")));
        assert!(body["Message"].as_str().unwrap().starts_with("Service role not found. "), "{body}");
        let create = "Action=CreateServiceLinkedRole&AWSServiceName=license-manager.amazonaws.com";
        let (status, body) = iam(&mut world, OWNER, create);
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("<ResponseMetadata><RequestId>"), "{body}");
        assert_eq!(iam(&mut world, OWNER, create).0, 400);
        world.wait(7);
        assert_eq!(licenses(&mut world, OWNER, "GetServiceSettings", json!({})).0, 400);
        world.wait(1);
        assert_eq!(licenses(&mut world, OWNER, "GetServiceSettings", json!({})).0, 200);
        assert_eq!(licenses(&mut world, MEMBER, "GetServiceSettings", json!({})).0, 200);
    }

    #[test]
    fn license_manager_makes_its_core_role_where_it_is_switched_so() {
        let mut world = World::new();
        world.cloud.change_settings(|settings| {
            settings.license_manager.makes_core_role = true;
            settings.iam.propagation = Duration::from_secs(8);
        });
        world.cloud.without_service_role(OWNER);
        for _ in 0..2 {
            assert_eq!(licenses(&mut world, OWNER, "GetServiceSettings", json!({})).0, 200);
        }
        assert!(world.cloud.has_linked_role(OWNER, Core));
    }

    #[test]
    fn linking_makes_roles_in_the_management_account_and_later_in_the_members() {
        let mut world = World::new();
        world.cloud.change_settings(|settings| {
            settings.license_manager.member_role_delay = Duration::from_secs(60);
        });
        link(&mut world, true);
        let has = |world: &mut World, account: &str, role| world.cloud.has_linked_role(account, role);
        assert!(has(&mut world, OWNER, Master) && has(&mut world, OWNER, Member));
        assert!(!has(&mut world, MEMBER, Member));
        world.wait(60);
        assert!(has(&mut world, MEMBER, Member) && has(&mut world, NESTED, Member));
        assert!(!has(&mut world, MEMBER, Master) && !has(&mut world, OUTSIDER, Member));
    }

    #[test]
    fn a_link_without_trusted_access_is_repaired_by_linking_again_as_the_switch_says() {
        for (repairs, expected) in [(true, [true, true]), (false, [false, false])] {
            let mut world = World::new();
            world.cloud.change_settings(|settings| settings.license_manager.relink_repairs = repairs);
            let linked = SettingsPatch { integration: Some(true), ..SettingsPatch::default() };
            world.cloud.set_service_settings(OWNER, REGION, linked);
            assert_eq!(trusts(&mut world), [false, false]);
            assert_eq!(settings(&mut world)["OrganizationConfiguration"]["EnableIntegration"], true);
            link(&mut world, true);
            assert_eq!(trusts(&mut world), expected);
            assert_eq!(settings(&mut world).get("LicenseManagerResourceShareArn").is_some(), repairs);
        }
    }

    #[test]
    fn trusted_access_without_a_link_is_possible_too() {
        let mut world = World::new();
        let id = world.organization.clone();
        for principal in TRUSTED_ACCESS {
            assert!(world.cloud.set_trusted_access(&id, principal, true));
        }
        assert_eq!(trusts(&mut world), [true, true]);
        assert_eq!(settings(&mut world)["OrganizationConfiguration"]["EnableIntegration"], false);
        assert!(world.cloud.set_trusted_access(&id, TRUSTED_ACCESS[0], false));
        assert_eq!(trusts(&mut world), [false, true]);
        assert!(!world.cloud.set_trusted_access("o-unknown", TRUSTED_ACCESS[0], true));
    }

    #[test]
    fn unlinking_keeps_share_and_access_or_takes_them_as_the_switches_say() {
        for taken in [false, true] {
            let mut world = World::new();
            world.cloud.change_settings(|settings| {
                settings.license_manager.unlink_deletes_share = taken;
                settings.license_manager.unlink_removes_access = taken;
            });
            link(&mut world, true);
            let arn = settings(&mut world)["LicenseManagerResourceShareArn"].clone();
            link(&mut world, false);
            let share = world.cloud.share(arn.as_str().unwrap()).unwrap();
            assert_eq!(share.status.is_live(), !taken);
            assert_eq!(trusts(&mut world), [!taken, !taken]);
            let shown = settings(&mut world);
            assert_eq!(shown["OrganizationConfiguration"]["EnableIntegration"], false);
            assert_eq!(shown.get("LicenseManagerResourceShareArn").is_some(), !taken);
        }
    }

    #[test]
    fn a_share_that_is_still_to_come_does_not_come_after_an_unlink_that_deletes_it() {
        let mut world = World::new();
        world.cloud.change_settings(|settings| {
            settings.license_manager.unlink_deletes_share = true;
            settings.license_manager.share_delay = Duration::from_secs(120);
        });
        link(&mut world, true);
        world.wait(60);
        link(&mut world, false);
        world.wait(600);
        assert_eq!(world.cloud.shares().len(), 0);
    }

    #[test]
    fn a_link_by_hand_has_all_that_a_link_brings_and_only_the_manager_has_one() {
        let mut world = World::new();
        assert!(!world.cloud.link_by_hand(MEMBER, REGION) && !world.cloud.link_by_hand(OUTSIDER, REGION));
        assert!(world.cloud.link_by_hand(OWNER, REGION));
        let shown = settings(&mut world);
        assert_eq!(shown["OrganizationConfiguration"]["EnableIntegration"], true);
        assert_eq!(shown["LicenseManagerResourceShareArn"], world.cloud.shares()[0].arn);
        assert_eq!(trusts(&mut world), [true, true]);
        assert!(world.cloud.has_linked_role(MEMBER, Member));
        assert!(world.cloud.log().iter().all(|call| call.operation == "GetServiceSettings"));
    }

    #[test]
    fn the_member_role_accepts_invitations_to_license_configurations_where_it_is_switched_so() {
        let mut world = World::with(|ram| ram.times.invitation_shown = Duration::from_secs(10));
        world.cloud.change_settings(|settings| {
            settings.license_manager.member_role_accepts = true;
            settings.license_manager.member_role_accepts_after = Duration::from_secs(20);
        });
        let id = world.organization.clone();
        world.cloud.set_ram_sharing(&id, RamSharing::Off);
        assert!(world.cloud.link_by_hand(OWNER, REGION));
        let arn = world.share_with(&[MEMBER, OUTSIDER]);
        let status = |world: &mut World, account| {
            let found = world.cloud.invitations().iter().find(|found| found.receiver == account);
            found.map(|found| found.status.as_str())
        };
        world.wait(29);
        assert_eq!(status(&mut world, MEMBER), Some("PENDING"));
        world.wait(1);
        assert_eq!(status(&mut world, MEMBER), Some("ACCEPTED"));
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS"), [arn]);
        assert_eq!(status(&mut world, OUTSIDER), Some("PENDING"));
        let empty = world.create(json!({"name": "empty", "principals": [NESTED]}));
        world.wait(60);
        assert!(!world.seen(NESTED, "OTHER-ACCOUNTS").contains(&empty));
    }

    #[test]
    fn rams_role_follows_sharing_and_a_role_in_use_is_not_deleted() {
        let mut world = World::new();
        let id = world.organization.clone();
        assert!(world.cloud.has_linked_role(OWNER, Ram) && !world.cloud.has_linked_role(MEMBER, Ram));
        let delete = format!("Action=DeleteServiceLinkedRole&RoleName={}", Ram.role_name());
        assert_eq!(iam(&mut world, OWNER, &delete).0, 200);
        assert!(world.cloud.has_linked_role(OWNER, Ram));
        world.cloud.set_ram_sharing(&id, RamSharing::Off);
        assert_eq!(iam(&mut world, OWNER, &delete).0, 200);
        assert!(!world.cloud.has_linked_role(OWNER, Ram));
        world.cloud.set_ram_sharing(&id, RamSharing::WithoutRole);
        let input = json!({"name": "a", "principals": [world.whole]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", input.clone()), "UnknownResourceException");
        world.ok(OWNER, "EnableSharingWithAwsOrganization", json!({}));
        assert!(world.cloud.has_linked_role(OWNER, Ram));
        world.ok(OWNER, "CreateResourceShare", input);
    }

    #[test]
    fn the_core_role_of_an_account_with_license_configurations_is_not_deleted() {
        let mut world = World::new();
        let delete = format!("Action=DeleteServiceLinkedRole&RoleName={}", Core.role_name());
        iam(&mut world, OWNER, &delete);
        assert!(world.cloud.has_linked_role(OWNER, Core));
        let license = world.license.clone();
        world.cloud.delete_license_configuration(&license);
        iam(&mut world, OWNER, &delete);
        assert!(!world.cloud.has_linked_role(OWNER, Core));
    }

    #[test]
    fn the_log_names_the_session_that_calls() {
        let mut world = World::new();
        let scope = format!("AWS4-HMAC-SHA256 Credential={OWNER}/20260101/{REGION}/sts/aws4_request");
        let form =
            format!("Action=AssumeRole&RoleArn=arn:aws:iam::{OUTSIDER}:role/accept&RoleSessionName=stack-a");
        let request = http::Request::post("/").header("authorization", scope).body(form.into()).unwrap();
        let Reply::Answer { response, .. } = world.cloud.handle(world.now, &request) else { panic!() };
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        let key = body.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(world.invitations(&key).len(), 0);
        let [.., assumed, called] = world.cloud.log() else { panic!("two calls") };
        assert_eq!(
            (assumed.session.as_deref(), &assumed.input["RoleSessionName"]),
            (None, &json!("stack-a"))
        );
        let session = format!("arn:aws:sts::{OUTSIDER}:assumed-role/accept/stack-a");
        assert_eq!(called.session, Some(session));
    }
}
