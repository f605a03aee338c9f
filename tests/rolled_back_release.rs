//! A provider that is rolled back by one release answers every request of stacks that the newer one touched: their
//! properties and their records may hold what it does not know.

use crate::support::acceptance::of_acceptance;
use crate::support::flows::succeeded;
use crate::support::link::{link, of_link};
use crate::support::s3::Answer;
use crate::support::world::{ACCOUNT, Event, MEMBER, MEMBER_2, STACK, World, own, with};
use provider::protocol::RequestType;
use provider::record::{Ending, RecordKey, Records, Sent, Stamp};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;

const NEWER: &str = "PropertyOfANewerVersion";

/// A resource of one type, as a stack has it.
struct Stack {
    world: World,
    kind: &'static str,
    properties: Value,
    /// The same with something else that may change.
    changed: Value,
    id: String,
}

impl Stack {
    async fn with(world: World, kind: &'static str, properties: Value, changed: Value) -> Self {
        let stack = Self { world, kind, properties, changed, id: String::new() };
        let created = succeeded(stack.request("Create", stack.properties.clone()).await);
        Self { id: created.physical_id().to_owned(), ..stack }
    }

    async fn share() -> Self {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let properties = own("licenses", &licenses, &[MEMBER]);
        let changed = with(properties.clone(), "Principals", json!([MEMBER, MEMBER_2]));
        Self::with(world, "Share", properties, changed).await
    }

    async fn link() -> Self {
        let properties = link(json!({ "OnDelete": "Unlink" }));
        let changed = with(properties.clone(), "Revision", json!("2"));
        Self::with(World::new(), "Link", properties, changed).await
    }

    async fn acceptance() -> Self {
        let world = World::new();
        let share = world.invited().await;
        let changed = with(share.listed(), "Revision", json!("2"));
        Self::with(world, "Acceptance", share.listed(), changed).await
    }

    fn event(&self, request_type: &str, properties: Value) -> Event {
        let id = (request_type != "Create").then_some(self.id.as_str());
        let event = self.world.event(request_type, id, self.kind, properties);
        match self.kind {
            "Link" => of_link(event),
            "Acceptance" => of_acceptance(event),
            _ => event,
        }
    }

    async fn request(&self, request_type: &str, properties: Value) -> Answer {
        self.world.later().await;
        self.world.answer(&self.event(request_type, properties)).await
    }

    /// A newer version answers an Update that this one does not know all of, and writes down more.
    async fn touched_by_a_newer_version(&self) {
        self.world.later().await;
        let key = RecordKey::new(STACK, self.kind);
        let sent = Sent::amz_date(self.world.clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs());
        let stamp = Stamp { request_id: "newer".to_owned(), request_type: RequestType::Update, sent };
        self.world.records.begin(&key, &stamp, true).await.unwrap();
        let record = self.world.records.get(&key).await.unwrap().unwrap();
        let mut ledger = record.ledger;
        assert!(know_more(&mut ledger) >= 2, "{ledger}");
        let ending = Ending {
            answer: json!({ "Status": "SUCCESS", "PhysicalResourceId": self.id, "More": 1 }).to_string(),
            ledger,
            object: record.object,
            succeeded: Some(newer(&self.properties)),
            tombstone_until: None,
        };
        self.world.records.end(&key, "newer", &ending).await.unwrap();
    }

    /// Whether nothing of it is left.
    fn is_gone(&self) -> bool {
        match self.kind {
            "Link" => !self.world.link_settings().integration,
            "Acceptance" => {
                let cloud = self.world.cloud();
                let shares = cloud.shares().iter().map(|share| share.arn.clone());
                let members = shares.flat_map(|arn| cloud.associations(&arn).to_vec());
                !members.into_iter().any(|one| one.entity == ACCOUNT && one.status.as_str() == "ASSOCIATED")
            }
            _ => self.world.live_shares().is_empty(),
        }
    }
}

/// Properties with one that this version does not know.
fn newer(properties: &Value) -> Value {
    with(properties.clone(), NEWER, json!("x"))
}

/// Adds a field that nobody knows to a ledger and what it holds, where a version may add one; to how many objects.
fn know_more(ledger: &mut Value) -> usize {
    let mut places = vec![String::new(), "/link".to_owned()];
    let holdings = ledger["holdings"].as_array().map(Vec::len).unwrap_or_default();
    places.extend((0..holdings).map(|index| format!("/holdings/{index}")));
    places.extend((0..holdings).map(|index| format!("/holdings/{index}/origin/Made")));
    let mut count = 0;
    for place in places {
        if let Some(Value::Object(members)) = ledger.pointer_mut(&place) {
            members.insert("field_of_a_newer_version".to_owned(), json!({ "a": [1] }));
            count += 1;
        }
    }
    count
}

async fn stacks() -> Vec<Stack> {
    vec![Stack::share().await, Stack::link().await, Stack::acceptance().await]
}

#[tokio::test(start_paused = true)]
async fn a_delete_with_what_a_newer_version_knew_leaves_nothing() {
    for stack in stacks().await {
        stack.touched_by_a_newer_version().await;
        assert!(!stack.is_gone());
        succeeded(stack.request("Delete", newer(&stack.properties)).await);
        assert!(stack.is_gone(), "{}", stack.kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_is_answered_by_name_and_its_rollback_succeeds_with_a_warning() {
    for stack in stacks().await {
        stack.touched_by_a_newer_version().await;
        let forward = stack.request("Update", newer(&stack.changed)).await;
        assert!(!forward.is_success() && forward.reason().contains(NEWER), "{}", forward.bytes);
        assert_eq!(forward.physical_id(), stack.id);
        let back = succeeded(stack.request("Update", newer(&stack.properties)).await);
        assert_eq!(back.physical_id(), stack.id);
        assert!(back.attribute("Warnings").contains(NEWER), "{}", back.bytes);
        succeeded(stack.request("Delete", newer(&stack.properties)).await);
        assert!(stack.is_gone(), "{}", stack.kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_to_what_this_version_knows_succeeds_without_a_warning() {
    for stack in stacks().await {
        stack.touched_by_a_newer_version().await;
        let updated = succeeded(stack.request("Update", stack.changed.clone()).await);
        assert_eq!((updated.physical_id(), updated.attribute("Warnings")), (stack.id.as_str(), ""));
        succeeded(stack.request("Delete", stack.changed.clone()).await);
        assert!(stack.is_gone(), "{}", stack.kind);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_refused_by_name_and_its_delete_succeeds() {
    for mut stack in stacks().await {
        succeeded(stack.request("Delete", stack.properties.clone()).await);
        let created = stack.request("Create", newer(&stack.properties)).await;
        assert!(!created.is_success() && created.reason().contains(NEWER), "{}", created.bytes);
        stack.id = created.physical_id().to_owned();
        succeeded(stack.request("Delete", newer(&stack.properties)).await);
    }
}
