//! Stacks whose resources are handed over to the wait queue, of every type, while events and messages come twice and in
//! another order.

use crate::support::acceptance::{ACCEPTANCE, Foreign};
use crate::support::cloudformation::lambda::Delivery;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::{Stack, StackStatus};
use crate::support::cloudformation::template::Resource;
use crate::support::link::{LINK, TOPIC, link};
use crate::support::shape::{Everything, everything};
use crate::support::world::{MEMBER, NOON, World, own};
use local_cloud::Settings;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const MINUTE: Duration = Duration::from_secs(60);
/// How long each type waits.
const WAIT: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug)]
enum Waits {
    /// For an account to settle.
    Share,
    /// For an invitation.
    Acceptance,
    /// For License Manager's own share.
    Link,
}

const ALL: [Waits; 3] = [Waits::Share, Waits::Acceptance, Waits::Link];

/// A world in which a resource waits.
struct Waiting {
    waits: Waits,
    world: Arc<World>,
    cloudformation: CloudFormation,
    resource: Resource,
    /// What is yet to be invited to.
    foreign: Option<Foreign>,
}

impl Waiting {
    async fn new(waits: Waits, delivery: Delivery) -> Self {
        let mut settings = Settings { epoch: NOON, ..Settings::default() };
        settings.license_manager.share_delay = WAIT;
        if let Waits::Share = waits {
            settings.ram.times.associate_account = WAIT;
        }
        let world = Arc::new(World::with(settings));
        let (mut foreign, licenses) = (None, world.license_configurations(1));
        let (resource_type, properties) = match waits {
            Waits::Share => ("Custom::LicenseConfigShare", own("licenses", &licenses, &[MEMBER])),
            Waits::Acceptance => (ACCEPTANCE, foreign.insert(world.foreign().await).listed()),
            Waits::Link => {
                (LINK, link(json!({ "SnsTopicArn": TOPIC, "DelegatedAdministratorAccountId": MEMBER })))
            }
        };
        let cloudformation = CloudFormation::over(&world, delivery);
        let resource = Resource::new("Waiting", resource_type, properties);
        Self { waits, world, cloudformation, resource, foreign }
    }

    /// What is waited for comes about, where nobody else does it.
    async fn comes_about(&self) {
        sleep(WAIT).await;
        if let Some(share) = &self.foreign {
            self.world.invite(share).await;
        }
    }

    /// Waits until nothing is under way, which must have gone well, and gives all that is there.
    async fn quiet(&self) -> Everything {
        assert_eq!(self.cloudformation.doubts().await, Vec::<String>::new());
        // Long enough for all to settle.
        sleep(2 * WAIT).await;
        everything(&self.world)
    }

    async fn deleted(&self, stack: &Stack) -> Everything {
        let ended = self.cloudformation.delete_stack(stack).await;
        assert_eq!(ended, StackStatus::DeleteComplete, "{:?}: {:?}", self.waits, stack.events());
        self.quiet().await
    }

    /// How the queue went about: whether a message came twice, and whether looks came in another order.
    fn disorder(&self) -> (bool, bool) {
        let delivered = self.cloudformation.lambda.wait_queue.delivered();
        let numbers: BTreeSet<usize> = delivered.iter().map(|(number, _)| *number).collect();
        let look = |body: &String| serde_json::from_str::<Value>(body).unwrap()["look"].as_u64().unwrap();
        let looks: Vec<u64> = delivered.iter().map(|(_, body)| look(body)).collect();
        (numbers.len() < delivered.len(), !looks.is_sorted())
    }
}

/// The ends of a life: attributes and all that is there after the Create, and after the Delete.
#[derive(Debug, PartialEq)]
struct Ends {
    data: Map<String, Value>,
    physical_id: String,
    created: Everything,
    deleted: Everything,
}

async fn life(waiting: &Waiting) -> Ends {
    let template = vec![waiting.resource.clone()];
    let creation = waiting.cloudformation.create_stack("waits", template);
    let (stack, ()) = tokio::join!(creation, waiting.comes_about());
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}: {:?}", waiting.waits, stack.events());
    let created = waiting.quiet().await;
    let resource = stack.resource("Waiting").unwrap();
    let deleted = waiting.deleted(&stack).await;
    Ends { data: resource.data, physical_id: resource.physical_id, created, deleted }
}

#[tokio::test(start_paused = true)]
async fn of_every_type_messages_that_come_twice_and_in_another_order_end_as_calm_ones_do() {
    for waits in ALL {
        let calm = Waiting::new(waits, Delivery::default()).await;
        let expected = life(&calm).await;
        assert_eq!(calm.disorder(), (false, false));
        let (mut twice, mut out_of_order) = (0, 0);
        for seed in 0..12 {
            let disordered = Waiting::new(waits, Delivery::disordered(seed)).await;
            assert_eq!(life(&disordered).await, expected, "{waits:?}, seed {seed}");
            let (came_twice, came_out_of_order) = disordered.disorder();
            twice += usize::from(came_twice);
            out_of_order += usize::from(came_out_of_order);
        }
        assert!(twice >= 10 && out_of_order >= 6, "{waits:?}: {twice}, {out_of_order}");
    }
}

/// Cancelled after so long, and taken back by a Delete with an invented id.
async fn cancelled(waiting: &Waiting, after: Duration) -> Everything {
    let (stack, template) = (waiting.cloudformation.stack("waits"), vec![waiting.resource.clone()]);
    let creation = waiting.cloudformation.create_for(&stack, &template, after);
    let (status, ()) = tokio::join!(creation, waiting.comes_about());
    assert_eq!(status, StackStatus::RollbackComplete, "{:?}: {:?}", waiting.waits, stack.events());
    let delete = waiting.cloudformation.sent().pop().unwrap().request;
    assert_eq!(delete.event("", "")["PhysicalResourceId"], "waits-Waiting-1ABCDEF");
    waiting.quiet().await
}

#[tokio::test(start_paused = true)]
async fn of_every_type_a_create_that_is_cancelled_while_it_waits_ends_as_a_calm_one_does() {
    for waits in ALL {
        let calm = Waiting::new(waits, Delivery::default()).await;
        let expected = cancelled(&calm, 3 * MINUTE).await;
        assert!(calm.cloudformation.lambda.wait_queue.sent() > 0, "{waits:?}");
        for seed in 0..12 {
            let disordered = Waiting::new(waits, Delivery::disordered(seed)).await;
            assert_eq!(cancelled(&disordered, 3 * MINUTE).await, expected, "{waits:?}, seed {seed}");
        }
    }
}
