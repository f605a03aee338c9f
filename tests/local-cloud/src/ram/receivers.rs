//! Receivers of invitations from outside, without a caller: License Manager's role that accepts, and a past for tests.

use std::time::Duration;

use super::Ram;
use super::model::{Invitation, InvitationStatus, Kind, Next};
use super::resource;
use super::settings::RamSettings;

impl Ram {
    /// Invitations that are PENDING, have shown for `after`, and are to shares that hold a license configuration.
    pub(crate) fn pending_license_invitations(&self, now: Duration, after: Duration) -> Vec<&Invitation> {
        let pending = self
            .invitations
            .iter()
            .filter(|found| found.status == InvitationStatus::Pending && now >= found.shown_from + after);
        pending.filter(|found| self.holds_license(&found.share_arn)).collect()
    }

    fn holds_license(&self, share_arn: &str) -> bool {
        let mut resources = self.share(share_arn).into_iter().flat_map(|share| share.present(Kind::Resource));
        resources.any(|found| resource::is_license_configuration(&found.entity))
    }

    /// Somebody in the receiver's account accepts. False for an invitation that is not PENDING, or was taken back.
    pub fn accept_for_receiver(&mut self, arn: &str, now: Duration, settings: &RamSettings) -> bool {
        let pending = self.invitations.iter().find(|found| found.arn == arn);
        if !pending.is_some_and(|found| self.is_waited_for(found)) {
            return false;
        }
        let Some(invitation) = self.pending_mut(|found| found.arn == arn) else { return false };
        (invitation.status, invitation.changed) = (InvitationStatus::Accepted, now);
        let invitation = invitation.clone();
        self.let_in(&invitation, now, settings);
        true
    }

    /// The invitation of an account to a share ends now, rejected or expired. False where none is PENDING.
    pub fn end_invitation(
        &mut self,
        share_arn: &str,
        receiver: &str,
        end: Ending,
        now: Duration,
        settings: &RamSettings,
    ) -> bool {
        let of = |found: &Invitation| found.share_arn == share_arn && found.receiver == receiver;
        let Some(invitation) = self.pending_mut(of) else { return false };
        (invitation.status, invitation.changed) = (end.status(), now);
        self.refuse(share_arn, receiver, now, settings);
        true
    }

    /// Puts an invitation of the past before the others of a share; nothing else remembers it. False for an unknown share.
    pub fn add_old_invitation(
        &mut self,
        share_arn: &str,
        receiver: &str,
        end: Ending,
        now: Duration,
    ) -> bool {
        let id = self.ids.uuid();
        let Some(share) = self.share(share_arn) else { return false };
        let sender = &share.owner;
        let old = Invitation {
            arn: format!(
                "arn:{}:ram:{}:{sender}:resource-share-invitation/{id}",
                share.partition(),
                share.region
            ),
            share_arn: share.arn.clone(),
            share_name: share.name.clone(),
            sender: sender.clone(),
            receiver: receiver.to_owned(),
            region: share.region.clone(),
            sent: share.created,
            shown_from: share.created,
            status: end.status(),
            changed: now,
        };
        let place = self.invitations.iter().position(|found| found.share_arn == share_arn);
        self.invitations.insert(place.unwrap_or(self.invitations.len()), old);
        true
    }

    /// Invitations of a receiver that are not PENDING are listed no more, as after seven days.
    pub fn purge_invitations(&mut self, receiver: &str) {
        self.invitations
            .retain(|found| found.receiver != receiver || found.status == InvitationStatus::Pending);
    }

    /// The receiver of an accepted invitation comes into the share.
    pub(super) fn let_in(&mut self, invitation: &Invitation, now: Duration, settings: &RamSettings) {
        let settled = now + settings.times.associate_account;
        if let Some(share) = self.share_mut(&invitation.share_arn)
            && let Some(found) = share.association_mut(Kind::Principal, &invitation.receiver)
            && found.is_invited()
        {
            found.next = Some((settled, Next::Associated));
        }
    }

    fn pending_mut(&mut self, wanted: impl Fn(&Invitation) -> bool) -> Option<&mut Invitation> {
        let mut all = self.invitations.iter_mut();
        all.find(|found| found.status == InvitationStatus::Pending && wanted(found))
    }
}

/// How an invitation ended without being accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Ending {
    /// The receiver rejected it.
    Rejected,
    /// Nobody answered in time.
    Expired,
}

impl Ending {
    fn status(self) -> InvitationStatus {
        match self {
            Self::Rejected => InvitationStatus::Rejected,
            Self::Expired => InvitationStatus::Expired,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::ram::AssociationStatus;
    use crate::ram::testing::{OUTSIDER, World, texts};

    const ACCEPT: &str = "AcceptResourceShareInvitation";

    fn statuses(world: &mut World) -> Vec<String> {
        texts(&Value::Array(world.invitations(OUTSIDER)), "status")
    }

    #[test]
    fn older_invitations_stand_before_the_one_that_is_pending() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        for end in [Ending::Rejected, Ending::Expired] {
            assert!(world.cloud.add_old_invitation(&arn, OUTSIDER, end));
        }
        assert_eq!(statuses(&mut world), ["EXPIRED", "REJECTED", "PENDING"]);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
        let pending = world.invitations(OUTSIDER)[2]["resourceShareInvitationArn"].clone();
        world.ok(OUTSIDER, ACCEPT, json!({"resourceShareInvitationArn": pending}));
        world.cloud.purge_invitations(OUTSIDER);
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
        assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS"), [arn]);
    }

    #[test]
    fn an_invitation_ends_by_hand_and_takes_its_association_with_it() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        assert!(world.cloud.end_invitation(&arn, OUTSIDER, Ending::Expired));
        assert!(!world.cloud.end_invitation(&arn, OUTSIDER, Ending::Expired));
        assert_eq!(statuses(&mut world), ["EXPIRED"]);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Disassociated));
    }

    #[test]
    fn after_acceptance_the_share_is_unknown_for_a_while_and_its_resources_come_later_still() {
        let mut world = World::with(|ram| {
            ram.times.share_shown = Duration::from_secs(60);
            ram.times.resources_shown = Duration::from_secs(30);
        });
        let (arn, license) = (world.share_with(&[OUTSIDER]), world.license.clone());
        let invitation = world.invitation(OUTSIDER);
        world.ok(OUTSIDER, ACCEPT, json!({"resourceShareInvitationArn": invitation}));
        let share = json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [arn]});
        let resources = json!({"resourceOwner": "OTHER-ACCOUNTS"});
        world.wait(59);
        assert_eq!(world.code(OUTSIDER, "GetResourceShares", share.clone()), "UnknownResourceException");
        world.wait(1);
        world.ok(OUTSIDER, "GetResourceShares", share);
        let shown = |world: &mut World| {
            let listed = world.ok(OUTSIDER, "ListResources", resources.clone());
            let usable = world.cloud.license_configurations_shared_with(OUTSIDER, "eu-west-1");
            (texts(&listed["resources"], "arn"), usable)
        };
        assert_eq!(shown(&mut world), (vec![], vec![]));
        world.wait(30);
        assert_eq!(shown(&mut world), (vec![license.clone()], vec![license]));
    }
}
