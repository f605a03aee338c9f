//! What happens by itself: changes that take time, expiry, and what follows from other services.

use std::time::Duration;

use super::Ram;
use super::model::{Association, AssociationStatus, InvitationStatus, Kind, Next, Share, ShareStatus};
use super::principal;
use super::resource;
use super::settings::{DeletedResource, LostMember, RamSettings, RefusedInvitation};
use crate::license_manager::LicenseManager;
use crate::organizations::Organizations;
use crate::wire::is_account;

impl Ram {
    /// Brings everything to `now`.
    pub fn settle(&mut self, now: Duration, settings: &RamSettings) {
        self.expire_invitations(now, settings);
        let listed = settings.times.invitation_listed;
        self.invitations
            .retain(|found| found.status == InvitationStatus::Pending || now < found.changed + listed);
        for share in &mut self.shares {
            settle_share(share, now, settings);
        }
        self.shares
            .retain(|share| share.status != ShareStatus::Deleted || share.next.is_none_or(|end| now < end));
    }

    fn expire_invitations(&mut self, now: Duration, settings: &RamSettings) {
        let life = settings.times.invitation_life;
        let mut expired = Vec::new();
        for invitation in &mut self.invitations {
            if invitation.status == InvitationStatus::Pending && now >= invitation.sent + life {
                invitation.status = InvitationStatus::Expired;
                invitation.changed = invitation.sent + life;
                expired.push((invitation.share_arn.clone(), invitation.receiver.clone(), invitation.changed));
            }
        }
        for (share, receiver, at) in expired {
            self.refuse(&share, &receiver, at, settings);
        }
    }

    /// The association of an invitation that was rejected or expired goes.
    pub(super) fn refuse(&mut self, share_arn: &str, receiver: &str, at: Duration, settings: &RamSettings) {
        let Some(share) = self.share_mut(share_arn) else { return };
        let found = share.association_mut(Kind::Principal, receiver).filter(|found| found.is_invited());
        let Some(found) = found else { return };
        let end = match settings.refused_invitation {
            RefusedInvitation::Stays => return,
            RefusedInvitation::Vanishes => {
                share.associations.retain(|found| !found.is(Kind::Principal, receiver));
                return;
            }
            RefusedInvitation::Disassociated => Next::Disassociated,
            RefusedInvitation::Failed => Next::Failed("The invitation was rejected or expired.".to_owned()),
        };
        found.next = Some((at, end));
        settle_association(found, at, settings);
    }

    /// Follows what changed in Organizations and License Manager: members that left, license configurations that are
    /// deleted, sharing with the organization that was turned off.
    pub fn follow(
        &mut self,
        now: Duration,
        settings: &RamSettings,
        organizations: &Organizations,
        licenses: &LicenseManager,
    ) {
        for share in self.shares.iter_mut().filter(|share| share.status.is_live()) {
            let lost: Vec<(Kind, String)> = share
                .associations
                .iter()
                .filter(|found| found.status.is_present())
                .filter(|found| is_lost(share, found, now, settings, organizations, licenses))
                .map(|found| (found.kind, found.entity.clone()))
                .collect();
            for (kind, entity) in lost {
                lose(share, kind, &entity, now, settings);
            }
        }
    }

    /// An account is closed: its associations go, also where it was invited from outside.
    pub fn account_closed(&mut self, account: &str, now: Duration, settings: &RamSettings) {
        self.invitations
            .retain(|found| found.receiver != account || found.status != InvitationStatus::Pending);
        for share in self.shares.iter_mut().filter(|share| share.status.is_live()) {
            if share.association(Kind::Principal, account).is_some_and(|found| found.status.is_present()) {
                lose(share, Kind::Principal, account, now, settings);
            }
        }
    }
}

fn is_lost(
    share: &Share,
    association: &Association,
    now: Duration,
    settings: &RamSettings,
    organizations: &Organizations,
    licenses: &LicenseManager,
) -> bool {
    match association.kind {
        Kind::Resource => {
            settings.deleted_resource == DeletedResource::Vanishes
                && !resource::exists(&association.entity, licenses)
        }
        Kind::Principal => !association.external && !is_entitled(share, association, now, organizations),
    }
}

/// Whether a principal that was not invited still belongs to the owner's organization, as RAM sees it. Turning sharing with
/// the organization off takes organizations and units out of every share (AWS RAM user guide); that accounts stay is assumed.
fn is_entitled(
    share: &Share,
    association: &Association,
    now: Duration,
    organizations: &Organizations,
) -> bool {
    let parsed = principal::Principal::parse(&association.entity, share.partition());
    if parsed.is_ok_and(principal::Principal::is_iam_or_service) {
        return true;
    }
    let Some(organization) = organizations.organization_of(&share.owner) else { return false };
    if is_account(&association.entity) {
        return organizations.is_active_member(&organization.id, &association.entity);
    }
    let unit = association.entity.rsplit('/').next().unwrap_or_default();
    principal::sharing_is_on(organization, now)
        && (organization.arn == association.entity
            || organization.arn_of_ou(unit).is_some_and(|arn| arn == association.entity))
}

fn lose(share: &mut Share, kind: Kind, entity: &str, now: Duration, settings: &RamSettings) {
    if kind == Kind::Resource || settings.lost_member == LostMember::Vanishes {
        share.associations.retain(|found| !found.is(kind, entity));
        return;
    }
    if let Some(found) = share.association_mut(kind, entity) {
        let message = "The account is not in your AWS organization any more.".to_owned();
        found.next = Some((now, Next::Failed(message)));
        settle_association(found, now, settings);
    }
}

fn settle_share(share: &mut Share, now: Duration, settings: &RamSettings) {
    while let Some(at) = share.next.filter(|at| *at <= now) {
        share.next = match share.status {
            ShareStatus::Deleting => {
                share.associations.clear();
                share.status = ShareStatus::Deleted;
                share.updated = at;
                Some(at + settings.times.share_deleted)
            }
            ShareStatus::Pending => {
                share.status = ShareStatus::Active;
                share.updated = at;
                None
            }
            // The end of a DELETED share is that the caller drops it.
            ShareStatus::Deleted => return,
            ShareStatus::Active => None,
        };
    }
    for association in &mut share.associations {
        settle_association(association, now, settings);
    }
    share.associations.retain(|found| !matches!(&found.next, Some((at, Next::Gone)) if *at <= now));
}

fn settle_association(association: &mut Association, now: Duration, settings: &RamSettings) {
    let Some((at, next)) = association.next.take_if(|(at, next)| *at <= now && *next != Next::Gone) else {
        return;
    };
    association.updated = at;
    match next {
        Next::Associated => association.status = AssociationStatus::Associated,
        Next::Failed(message) => {
            association.status = AssociationStatus::Failed;
            association.message = Some(message);
        }
        Next::Disassociated => {
            association.status = AssociationStatus::Disassociated;
            association.next = Some((at + settings.times.disassociated, Next::Gone));
        }
        Next::Gone => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::organizations::RamSharing;
    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, World};
    use crate::ram::{AssociationStatus, DeletedResource, LostMember};

    #[test]
    fn an_account_that_leaves_the_organization_is_gone_from_shares_and_sees_none() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[MEMBER, NESTED, &whole]);
        world.wait(0);
        assert!(world.cloud.leave_organization(MEMBER));
        assert_eq!(world.principal(&arn, MEMBER), None);
        assert_eq!(world.principal(&arn, NESTED), Some(AssociationStatus::Associated));
        assert_eq!(world.principal(&arn, &whole), Some(AssociationStatus::Associated));
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS").len(), 0);
    }

    #[test]
    fn an_account_that_leaves_can_fail_instead_and_stays_where_sharing_is_retained() {
        let mut world = World::with(|ram| ram.lost_member = LostMember::Fails);
        let plain = world.share_with(&[MEMBER]);
        let retain = json!({"retainSharingOnAccountLeaveOrganization": true});
        let kept = world.create(json!({"principals": [MEMBER], "resourceShareConfiguration": retain}));
        let invitation = world.invitation(MEMBER);
        world.ok(MEMBER, "AcceptResourceShareInvitation", json!({"resourceShareInvitationArn": invitation}));
        world.wait(0);
        assert!(world.cloud.leave_organization(MEMBER));
        assert_eq!(world.principal(&plain, MEMBER), Some(AssociationStatus::Failed));
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS"), [kept]);
    }

    #[test]
    fn a_closed_account_is_gone_wherever_it_was() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER, OUTSIDER]);
        world.cloud.close_account(MEMBER);
        world.cloud.close_account(OUTSIDER);
        assert_eq!(world.principal(&arn, MEMBER), None);
        assert_eq!(world.principal(&arn, OUTSIDER), None);
        assert_eq!(world.cloud.invitations().len(), 0);
    }

    #[test]
    fn turning_sharing_off_takes_organization_and_units_out_of_every_share() {
        let mut world = World::new();
        let (organization, whole, unit) =
            (world.organization.clone(), world.whole.clone(), world.unit.clone());
        let arn = world.share_with(&[&whole, &unit, MEMBER, OUTSIDER]);
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        world.wait(0);
        assert_eq!(world.cloud.associations(&arn).len(), 3);
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associated));
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
    }

    #[test]
    fn a_deleted_license_configuration_goes_or_stays_as_the_switch_says() {
        for (switch, left) in [(DeletedResource::Vanishes, 0), (DeletedResource::Stays, 1)] {
            let mut world = World::with(|ram| ram.deleted_resource = switch);
            let (arn, license) = (world.share_with(&[]), world.license.clone());
            world.cloud.delete_license_configuration(&license);
            assert_eq!(world.cloud.associations(&arn).len(), left);
        }
    }

    #[test]
    fn a_call_to_organizations_is_followed_like_the_scene_is() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        world.wait(0);
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={OWNER}/20260101/us-east-1/organizations/aws4_request, SignedHeaders=host"
        );
        let request = http::Request::post("/")
            .header("authorization", scope)
            .header("x-amz-target", "AWSOrganizationsV20161128.RemoveAccountFromOrganization")
            .body(bytes::Bytes::from(json!({"AccountId": MEMBER}).to_string()))
            .unwrap();
        world.cloud.handle(world.now, &request);
        assert!(world.cloud.log().last().unwrap().applied);
        assert_eq!(world.principal(&arn, MEMBER), None);
    }
}
