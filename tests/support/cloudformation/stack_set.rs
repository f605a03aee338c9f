//! A stack set: the same operation on a stack in each of many accounts.
//!
//! Source: AWS CloudFormation user guide, StackSets concepts (maximum concurrent accounts, failure tolerance).

use super::service::CloudFormation;
use super::stack::{Stack, StackStatus};
use super::template::Template;
use futures_util::stream::{self, StreamExt};
use std::cell::Cell;

/// An account (and Region) with what its stack is to be.
#[derive(Debug)]
pub struct Target {
    pub cloudformation: CloudFormation,
    pub template: Template,
}

/// How an operation goes about.
#[derive(Clone, Copy, Debug)]
pub struct Preferences {
    /// `MaxConcurrentCount`, at most 100.
    pub at_once: usize,
    /// `FailureToleranceCount`: with more failures than these, no further stack is begun.
    pub tolerated: usize,
}

/// A stack instance after an operation.
#[derive(Debug)]
pub enum Instance {
    /// `CURRENT` where the operation succeeded, else `OUTDATED`.
    Ran(Stack),
    /// `CANCELLED`: never begun.
    Cancelled,
}

impl Instance {
    pub fn stack(&self) -> Option<&Stack> {
        match self {
            Self::Ran(stack) => Some(stack),
            Self::Cancelled => None,
        }
    }

    pub fn is_current(&self) -> bool {
        self.stack().is_some_and(|stack| stack.status() == StackStatus::CreateComplete)
    }
}

/// Creates a stack in each account, in the order of the targets.
pub async fn create_instances(name: &str, targets: &[Target], how: Preferences) -> Vec<Instance> {
    assert!((1..=100).contains(&how.at_once), "StackSets takes 1 to 100 accounts at once");
    let failures = Cell::new(0);
    let failed = &failures;
    let instances = targets.iter().enumerate();
    let creations: Vec<_> = instances
        .map(|(n, target)| create(format!("StackSet-{name}-{n}"), target, failed, how.tolerated))
        .collect();
    stream::iter(creations).buffered(how.at_once).collect().await
}

async fn create(name: String, target: &Target, failures: &Cell<usize>, tolerated: usize) -> Instance {
    if failures.get() > tolerated {
        return Instance::Cancelled;
    }
    let Target { cloudformation, template } = target;
    let stack = cloudformation.stack(&name);
    if cloudformation.create_resources(&stack, template).await != StackStatus::CreateComplete {
        failures.set(failures.get() + 1);
    }
    Instance::Ran(stack)
}

/// Deletes the stacks of all instances that have one; gives how each ended.
pub async fn delete_instances(
    targets: &[Target],
    instances: &[Instance],
    at_once: usize,
) -> Vec<StackStatus> {
    let stacks = targets.iter().zip(instances).filter_map(|(target, one)| Some((target, one.stack()?)));
    let deletions: Vec<_> = stacks.map(|(target, stack)| target.cloudformation.delete_stack(stack)).collect();
    stream::iter(deletions).buffered(at_once).collect().await
}
