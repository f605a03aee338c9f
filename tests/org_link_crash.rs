//! Deliveries that die at any call, come twice, or are overtaken: the link converges all the same.

use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, MANAGER, MANAGER_IN_MEMBERS, RAM, TOPIC, TOPIC_2, link, searching};
use crate::support::points::{Points, Run};
use crate::support::world::{ACCOUNT, Event, MEMBER, MEMBER_2, World, with};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::organizations::RamSharing;
use serde_json::{Value, json};

/// A fresh organization whose account has not even License Manager's core role.
fn bare() -> World {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    world.cloud().without_service_role(ACCOUNT);
    world
}

fn all(topic: &str, delegate: &str) -> Value {
    let all = with(link(searching()), "EnableRamSharing", json!(true));
    let all = with(with(all, "SnsTopicArn", json!(topic)), "OnDelete", json!("Unlink"));
    with(all, "DelegatedAdministratorAccountId", json!(delegate))
}

/// The request that dies, and what comes before it.
#[derive(Clone, Copy, Debug)]
enum Request {
    Create,
    Update,
    Delete,
}

impl Request {
    async fn set(self, world: &World) -> Event {
        if !matches!(self, Self::Create) {
            succeeded(world.create_link(all(TOPIC, MEMBER)).await);
            world.later().await;
        }
        match self {
            Self::Create => world.link_event("Create", None, all(TOPIC, MEMBER)),
            Self::Update => world.link_event("Update", Some(LINK_ID), all(TOPIC_2, MEMBER_2)),
            Self::Delete => world.link_event("Delete", Some(LINK_ID), json!({})),
        }
    }

    /// What is so afterwards. That the search is on keeps AWS from unlinking, by what was assumed.
    fn check(self, world: &World, met: &str) {
        let settings = world.link_settings();
        let (topic, delegate) = match self {
            Self::Create | Self::Delete => (TOPIC, MEMBER),
            Self::Update => (TOPIC_2, MEMBER_2),
        };
        assert_eq!(settings.integration, !matches!(self, Self::Delete), "{met}");
        assert!(settings.discovery, "{met}");
        assert_eq!(settings.sns_topic_arn.as_deref(), Some(topic), "{met}");
        assert_eq!(world.delegates(), [delegate], "{met}");
        assert_eq!(world.trusted(), [MANAGER, MANAGER_IN_MEMBERS, RAM].map(str::to_owned).into(), "{met}");
        let writes =
            |operation: &str| world.written_since(0).iter().filter(|name| *name == operation).count();
        assert_eq!(writes("EnableSharingWithAwsOrganization"), 1, "{met}");
        let updates = [1, 2, 2][self as usize];
        assert_eq!(world.updates_since(0).len(), updates, "{met}");
        if matches!(self, Self::Delete) { world.never_but_unlinked(1) } else { world.never() }
    }
}

/// Whether a delivery that is dead `at` a point, from 0, came to its end before.
async fn dies_at(request: Request, at: usize) -> bool {
    let world = bare();
    world.cloud().change_settings(|settings| settings.license_manager.unlink_needs_discovery_off = false);
    let event = request.set(&world).await;
    let points = Points::dead_at(at);
    let process = world.process(&points, &[]);
    let delivery = points.until_stopped(world.deliver_to(&process, &event)).await;
    let met = format!("{request:?} died at {at}, {}", points.last());
    world.deliver_anew(&event).await.unwrap();
    let answer = world.s3.answer_to(&event.request_id).unwrap_or_else(|| panic!("{met}: no answer"));
    assert!(answer.is_success(), "{met}: {}", answer.reason());
    assert_eq!(answer.physical_id(), LINK_ID);
    request.check(&world, &met);
    matches!(delivery, Run::Ended(_))
}

async fn dies_at_every_point(request: Request) {
    let mut point = 0;
    while !dies_at(request, point).await {
        point += 1;
    }
    assert!(point >= 8, "{request:?}: {point}");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_dies_at_any_call_converges_on_redelivery() {
    dies_at_every_point(Request::Create).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_that_dies_at_any_call_converges_on_redelivery() {
    dies_at_every_point(Request::Update).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_dies_at_any_call_converges_on_redelivery() {
    dies_at_every_point(Request::Delete).await;
}

/// The delivery that comes again is refused the new delegated administrator: the former one is not forgotten.
#[tokio::test(start_paused = true)]
async fn an_update_that_dies_at_any_call_and_is_refused_then_has_the_former_administrator_back() {
    let (mut point, mut came_back) = (0, 0);
    loop {
        let world = bare();
        let event = Request::Update.set(&world).await;
        let points = Points::dead_at(point);
        let process = world.process(&points, &[]);
        let ended = matches!(points.until_stopped(world.deliver_to(&process, &event)).await, Run::Ended(_));
        if ended {
            break;
        }
        let (met, dead) = (format!("died {}", points.last()), world.delegates());
        let kind = FaultKind::Error {
            status: 400,
            code: "ConstraintViolationException".to_owned(),
            message: "refused".to_owned(),
        };
        let refused = FaultRule::once("organizations", "RegisterDelegatedAdministrator", kind);
        world.cloud().add_fault(refused);
        world.deliver_anew(&event).await.unwrap();
        let answer = world.s3.answer_to(&event.request_id).unwrap_or_else(|| panic!("{met}: no answer"));
        assert_eq!(answer.is_success(), dead == [MEMBER_2], "{met}");
        assert_eq!(world.delegates(), [if answer.is_success() { MEMBER_2 } else { MEMBER }], "{met}");
        came_back += usize::from(dead.is_empty());
        world.cloud().clear_faults();
        succeeded(world.update_link(all(TOPIC, MEMBER)).await);
        assert_eq!(world.delegates(), [MEMBER], "{met}");
        point += 1;
    }
    assert!(came_back >= 2, "{came_back}");
}

/// A Create that died and is given up: the Delete that follows, with an id that CloudFormation invented, takes back the
/// delegated administrator and leaves the link.
#[tokio::test(start_paused = true)]
async fn a_create_that_died_and_was_given_up_leaves_no_delegated_administrator() {
    let mut point = 0;
    loop {
        let world = bare();
        let event = Request::Create.set(&world).await;
        let points = Points::dead_at(point);
        let process = world.process(&points, &[]);
        let delivery = points.until_stopped(world.deliver_to(&process, &event)).await;
        let (ended, answered) = (matches!(delivery, Run::Ended(_)), world.s3.answer_to(&event.request_id));
        if ended || answered.is_some() {
            break;
        }
        let met = format!("died at {point}, {}", points.last());
        world.later().await;
        let invented = "licenses-Link-1A2B3C4D5E6F7";
        let delete = world.link_event("Delete", Some(invented), json!({}));
        let deleted = world.answer(&delete).await;
        assert!(deleted.is_success() && deleted.physical_id() == invented, "{met}: {}", deleted.reason());
        // The dead delivery comes again, too late.
        world.deliver_anew(&event).await.unwrap();
        assert_eq!(world.delegates(), Vec::<String>::new(), "{met}");
        world.never();
        point += 1;
    }
    assert!(point > 20, "{point}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_any_write_that_is_lost_does_no_harm() {
    for (service, operation) in [
        ("iam", "CreateServiceLinkedRole"),
        ("ram", "EnableSharingWithAwsOrganization"),
        ("license-manager", "UpdateServiceSettings"),
        ("organizations", "RegisterDelegatedAdministrator"),
        ("organizations", "DeregisterDelegatedAdministrator"),
    ] {
        let world = bare();
        world.cloud().add_fault(FaultRule::once(service, operation, FaultKind::LostAnswer));
        let created = succeeded(world.create_link(all(TOPIC, MEMBER)).await);
        assert_eq!(created.attribute("DelegatedAdministratorAccountId"), MEMBER, "{operation}");
        succeeded(world.update_link(all(TOPIC, MEMBER_2)).await);
        assert_eq!(world.delegates(), [MEMBER_2], "{operation}");
        assert!(world.link_settings().integration && world.link_settings().discovery);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_request_that_comes_again_writes_nothing_and_answers_the_same() {
    let world = bare();
    let event = Request::Create.set(&world).await;
    succeeded(world.answer(&event).await);
    let mark = world.mark();
    world.deliver_anew(&event).await.unwrap();
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.s3.answers().len(), 2);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn throttling_and_concurrent_modification_are_waited_out() {
    let world = bare();
    for (service, operation, code) in [
        ("organizations", "RegisterDelegatedAdministrator", "ConcurrentModificationException"),
        ("organizations", "ListAWSServiceAccessForOrganization", "TooManyRequestsException"),
        ("license-manager", "UpdateServiceSettings", "ConflictException"),
        ("license-manager", "GetServiceSettings", "RateLimitExceededException"),
        ("ram", "EnableSharingWithAwsOrganization", "ThrottlingException"),
    ] {
        let (code, message) = (code.to_owned(), "try again".to_owned());
        let kind = FaultKind::Error { status: 400, code, message };
        world.cloud().add_fault(FaultRule { times: Some(2), ..FaultRule::once(service, operation, kind) });
    }
    succeeded(world.create_link(all(TOPIC, MEMBER)).await);
    assert_eq!(world.delegates(), [MEMBER]);
    assert!(world.calls_since(0).iter().filter(|call| call.error_code.is_some()).count() >= 10);
}

/// Whether an Update that is held `at` a point, from 0, while a newer one runs, came to its end before.
async fn overtaken_at(at: usize) -> bool {
    let world = bare();
    let older = Request::Update.set(&world).await;
    let points = Points::held_at(at);
    let process = world.process(&points, &[]);
    let delivery = world.deliver_to(&process, &older);
    tokio::pin!(delivery);
    let stopped = points.until_stopped(&mut delivery).await;
    let met = format!("held at {at}, {}", points.last());
    succeeded(world.update_link(all(TOPIC, MEMBER)).await);
    if let Run::Stopped = stopped {
        points.release();
        delivery.await.unwrap();
    }
    assert_eq!(world.link_settings().sns_topic_arn.as_deref(), Some(TOPIC), "{met}");
    assert_eq!(world.delegates(), [MEMBER], "{met}");
    assert!(world.link_settings().integration, "{met}");
    matches!(stopped, Run::Ended(_))
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_overtaken_at_any_call_leaves_what_the_newer_one_wants() {
    let mut point = 0;
    while !overtaken_at(point).await {
        point += 1;
    }
    assert!(point > 15, "{point}");
}

/// Whether a Create that is held `at` a point, from 0, while its Delete runs, came to its end before.
async fn cancelled_at(at: usize) -> bool {
    let world = bare();
    let create = Request::Create.set(&world).await;
    let points = Points::held_at(at);
    let process = world.process(&points, &[]);
    let delivery = world.deliver_to(&process, &create);
    tokio::pin!(delivery);
    let stopped = points.until_stopped(&mut delivery).await;
    let met = format!("held at {at}, {}", points.last());
    let answered = world.s3.answer_to(&create.request_id).map(|answer| answer.physical_id().to_owned());
    succeeded(world.delete_link(answered.as_deref().unwrap_or("licenses-Link-1ABCDEF")).await);
    let ended = if let Run::Stopped = stopped {
        points.release();
        delivery.await.unwrap();
        false
    } else {
        true
    };
    // The link itself, and sharing in RAM, may be for good.
    if answered.is_none() {
        assert_eq!(world.delegates(), Vec::<String>::new(), "{met}");
    }
    world.later().await;
    world.deliver_anew(&create).await.unwrap();
    if answered.is_none() {
        assert_eq!(world.delegates(), Vec::<String>::new(), "{met}, delivered again");
    }
    ended
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_cancelled_at_any_call_leaves_no_delegated_administrator() {
    let mut point = 0;
    while !cancelled_at(point).await {
        point += 1;
    }
    assert!(point > 15, "{point}");
}
