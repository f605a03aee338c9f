//! The flows of the crash matrix: requests of every type, each with what comes before it and after it.

use super::acceptance::{Foreign, OUTSIDE_STACK, ROLE, of_acceptance};
use super::console::{BARE, ByHand};
use super::instance::Instance;
use super::link::{TOPIC, TOPIC_2, link, searching};
use super::partners::{accepting, shared, waiting};
use super::scenes::{SCENES, Scene, existing_share};
use super::shape::Everything;
use super::sqs::event_of;
use super::stage::Stage;
use super::world::{ACCOUNT, Event, MEMBER, MEMBER_2, OUTSIDER, World, with};
use local_cloud::organizations::RamSharing;
use local_cloud::sts::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// So little time that a share's Create is handed over after two seconds.
const BRIEF: Duration = Duration::from_secs(6);

/// One flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A share of its own, or an attachment.
    Share(Scene),
    /// A share whose invitation is accepted through a role.
    CreateAccepting,
    LinkCreate,
    LinkUpdate,
    LinkRetain,
    LinkUnlink,
    /// A Delete with `OnDelete: Unlink` that AWS refuses.
    LinkRefused,
    Accept,
    AcceptAnother,
    Leave,
    AcceptByRole,
    LeaveByRole,
    /// A Create that is handed over to the queue.
    HandOver,
    /// Its look, which hands it over again.
    LookAgain,
    /// Its look, which answers.
    LastLook,
    /// A look that accepts an invitation which came late.
    LookAccepts,
}

/// All flows.
pub fn flows() -> Vec<Flow> {
    let others = [
        Flow::CreateAccepting,
        Flow::LinkCreate,
        Flow::LinkUpdate,
        Flow::LinkRetain,
        Flow::LinkUnlink,
        Flow::LinkRefused,
        Flow::Accept,
        Flow::AcceptAnother,
        Flow::Leave,
        Flow::AcceptByRole,
        Flow::LeaveByRole,
        Flow::HandOver,
        Flow::LookAgain,
        Flow::LastLook,
        Flow::LookAccepts,
    ];
    SCENES.into_iter().map(Flow::Share).chain(others).collect()
}

/// A flow that is set: the request is the next thing that happens.
#[derive(Clone, Debug)]
pub struct Ready {
    pub event: Event,
    /// The event's own bytes, or the message by which the request goes on.
    pub delivery: String,
    /// The message's body, where it is one.
    pub message: Option<String>,
    /// What the resource is like before an Update.
    pub before: Value,
}

/// The properties before the request, where there are any, and those that it asks for: `None` for a Delete.
struct Wish {
    before: Option<Value>,
    after: Option<Value>,
}

impl Wish {
    fn create(after: Value) -> Self {
        Self { before: None, after: Some(after) }
    }

    fn update(before: Value, after: Value) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    fn delete(before: Value) -> Self {
        Self { before: Some(before), after: None }
    }
}

impl Flow {
    /// Sets the flow with an instance that lives on.
    pub async fn set(self, stage: &Stage, instance: &mut Instance) -> Ready {
        let wish = self.wish(&stage.world).await;
        let mut id = None;
        if let Some(before) = &wish.before {
            let created = self.request(stage, "Create", None, before.clone());
            let answer = stage.answer(instance, &created).await;
            assert!(answer.is_success(), "{self:?}: {}", answer.reason());
            id = Some(answer.physical_id().to_owned());
        }
        let request_type = match (&wish.before, &wish.after) {
            (None, _) => "Create",
            (Some(_), Some(_)) => "Update",
            (Some(_), None) => "Delete",
        };
        let before = wish.before.unwrap_or_default();
        let mut event =
            self.request(stage, request_type, id.as_deref(), wish.after.unwrap_or_else(|| json!({})));
        event.json["OldResourceProperties"] = before.clone();
        let message = self.waits(stage, instance, &event).await;
        let delivery = message.as_deref().map_or_else(|| event.json.to_string(), |body| event_of(1, body));
        Ready { event, delivery, message, before }
    }

    /// A request for the flow's resource, sent now.
    pub fn request(self, stage: &Stage, request_type: &str, id: Option<&str>, properties: Value) -> Event {
        let world = &stage.world;
        stage.sent(match self {
            Self::Share(_) | Self::CreateAccepting | Self::LastLook => {
                world.event(request_type, id, "Share", properties)
            }
            Self::LinkCreate | Self::LinkUpdate | Self::LinkRetain | Self::LinkUnlink | Self::LinkRefused => {
                world.link_event(request_type, id, properties)
            }
            Self::Accept
            | Self::AcceptAnother
            | Self::Leave
            | Self::HandOver
            | Self::LookAgain
            | Self::LookAccepts => world.acceptance_event(request_type, id, properties),
            Self::AcceptByRole | Self::LeaveByRole => {
                of_acceptance(world.event_of(OUTSIDE_STACK, request_type, id, "Acceptance", properties))
            }
        })
    }

    async fn wish(self, world: &World) -> Wish {
        match self {
            Self::Share(scene) => {
                let licenses = world.license_configurations(3);
                let share = existing_share(world).await;
                Wish { before: scene.before(&share, &licenses), after: scene.after(&share, &licenses) }
            }
            Self::CreateAccepting => {
                world.role_in(OUTSIDER);
                Wish::create(accepting(shared(world, &[MEMBER, OUTSIDER])))
            }
            Self::LastLook => Wish::create(waiting(shared(world, &[MEMBER, OUTSIDER]))),
            Self::LinkCreate | Self::LinkUpdate | Self::LinkRetain | Self::LinkUnlink | Self::LinkRefused => {
                self.link_wish(world)
            }
            Self::AcceptByRole | Self::LeaveByRole => self.wish_by_role(world).await,
            _ => self.acceptance_wish(world).await,
        }
    }

    fn link_wish(self, world: &World) -> Wish {
        assert!(world.cloud().set_ram_sharing(&world.organization, RamSharing::Off));
        world.cloud().without_service_role(ACCOUNT);
        match self {
            Self::LinkCreate => Wish::create(whole_link(TOPIC, MEMBER)),
            Self::LinkUpdate => Wish::update(whole_link(TOPIC, MEMBER), whole_link(TOPIC_2, MEMBER_2)),
            Self::LinkRetain => Wish::delete(whole_link(TOPIC, MEMBER)),
            Self::LinkRefused => Wish::delete(unlinking(whole_link(TOPIC, MEMBER))),
            _ => {
                let plain = json!({ "EnableRamSharing": true, "DelegatedAdministratorAccountId": MEMBER });
                Wish::delete(unlinking(link(plain)))
            }
        }
    }

    async fn acceptance_wish(self, world: &World) -> Wish {
        match self {
            Self::HandOver | Self::LookAgain | Self::LookAccepts => {
                Wish::create(world.foreign().await.listed())
            }
            Self::Accept => Wish::create(world.invited().await.listed()),
            Self::Leave => Wish::delete(world.invited().await.listed()),
            _ => {
                let (first, second) = (world.invited().await, world.foreign_named("second").await);
                world.invite(&second).await;
                Wish::update(first.listed(), second.listed())
            }
        }
    }

    async fn wish_by_role(self, world: &World) -> Wish {
        world.cloud().change_settings(|settings| settings.sts.strict = true);
        world.cloud().sts().register_role(Role {
            arn: ROLE.to_owned(),
            trusted_accounts: vec![ACCOUNT.to_owned()],
            external_id: Some("license-manager-provider:999900001111".to_owned()),
            ..Role::default()
        });
        let licenses = world.license_configurations(1);
        let by_hand = ByHand { external: true, resources: &licenses, principals: &[OUTSIDER], ..BARE };
        let share = Foreign { arn: world.share_by_hand(by_hand).await, licenses };
        let properties = with(share.listed(), "RoleArn", json!(ROLE));
        if self == Self::AcceptByRole { Wish::create(properties) } else { Wish::delete(properties) }
    }

    /// Delivers a request that waits, where the flow is a look at it; the message.
    async fn waits(self, stage: &Stage, instance: &mut Instance, event: &Event) -> Option<String> {
        if !matches!(self, Self::LookAgain | Self::LastLook | Self::LookAccepts) {
            return None;
        }
        instance.deliver_for(&event.json.to_string(), BRIEF).await;
        let message = stage.take_message().expect("a message");
        if self != Self::LookAgain {
            self.comes(&stage.world, event).await;
        }
        Some(message)
    }

    /// What a request waits for comes.
    pub async fn comes(self, world: &World, event: &Event) {
        match self {
            Self::LastLook => world.accept(OUTSIDER).await,
            Self::HandOver | Self::LookAgain | Self::LookAccepts => {
                let arn = event.json["ResourceProperties"]["ResourceShareArn"].as_str().unwrap().to_owned();
                world.invite(&Foreign { arn, licenses: Vec::new() }).await;
            }
            _ => {}
        }
    }

    /// Whether the delivery hands its request over to the queue.
    pub fn hands_over(self) -> bool {
        matches!(self, Self::HandOver | Self::LookAgain)
    }

    /// What must be as if a request that was taken back had never been. Of a link, what is irreversible may stay.
    pub fn lasting(self, everything: Everything) -> Everything {
        let lasting = Everything { made: 0, ..everything };
        match self {
            Self::LinkCreate | Self::LinkUpdate => {
                Everything { shapes: Vec::new(), trusted: [].into(), link: String::new(), ..lasting }
            }
            _ => lasting,
        }
    }
}

fn whole_link(topic: &str, delegate: &str) -> Value {
    let all = with(link(searching()), "EnableRamSharing", json!(true));
    let all = with(all, "SnsTopicArn", json!(topic));
    with(all, "DelegatedAdministratorAccountId", json!(delegate))
}

fn unlinking(properties: Value) -> Value {
    with(properties, "OnDelete", json!("Unlink"))
}
