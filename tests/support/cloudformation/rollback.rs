//! Taking a stack back to what it was.

use super::order::{AtFailure, in_order};
use super::service::CloudFormation;
use super::stack::{Stack, StackStatus, Undo};
use super::update::Replaced;
use std::collections::BTreeSet;
use std::future::pending;

impl CloudFormation {
    /// Deletes what a stack that could not be created has begun; gives what is still there.
    pub(super) async fn take_back(&self, stack: &Stack, undo: Vec<Undo>) -> Vec<String> {
        self.pause().await;
        let names: Vec<String> = undo.iter().map(|one| one.logical_id().to_owned()).collect();
        self.delete_resources(stack, &names).await
    }

    /// Takes an update back: every resource that was asked for anything gets an Update with its properties swapped, and
    /// what is new is deleted after that.
    pub(super) async fn roll_back(&self, stack: &Stack, undo: Vec<Undo>) -> StackStatus {
        let replaced = Replaced::default();
        let (updates, new): (Vec<Undo>, Vec<Undo>) =
            undo.into_iter().partition(|one| matches!(one, Undo::Update { .. }));
        let names: Vec<String> = updates.iter().map(|one| one.logical_id().to_owned()).collect();
        let waits_for = |name: &str| match find(&updates, name) {
            Undo::Update { waits_for, .. } => waits_for.iter().cloned().collect(),
            Undo::Delete { .. } => BTreeSet::new(),
        };
        let ran = in_order(&names, waits_for, AtFailure::GoOn, pending(), async |name: &str| {
            let Undo::Update { logical_id, properties, waits_for } = find(&updates, name).clone() else {
                return true;
            };
            self.update_resource(stack, &logical_id, properties, waits_for, &replaced).await
        })
        .await;
        let failed: Vec<String> = ran.failed.into_iter().chain(ran.left).collect();
        if !failed.is_empty() {
            let again = updates.into_iter().filter(|one| failed.iter().any(|name| name == one.logical_id()));
            stack.set_unfinished(again.chain(new).collect());
            return stack.ends(StackStatus::UpdateRollbackFailed);
        }
        stack.set_unfinished(Vec::new());
        self.clean_up(stack, replaced.into_inner().unwrap()).await;
        let new: Vec<String> = new.iter().map(|one| one.logical_id().to_owned()).collect();
        let abandoned = self.delete_resources(stack, &new).await;
        for name in &abandoned {
            stack.forget(name);
        }
        stack.ends(StackStatus::UpdateRollbackComplete)
    }

    /// Goes on with a rollback that failed; `skipped` resources are taken for rolled back, whatever they are.
    pub async fn continue_update_rollback(&self, stack: &Stack, skipped: &[&str]) -> StackStatus {
        assert_eq!(stack.status(), StackStatus::UpdateRollbackFailed);
        self.pause().await;
        let unfinished = stack.unfinished();
        let left = unfinished.into_iter().filter(|one| !skipped.contains(&one.logical_id()));
        self.roll_back(stack, left.collect()).await
    }
}

fn find<'a>(undo: &'a [Undo], logical_id: &str) -> &'a Undo {
    undo.iter().find(|one| one.logical_id() == logical_id).expect("a resource to take back")
}
