//! DeleteResourceShare.

use serde_json::json;

use super::disassociate::check_blocked;
use super::model::{AssociationStatus, Kind, Share, ShareStatus};
use super::settings::SecondDelete;
use super::{Around, Ram};
use crate::ctx::Ctx;
use crate::error::Outcome;
use crate::members::Members;

impl Ram {
    /// A share that is DELETING already is answered as if it were the first time (assumed).
    pub(super) fn delete(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let arn = members.required_text("resourceShareArn")?;
        let again = ctx.settings.ram.second_delete == SecondDelete::Succeeds
            && self.share(arn).is_some_and(|share| {
                share.status == ShareStatus::Deleted
                    && share.owner == ctx.account()
                    && share.region == ctx.region
            });
        if !again {
            let share = self.owned(ctx, arn, around)?;
            check_blocked(share, ctx.settings.ram.delete_blocked_by, &[])?;
            self.begin_deletion(ctx, arn);
        }
        Ok(json!({"returnValue": true, "clientToken": self.client_token(members)?}))
    }

    fn begin_deletion(&mut self, ctx: &Ctx, arn: &str) {
        self.withdraw(ctx, arn, |_| true);
        let end = ctx.now + ctx.settings.ram.times.share_deleting;
        let Some(share) = self.share_mut(arn).filter(|share| share.status.is_live()) else { return };
        share.former_principals = principals_of(share);
        share.status = ShareStatus::Deleting;
        share.updated = ctx.now;
        share.next = Some(end);
        for association in share.associations.iter_mut().filter(|found| found.status.is_present()) {
            association.status = AssociationStatus::Disassociating;
            association.updated = ctx.now;
            // It goes with the share; what it was about to become does not happen.
            association.next = None;
        }
    }

    /// A share goes as if its owner had deleted it in the console and it were through; `listed` tells whether it is still
    /// listed as DELETED. False for a share that is not there.
    pub fn remove_by_hand(&mut self, ctx: &Ctx, arn: &str, listed: bool) -> bool {
        self.withdraw(ctx, arn, |_| true);
        let listed_for = ctx.settings.ram.times.share_deleted;
        let Some(share) = self.share_mut(arn) else { return false };
        if !listed {
            self.shares.retain(|share| share.arn != arn);
            return true;
        }
        share.former_principals = principals_of(share);
        share.associations.clear();
        share.status = ShareStatus::Deleted;
        share.updated = ctx.now;
        share.next = Some(ctx.now + listed_for);
        true
    }
}

fn principals_of(share: &Share) -> Vec<String> {
    share.associated(Kind::Principal).map(|found| found.entity.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, BlockedBy, SecondDelete, ShareStatus};

    const DELETE: &str = "DeleteResourceShare";

    #[test]
    fn a_share_is_deleting_then_deleted_for_two_hours_then_unknown() {
        let mut world = World::with(|ram| ram.times.share_deleting = Duration::from_secs(3));
        let arn = world.share_with(&[MEMBER]);
        let answer = world.ok(OWNER, DELETE, json!({"resourceShareArn": arn, "clientToken": "t"}));
        assert_eq!(answer, json!({"returnValue": true, "clientToken": "t"}));
        let input = json!({"resourceOwner": "SELF", "resourceShareArns": [arn]});
        let mut statuses = Vec::new();
        for seconds in [0, 3, 7_199] {
            world.wait(seconds);
            let answer = world.ok(OWNER, "GetResourceShares", input.clone());
            statuses.extend(texts(&answer["resourceShares"], "status"));
        }
        assert_eq!(statuses, ["DELETING", "DELETED", "DELETED"]);
        world.wait(1);
        assert_eq!(world.code(OWNER, "GetResourceShares", input), "UnknownResourceException");
    }

    #[test]
    fn members_of_a_share_that_is_deleted_go_and_do_not_come_back_in_between() {
        let mut world = World::with(|ram| {
            ram.times.share_deleting = Duration::from_secs(3);
            ram.times.associate_account = Duration::from_secs(1);
        });
        let arn = world.share_with(&[MEMBER]);
        world.ok(OWNER, DELETE, json!({"resourceShareArn": arn}));
        world.wait(2);
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Disassociating));
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS").len(), 0);
        world.wait(1);
        assert_eq!(world.principal(&arn, MEMBER), None);
    }

    #[test]
    fn a_deleted_share_has_no_members_and_cannot_be_used_again() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        world.ok(OWNER, DELETE, json!({"resourceShareArn": arn}));
        let input = json!({"associationType": "PRINCIPAL", "resourceShareArns": [arn]});
        let answer = world.ok(OWNER, "GetResourceShareAssociations", input);
        assert_eq!(answer["resourceShareAssociations"], json!([]));
        let input = json!({"resourceShareArn": arn, "principals": [MEMBER]});
        assert_eq!(world.code(OWNER, "AssociateResourceShare", input), "UnknownResourceException");
        let input = json!({"resourceShareArn": arn, "name": "b"});
        assert_eq!(world.code(OWNER, "UpdateResourceShare", input), "UnknownResourceException");
    }

    #[test]
    fn the_second_delete_is_answered_as_the_switch_says() {
        let mut world = World::new();
        let arn = world.create(json!({}));
        let input = json!({"resourceShareArn": arn});
        world.ok(OWNER, DELETE, input.clone());
        assert_eq!(world.code(OWNER, DELETE, input.clone()), "UnknownResourceException");
        world.set(|ram| ram.second_delete = SecondDelete::Succeeds);
        world.ok(OWNER, DELETE, input.clone());
        assert_eq!(world.code(OUTSIDER, DELETE, input), "UnknownResourceException");
    }

    #[test]
    fn associating_members_block_a_delete_only_where_the_switch_says() {
        let mut world = World::with(|ram| ram.delete_blocked_by = BlockedBy::SettlingAndInvited);
        let arn = world.share_with(&[OUTSIDER]);
        let input = json!({"resourceShareArn": arn});
        assert_eq!(world.code(OWNER, DELETE, input.clone()), "InvalidStateTransitionException");
        world.set(|ram| ram.delete_blocked_by = BlockedBy::Nothing);
        world.ok(OWNER, DELETE, input);
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
    }

    #[test]
    fn a_consumer_sees_a_share_that_it_had_as_deleted() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole]);
        world.wait(0);
        world.ok(OWNER, DELETE, json!({"resourceShareArn": arn}));
        world.wait(0);
        let answer = world.ok(MEMBER, "GetResourceShares", json!({"resourceOwner": "OTHER-ACCOUNTS"}));
        assert_eq!(texts(&answer["resourceShares"], "status"), ["DELETED"]);
        let answer = world.ok(MEMBER, "ListResources", json!({"resourceOwner": "OTHER-ACCOUNTS"}));
        assert_eq!(answer["resources"], json!([]));
    }

    #[test]
    fn a_share_removed_by_hand_is_deleted_at_once_and_a_purged_one_is_unknown() {
        let mut world = World::new();
        let (one, two) = (world.share_with(&[MEMBER]), world.share_with(&[MEMBER]));
        assert!(world.cloud.remove_share_by_hand(&one) && world.cloud.purge_share(&two));
        assert_eq!(world.cloud.share(&one).unwrap().status, ShareStatus::Deleted);
        assert_eq!(world.seen(OWNER, "SELF"), [one]);
        assert!(!world.cloud.purge_share(&two));
    }

    #[test]
    fn a_share_of_another_account_is_not_deleted() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let input = json!({"resourceShareArn": arn});
        assert_eq!(world.code(OUTSIDER, DELETE, input.clone()), "UnknownResourceException");
        assert_eq!(world.code(MEMBER, DELETE, input), "OperationNotPermittedException");
        assert_eq!(world.code(OWNER, DELETE, json!({})), "InvalidParameterException");
        assert_eq!(world.cloud.share(&arn).unwrap().status, ShareStatus::Active);
    }
}
