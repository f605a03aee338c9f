//! A stack set: the same operation on a stack in each of many accounts.
//!
//! Source: AWS CloudFormation user guide, StackSets concepts (maximum concurrent accounts, failure tolerance); API
//! reference, StackSetOperationPreferences (`ConcurrencyMode`).

use super::service::CloudFormation;
use super::stack::{Stack, StackStatus};
use super::template::Template;
use futures_util::stream::{self, FuturesUnordered, StreamExt};

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
    pub mode: ConcurrencyMode,
}

/// `ConcurrencyMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcurrencyMode {
    /// The usual one: never so many at once that there could be more failures than are tolerated and one.
    StrictFailureTolerance,
    /// `MaxConcurrentCount` at once, whatever fails: those that run when one fails too many go on to their ends.
    SoftFailureTolerance,
}

impl Preferences {
    /// How many may run at once after so many failures.
    fn room(&self, failures: usize) -> usize {
        let left = (self.tolerated + 1).saturating_sub(failures);
        match self.mode {
            _ if left == 0 => 0,
            ConcurrencyMode::StrictFailureTolerance => self.at_once.min(left),
            ConcurrencyMode::SoftFailureTolerance => self.at_once,
        }
    }
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

/// Creates a stack in each account, begun in the order of the targets.
pub async fn create_instances(name: &str, targets: &[Target], how: Preferences) -> Vec<Instance> {
    assert!((1..=100).contains(&how.at_once), "StackSets takes 1 to 100 accounts at once");
    let mut instances: Vec<Instance> = targets.iter().map(|_| Instance::Cancelled).collect();
    let (mut left, mut running, mut failures) = (targets.iter().enumerate(), FuturesUnordered::new(), 0);
    loop {
        while running.len() < how.room(failures) {
            let Some((n, target)) = left.next() else { break };
            running.push(async move { (n, create(&format!("StackSet-{name}-{n}"), target).await) });
        }
        let Some((n, stack)) = running.next().await else { return instances };
        failures += usize::from(stack.status() != StackStatus::CreateComplete);
        instances[n] = Instance::Ran(stack);
    }
}

async fn create(name: &str, target: &Target) -> Stack {
    target.cloudformation.create_stack(name, target.template.clone()).await
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
