//! Requests that fail at any of their calls, and the calls after it: whatever CloudFormation does next leaves what was
//! there before.

use crate::support::console::{BARE, ByHand, Look};
use crate::support::faults::denial;
use crate::support::world::{MEMBER, MEMBER_2, World, attached, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::{Value, json};
use std::future::Future;

/// What a resource may be: a share of its own, one that it adopted, and members of one that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sort {
    Own,
    Adopted,
    Attached,
}

const ALL: [Sort; 3] = [Sort::Own, Sort::Adopted, Sort::Attached];

/// What calls meet.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// One is denied.
    Denied,
    /// Six in a row are denied, the taking back among them.
    DeniedLong,
    /// One is done and its answer lost, and the next is denied, so that it is never known.
    Lost,
}

struct Scenario {
    world: World,
    /// The share that is there before; none where the resource makes its own.
    there: Option<String>,
    before: Option<Look>,
    first: Value,
    second: Value,
}

fn tagged(properties: Value, team: &str) -> Value {
    with(properties, "Tags", json!([{"Key": "team", "Value": team}, {"Key": team, "Value": "1"}]))
}

impl Scenario {
    async fn new(sort: Sort) -> Self {
        let world = World::new();
        let licenses = world.license_configurations(4);
        let tags = [("team", "green"), ("theirs", "1")];
        let by_hand = ByHand { name: "one", resources: &licenses[3..], principals: &[], tags: &tags, ..BARE };
        let there = if sort == Sort::Own { None } else { Some(world.share_by_hand(by_hand).await) };
        let external = |properties| with(properties, "AllowExternalPrincipals", json!(true));
        let adopting = |properties| with(properties, "AdoptExisting", json!(sort == Sort::Adopted));
        let (first, second) = match (sort, &there) {
            (Sort::Attached, Some(share)) => {
                (attached(share, &licenses[..2], &[MEMBER]), attached(share, &licenses[1..3], &[MEMBER_2]))
            }
            _ => (
                adopting(tagged(own("one", &licenses[..2], &[MEMBER]), "red")),
                adopting(external(tagged(own("two", &licenses[1..], &[MEMBER_2]), "blue"))),
            ),
        };
        let before = match &there {
            Some(share) => Some(world.settled(share).await),
            None => None,
        };
        Self { world, there, before, first, second }
    }

    fn strike(&self, after_calls: u32, trouble: Trouble) {
        let rule = |kind, times| FaultRule {
            after_calls,
            times: Some(times),
            ..FaultRule::always("ram", "*", kind)
        };
        let mut cloud = self.world.cloud();
        match trouble {
            Trouble::Denied => cloud.add_fault(rule(denial(), 1)),
            Trouble::DeniedLong => cloud.add_fault(rule(denial(), 6)),
            Trouble::Lost => {
                cloud.add_fault(rule(FaultKind::LostAnswer, 1));
                cloud.add_fault(rule(denial(), 1));
            }
        }
    }

    /// Whether any call was denied.
    fn struck(&self) -> bool {
        self.world
            .calls_since(0)
            .iter()
            .any(|call| call.error_code.as_deref() == Some("AccessDeniedException"))
    }

    /// Everything is as it was before the resource was made.
    async fn is_as_before(&self, when: &str) {
        let expected = if self.there.is_some() { vec!["one".to_owned()] } else { Vec::new() };
        assert_eq!(self.world.live_shares(), expected, "{when}");
        if let Some(share) = &self.there {
            assert_eq!(Some(self.world.settled(share).await), self.before, "{when}");
        }
    }
}

/// What came of a request, some of whose calls were to be denied.
struct Ran {
    /// There was such a call.
    struck: bool,
    failed: bool,
}

/// A Create, and the Delete that follows its failure.
async fn create(sort: Sort, after: u32, trouble: Trouble) -> Ran {
    let scenario = Scenario::new(sort).await;
    let when = format!("create {sort:?}, {trouble:?} after {after}");
    scenario.strike(after, trouble);
    let created = scenario.world.create("Share", scenario.first.clone()).await;
    scenario.world.cloud().clear_faults();
    assert_eq!(created.is_success(), !created.physical_id().contains("/none/"), "{when}");
    if trouble != Trouble::DeniedLong && !created.is_success() {
        scenario.is_as_before(&when).await;
    }
    let deleted = scenario.world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{when}: {}", deleted.reason());
    scenario.is_as_before(&when).await;
    Ran { struck: scenario.struck(), failed: !created.is_success() }
}

/// An Update, what CloudFormation does when it fails, and the Delete at last.
async fn update(sort: Sort, after: u32, trouble: Trouble, rolls_back: bool) -> Ran {
    let scenario = Scenario::new(sort).await;
    let world = &scenario.world;
    let when = format!("update {sort:?}, {trouble:?} after {after}, rolls back: {rolls_back}");
    let created = world.create("Share", scenario.first.clone()).await;
    assert!(created.is_success(), "{when}: {}", created.reason());
    let share = created.attribute("ResourceShareArn").to_owned();
    let before = world.settled(&share).await;
    scenario.strike(after, trouble);
    let updated = world.update(created.physical_id(), "Share", scenario.second.clone()).await;
    world.cloud().clear_faults();
    assert_eq!(updated.physical_id(), created.physical_id(), "{when}");
    if rolls_back {
        let back = world.update(created.physical_id(), "Share", scenario.first.clone()).await;
        assert!(back.is_success(), "{when}: {}", back.reason());
        assert_eq!(world.settled(&share).await, before, "{when}");
    }
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{when}: {}", deleted.reason());
    scenario.is_as_before(&when).await;
    Ran { struck: scenario.struck(), failed: !updated.is_success() }
}

/// At how many of its calls a request fails. Not at all: the look before the record is known may fail.
async fn failures<F: Future<Output = Ran>>(run: impl Fn(u32) -> F) -> u32 {
    let (mut after, mut failed) = (0, 0);
    loop {
        let ran = run(after).await;
        if !ran.struck {
            return failed;
        }
        after += 1;
        failed += u32::from(ran.failed);
    }
}

/// A Delete that fails, and the next one.
async fn delete(sort: Sort, after: u32, trouble: Trouble) -> Ran {
    let scenario = Scenario::new(sort).await;
    let world = &scenario.world;
    let when = format!("delete {sort:?}, {trouble:?} after {after}");
    let created = world.create("Share", scenario.first.clone()).await;
    scenario.strike(after, trouble);
    let deleted = world.delete(created.physical_id(), "Share").await;
    world.cloud().clear_faults();
    assert_eq!(deleted.physical_id(), created.physical_id(), "{when}");
    let again = world.delete(created.physical_id(), "Share").await;
    assert!(again.is_success(), "{when}: {}", again.reason());
    scenario.is_as_before(&when).await;
    Ran { struck: scenario.struck(), failed: !deleted.is_success() }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_at_any_call_leaves_what_was_there() {
    for sort in ALL {
        for trouble in [Trouble::Denied, Trouble::DeniedLong, Trouble::Lost] {
            assert!(failures(|after| create(sort, after, trouble)).await >= 2, "{sort:?} {trouble:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_at_any_call_is_rolled_back_to_exactly_what_was_there() {
    for sort in ALL {
        assert!(failures(|after| update(sort, after, Trouble::Denied, true)).await > 5, "{sort:?}");
    }
    assert!(failures(|after| update(Sort::Adopted, after, Trouble::Lost, true)).await > 5);
}

#[tokio::test(start_paused = true)]
async fn a_resource_whose_update_failed_at_any_call_can_be_deleted_at_once() {
    for sort in ALL {
        assert!(failures(|after| update(sort, after, Trouble::Denied, false)).await > 5, "{sort:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_at_any_call_is_finished_by_the_next() {
    for sort in ALL {
        for trouble in [Trouble::Denied, Trouble::Lost] {
            assert!(failures(|after| delete(sort, after, trouble)).await > 0, "{sort:?} {trouble:?}");
        }
    }
}
