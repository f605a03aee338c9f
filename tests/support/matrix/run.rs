//! Plays one flow once, with a fault or without.

use super::super::cloudformation::function::Function;
use super::super::cloudformation::lambda::{Delivery as Deliveries, Lambda};
use super::super::cloudformation::messages::Sender;
use super::super::cloudformation::service::{CloudFormation, Outcome, Sent};
use super::super::cloudformation::stack::{Stack, StackStatus};
use super::super::cloudformation::template::Template;
use super::super::snapshot::{Snapshot, named, names};
use super::super::trouble::{CallName, FirstDelivery, Harm, Phase, Point, Trouble};
use super::super::world::World;
use super::flow::{Flow, Planned, slow};
use super::function::InTrouble;
use super::warned::{LEFTOVERS, NOT_REMOVED};
use local_cloud::Settings;
use provider::protocol::Queue;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// In which delivery of the request the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    First,
    /// The first one's process died.
    Redelivery,
    /// The first one handed over, since the cloud is slow.
    AfterHandOver,
    /// The first one handed over, since AWS failed in all of it.
    AfterOutage,
}

impl Delivery {
    pub fn phase(self) -> Phase {
        match self {
            Self::First => Phase::First,
            Self::Redelivery => Phase::Redelivery,
            Self::AfterHandOver | Self::AfterOutage => Phase::Look,
        }
    }

    fn settings(self) -> Settings {
        if self == Self::AfterHandOver { slow() } else { Settings::default() }
    }

    fn first(self) -> FirstDelivery {
        match self {
            Self::First | Self::AfterHandOver => FirstDelivery::Whole,
            Self::Redelivery => FirstDelivery::Dies,
            Self::AfterOutage => FirstDelivery::MeetsOutage,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether the stack was to be deleted.
    pub deletes: bool,
    /// What changed in the world after the first template was deployed: what is rolled back is mended, too.
    pub drift: Vec<String>,
    /// The shares' UUIDs with their names.
    pub names: Vec<(String, String)>,
    /// What Lambda and CloudFormation were told, and the records after each invocation.
    pub told: Vec<String>,
    /// Of the answers from the request under test on, with the shares by name.
    pub warnings: String,
    /// What there was before the stack.
    pub bare: Snapshot,
    /// What is there once a stack is deleted that was rolled back with leftovers, which the rollback warned of.
    pub deleted: Option<Snapshot>,
    pub status: StackStatus,
    /// What the operator's remedy came to, where there had to be one.
    pub remedied: Option<StackStatus>,
    pub before: Snapshot,
    pub after: Snapshot,
    pub doubts: Vec<String>,
    /// The Reasons of what failed.
    pub reasons: Vec<String>,
    /// The answer to the request under test.
    pub success: Option<bool>,
    /// The calls of the invocations of the chosen delivery.
    pub points: Vec<Point>,
    /// How many of each name they are.
    pub counted: BTreeMap<CallName, usize>,
    /// Its PUTs.
    pub puts: usize,
    /// From the request under test on, the calls of AWS by name: as they were made, and as the cloud has logged them.
    pub made: BTreeMap<String, usize>,
    pub logged: BTreeMap<String, usize>,
    /// How often a first delivery and its redelivery went into the wait queue.
    pub handed_over: usize,
    /// How often the fault struck.
    pub struck: usize,
}

/// The stage of a run.
struct Stage {
    world: Arc<World>,
    trouble: Trouble,
    cloudformation: CloudFormation,
}

impl Stage {
    fn new(flow: Flow, delivery: Delivery, harm: Harm) -> Self {
        let world = Arc::new(World::with(delivery.settings()));
        let trouble = Trouble::new(&world.s3, delivery.first(), harm);
        let central = flow.stacks_of.is_some();
        let in_trouble = |queue: Option<Arc<dyn Queue>>| {
            Arc::new(InTrouble { world: Arc::clone(&world), trouble: trouble.clone(), queue, central })
        };
        let function = |queue: Sender| -> Arc<dyn Function> { in_trouble(Some(Arc::new(queue))) };
        let lambda = Lambda::deployed(world.place(), function, in_trouble(None), Deliveries::default());
        let cloudformation = CloudFormation::of(&world, lambda);
        let cloudformation = match flow.stacks_of {
            Some(account) => cloudformation.with_stacks_of(account),
            None => cloudformation,
        };
        Self { world, trouble, cloudformation }
    }

    /// Everything before the operation under test.
    async fn set(&self, flow: Flow) -> Set {
        let Planned { first, meanwhile, then, leaves } = (flow.set)(&self.world).await;
        let bare = Snapshot::settled(&self.world).await;
        let stack = match first {
            None => None,
            Some(template) => {
                let stack = self.cloudformation.create_stack("licenses", template).await;
                assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
                Some(stack)
            }
        };
        let as_made = Snapshot::settled(&self.world).await;
        if let Some(meanwhile) = meanwhile {
            meanwhile(&self.world).await;
        }
        let drift = Snapshot::settled(&self.world).await.differs_from(&as_made);
        Set { stack, then, drift, bare, leaves }
    }

    /// The operation under test.
    async fn operate(&self, stack: Option<Stack>, then: Option<Template>) -> Stack {
        match (stack, then) {
            (None, Some(template)) => self.cloudformation.create_stack("licenses", template).await,
            (Some(stack), Some(template)) => {
                self.cloudformation.update_stack(&stack, template).await;
                stack
            }
            (Some(stack), None) => {
                self.cloudformation.delete_stack(&stack).await;
                stack
            }
            (None, None) => panic!("nothing to do"),
        }
    }

    /// What the operator does about a stack that is stuck, once nothing goes wrong any more.
    async fn remedy(&self, stack: &Stack) -> Option<StackStatus> {
        match stack.status() {
            StackStatus::RollbackFailed | StackStatus::DeleteFailed => {
                Some(self.cloudformation.delete_stack(stack).await)
            }
            StackStatus::UpdateRollbackFailed => {
                Some(self.cloudformation.continue_update_rollback(stack, &[]).await)
            }
            _ => None,
        }
    }
}

fn warnings(sent: &[Sent]) -> String {
    let data = sent.iter().filter_map(|sent| match &sent.outcome {
        Some(Outcome::Answered(response)) => response.data.get("Warnings").and_then(Value::as_str),
        _ => None,
    });
    data.collect::<Vec<_>>().join("\n")
}

fn by_name(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// What is there before the operation under test.
struct Set {
    stack: Option<Stack>,
    then: Option<Template>,
    drift: Vec<String>,
    bare: Snapshot,
    leaves: Option<&'static str>,
}

/// Plays the flow.
pub async fn run(flow: Flow, delivery: Delivery, harm: Harm) -> Ended {
    let stage = Stage::new(flow, delivery, harm);
    let Set { stack, then, drift, bare, leaves } = stage.set(flow).await;
    let deletes = then.is_none();
    let before = Snapshot::settled(&stage.world).await;
    let (mark, log_mark) = (stage.cloudformation.sent().len(), stage.world.mark());
    stage.trouble.watch();
    let stack = stage.operate(stack, then).await;
    let status = stack.status();
    stage.cloudformation.lambda.quiet().await;
    stage.trouble.lift();
    let remedied = stage.remedy(&stack).await;
    let mut doubts = stage.cloudformation.doubts().await;
    let after = Snapshot::settled(&stage.world).await;
    let missing = leaves.filter(|part| !after.lines.iter().any(|line| line.contains(part)));
    doubts.extend(missing.map(|part| format!("gone: {part}")));
    let sent = stage.cloudformation.sent().split_off(mark);
    let answer = sent.first().and_then(|sent| match &sent.outcome {
        Some(Outcome::Answered(response)) => Some(response.clone()),
        _ => None,
    });
    let names = names(&stage.world);
    let warnings = named(&warnings(&sent), &names);
    let mut at_last = None;
    if status == StackStatus::UpdateRollbackComplete
        && [LEFTOVERS, NOT_REMOVED].iter().any(|words| warnings.contains(words))
    {
        stage.cloudformation.delete_stack(&stack).await;
        doubts.extend(stage.cloudformation.doubts().await);
        at_last = Some(Snapshot::settled(&stage.world).await);
    }
    let answers = stage.world.s3.answers().into_iter().map(|answer| answer.bytes);
    let told = stage.trouble.heard().into_iter().chain(answers).collect();
    let made = stage.trouble.made();
    let points = made.iter().copied().filter(|point| point.phase == delivery.phase());
    let later = made.iter().filter(|point| point.phase != Phase::Before);
    let logged = stage.world.calls_since(log_mark);
    let handed_over = |point: &&Point| point.call.is_queue() && point.phase != Phase::Look;
    let failed = stack.events().into_iter().filter(|event| event.status.ends_with("FAILED"));
    Ended {
        deletes,
        drift,
        names,
        told,
        warnings,
        bare,
        deleted: at_last,
        status,
        remedied,
        before,
        after,
        doubts,
        reasons: failed.map(|event| format!("{}: {}", event.status, event.reason)).collect(),
        success: answer.map(|answer| answer.success),
        points: points.collect(),
        counted: stage.trouble.counted(delivery.phase()),
        puts: stage.trouble.puts(delivery.phase()),
        made: by_name(later.filter(|point| point.call.is_aws()).map(|point| point.call.to_string())),
        logged: by_name(logged.iter().map(|call| format!("{} {}", call.service, call.operation))),
        handed_over: made.iter().filter(handed_over).count(),
        struck: stage.trouble.struck(),
    }
}
