//! Deliveries of one request at the same moment, of each type and each kind of request: one answer and one effect,
//! wherever they come between each other.

use crate::support::acceptance::Foreign;
use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, TOPIC, TOPIC_2, link, searching};
use crate::support::points::{Points, Run};
use crate::support::scenes::{SCENES, Scene};
use crate::support::shape::shapes;
use crate::support::world::{ACCOUNT, Event, MEMBER, MEMBER_2, World, with};
use local_cloud::organizations::RamSharing;
use serde_json::{Value, json};

/// A request with what came before it.
#[derive(Clone, Copy, Debug)]
enum Request {
    Share(Scene),
    /// Create, Update, Delete.
    Link(&'static str),
    Acceptance(&'static str),
}

/// A world in which the request is the next thing that happens.
struct Stage {
    world: World,
    event: Event,
    foreign: Option<Foreign>,
}

fn linked(topic: &str, delegate: &str) -> Value {
    let more = [
        ("EnableRamSharing", json!(true)),
        ("SnsTopicArn", json!(topic)),
        ("OnDelete", json!("Unlink")),
        ("DelegatedAdministratorAccountId", json!(delegate)),
    ];
    more.into_iter().fold(link(searching()), |all, (name, value)| with(all, name, value))
}

impl Request {
    async fn set(self) -> Stage {
        let world = World::new();
        match self {
            Self::Share(scene) => Stage { event: scene.set(&world).await, world, foreign: None },
            Self::Link(request_type) => set_link(world, request_type).await,
            Self::Acceptance(request_type) => set_acceptance(world, request_type).await,
        }
    }

    /// Where it makes a difference to hold a delivery.
    async fn points(self) -> Vec<usize> {
        let (stage, points) = (self.set().await, Points::default());
        stage.world.deliver_to(&stage.world.process(&points, &[]), &stage.event).await.unwrap();
        points.that_differ()
    }
}

async fn set_link(world: World, request_type: &str) -> Stage {
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    world.cloud().change_settings(|settings| settings.license_manager.unlink_needs_discovery_off = false);
    let (first, second) = (linked(TOPIC, MEMBER), linked(TOPIC_2, MEMBER_2));
    if request_type != "Create" {
        succeeded(world.create_link(first.clone()).await);
        world.later().await;
    }
    let event = match request_type {
        "Create" => world.link_event("Create", None, first),
        "Update" => world.link_event("Update", Some(LINK_ID), second),
        _ => world.link_event("Delete", Some(LINK_ID), json!({})),
    };
    Stage { world, event, foreign: None }
}

/// The Update takes another share in the place of the first.
async fn set_acceptance(world: World, request_type: &str) -> Stage {
    let foreign = world.invited().await;
    let id = foreign.id();
    if request_type == "Create" {
        let event = world.acceptance_event("Create", None, foreign.listed());
        return Stage { world, event, foreign: Some(foreign) };
    }
    succeeded(world.create_acceptance(foreign.listed()).await);
    world.later().await;
    if request_type == "Update" {
        let second = world.foreign_named("second").await;
        world.invite(&second).await;
        let event = world.acceptance_event("Update", Some(&id), second.listed());
        return Stage { world, event, foreign: Some(second) };
    }
    let event = world.acceptance_event("Delete", Some(&id), json!({}));
    Stage { world, event, foreign: Some(foreign) }
}

impl Stage {
    /// What is there, and how many shares were ever made.
    fn effect(&self) -> String {
        let world = &self.world;
        let made = world.cloud().shares().iter().filter(|share| share.owner == ACCOUNT).count();
        let is_in = self.foreign.as_ref().map(|share| world.is_in(share, ACCOUNT));
        let settings = world.link_settings();
        let settings =
            (settings.integration, settings.discovery, settings.sns_topic_arn, settings.s3_bucket_arn);
        let (trusted, delegates) = (world.trusted(), world.delegates());
        format!("{:?} of {made}, {is_in:?}, {settings:?} {trusted:?} {delegates:?}", shapes(world))
    }

    /// The answer, once and the same however often it was sent.
    fn answer(&self, met: &str) -> Value {
        let answer = self.world.s3.answer_to(&self.event.request_id);
        let answer = answer.unwrap_or_else(|| panic!("{met}: no answer"));
        assert!(answer.is_success(), "{met}: {}", answer.reason());
        answer.json
    }
}

/// What a request comes to that is delivered once.
async fn alone(request: Request) -> String {
    let stage = request.set().await;
    stage.world.deliver_anew(&stage.event).await.unwrap();
    stage.answer("alone");
    stage.effect()
}

/// One delivery is held at a point, a second one at the same, a third one runs through meanwhile; false where the first
/// ended before.
async fn three_meet_at(request: Request, at: usize, expected: &str) -> bool {
    let stage = request.set().await;
    let points = [Points::held_at(at), Points::held_at(at)];
    let processes = points.each_ref().map(|points| stage.world.process(points, &[]));
    let [first, second] = processes.each_ref().map(|process| stage.world.deliver_to(process, &stage.event));
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    if let Run::Ended(ended) = points[0].until_stopped(&mut first).await {
        ended.unwrap();
        return false;
    }
    let stopped = points[1].until_stopped(&mut second).await;
    let met = format!("{request:?} held {} (point {at})", points[0].last());
    stage.world.deliver_anew(&stage.event).await.unwrap();
    let answered = stage.answer(&met);
    assert_eq!(stage.effect(), expected, "{met}, one through");
    points[0].release();
    first.await.unwrap();
    if matches!(stopped, Run::Stopped) {
        points[1].release();
        second.await.unwrap();
    }
    assert_eq!(stage.answer(&met), answered);
    assert_eq!(stage.effect(), expected, "{met}, all through");
    true
}

async fn three_meet_everywhere(request: Request) {
    let expected = alone(request).await;
    let points = request.points().await;
    assert!(points.len() >= 5, "{request:?} has {} points only", points.len());
    let mut met = 0;
    for at in points {
        met += usize::from(three_meet_at(request, at, &expected).await);
    }
    assert!(met >= 5, "{request:?} met {met} times only");
}

#[tokio::test(start_paused = true)]
async fn three_deliveries_of_a_request_for_a_share_that_meet_anywhere_have_one_answer_and_one_effect() {
    for scene in SCENES {
        three_meet_everywhere(Request::Share(scene)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn three_deliveries_of_a_request_for_the_link_that_meet_anywhere_have_one_answer_and_one_effect() {
    for request_type in ["Create", "Update", "Delete"] {
        three_meet_everywhere(Request::Link(request_type)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn three_deliveries_of_an_acceptance_that_meet_anywhere_have_one_answer_and_one_effect() {
    for request_type in ["Create", "Update", "Delete"] {
        three_meet_everywhere(Request::Acceptance(request_type)).await;
    }
}
