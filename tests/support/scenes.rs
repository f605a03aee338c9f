//! Requests of every kind, each with what came before it.

use super::points::Points;
use super::world::{ACCOUNT, Event, MEMBER, MEMBER_2, OUTSIDER, REGION, World, attached, own, with};
use serde_json::{Value, json};

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    Create,
    Attach,
    Adopt,
    AddMembers,
    RemoveMembers,
    SwapMembers,
    Rename,
    Retag,
    AllowExternal,
    ForbidExternal,
    ChangeAttached,
    ReplaceByShare,
    ReplaceByAttachment,
    Delete,
    Detach,
    GiveBack,
}

pub const SCENES: [Scene; 16] = [
    Scene::Create,
    Scene::Attach,
    Scene::Adopt,
    Scene::AddMembers,
    Scene::RemoveMembers,
    Scene::SwapMembers,
    Scene::Rename,
    Scene::Retag,
    Scene::AllowExternal,
    Scene::ForbidExternal,
    Scene::ChangeAttached,
    Scene::ReplaceByShare,
    Scene::ReplaceByAttachment,
    Scene::Delete,
    Scene::Detach,
    Scene::GiveBack,
];

/// A tag list of one key.
pub fn tagged(properties: Value, key: &str, value: &str) -> Value {
    with(properties, "Tags", json!([{"Key": key, "Value": value}]))
}

fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

fn retained(properties: Value) -> Value {
    with(external(properties), "RetainSharingOnAccountLeaveOrganization", json!(true))
}

impl Scene {
    /// What the resource is like before the request; `None` for a Create.
    pub fn before(self, share: &str, licenses: &[String]) -> Option<Value> {
        let plain = own("licenses", &licenses[..1], &[MEMBER]);
        match self {
            Self::Create | Self::Attach | Self::Adopt => None,
            Self::AddMembers | Self::Rename | Self::Delete | Self::ReplaceByAttachment => Some(plain),
            Self::RemoveMembers => Some(own("licenses", licenses, &[MEMBER, MEMBER_2])),
            Self::SwapMembers => Some(own("licenses", &licenses[..2], &[MEMBER])),
            Self::Retag => Some(tagged(plain, "team", "red")),
            Self::AllowExternal => Some(plain),
            Self::ForbidExternal => Some(external(own("licenses", &licenses[..1], &[MEMBER, OUTSIDER]))),
            Self::ReplaceByShare => Some(external(own("licenses", &licenses[..1], &[]))),
            Self::ChangeAttached => Some(attached(share, &licenses[..2], &[MEMBER])),
            Self::Detach => Some(attached(share, &licenses[..2], &[MEMBER, MEMBER_2])),
            Self::GiveBack => Some(adopting(licenses)),
        }
    }

    /// What the request asks for; `None` for a Delete.
    pub fn after(self, share: &str, licenses: &[String]) -> Option<Value> {
        let plain = own("licenses", &licenses[..1], &[MEMBER]);
        match self {
            Self::Create => Some(tagged(own("licenses", licenses, &[MEMBER, MEMBER_2]), "team", "red")),
            Self::Attach | Self::ReplaceByAttachment => Some(attached(share, &licenses[..2], &[MEMBER])),
            Self::Adopt => Some(adopting(licenses)),
            Self::AddMembers => Some(own("licenses", licenses, &[MEMBER, MEMBER_2])),
            Self::RemoveMembers => Some(plain),
            Self::SwapMembers => Some(own("licenses", &licenses[1..], &[MEMBER_2])),
            Self::Rename => Some(own("renamed", &licenses[..1], &[MEMBER])),
            Self::Retag => Some(tagged(plain, "cost", "blue")),
            Self::AllowExternal => Some(external(own("licenses", &licenses[..1], &[MEMBER, OUTSIDER]))),
            Self::ForbidExternal => Some(plain),
            Self::ReplaceByShare => Some(retained(own("licenses", &licenses[..1], &[]))),
            Self::ChangeAttached => Some(attached(share, &licenses[1..], &[MEMBER_2])),
            Self::Delete | Self::Detach | Self::GiveBack => None,
        }
    }

    /// A world in which the request is the next thing that happens, and the request.
    pub async fn set(self, world: &World) -> Event {
        let licenses = world.license_configurations(3);
        let share = existing_share(world).await;
        let id = match self.before(&share, &licenses) {
            None => None,
            Some(properties) => {
                let created = world.create("Share", properties).await;
                assert!(created.is_success(), "{self:?}: {}", created.reason());
                Some(created.physical_id().to_owned())
            }
        };
        world.later().await;
        let request_type = match (&id, self.after(&share, &licenses)) {
            (None, _) => "Create",
            (Some(_), Some(_)) => "Update",
            (Some(_), None) => "Delete",
        };
        let properties = self.after(&share, &licenses).unwrap_or_else(|| json!({}));
        let mut event = world.event(request_type, id.as_deref(), "Share", properties);
        event.json["OldResourceProperties"] = self.before(&share, &licenses).unwrap_or_default();
        event
    }

    /// The points at which the request can be stopped in a world like this one, which is used up for it.
    pub async fn points(self, world: &World) -> Vec<usize> {
        let (event, points) = (self.set(world).await, Points::default());
        world.deliver_to(&world.process(&points, &[]), &event).await.unwrap();
        let places = points.that_differ();
        assert!(places.len() >= 6, "{self:?} has {} points only", places.len());
        places
    }
}

/// The request that takes an Update back, for the resource that has this id now.
pub fn rollback(world: &World, update: &Event, id: &str) -> Event {
    world.event("Update", Some(id), "Share", update.json["OldResourceProperties"].clone())
}

fn adopting(licenses: &[String]) -> Value {
    let properties = tagged(own("theirs", &licenses[..2], &[MEMBER]), "team", "red");
    with(external(properties), "AdoptExisting", json!(true))
}

/// A share that somebody made by hand: one of its license configurations is its own.
pub async fn existing_share(world: &World) -> String {
    let license = world.cloud().create_license_configuration(ACCOUNT, REGION, "theirs");
    let clients = world.clients();
    let until = provider::aws::Deadline::after(std::time::Duration::from_secs(60));
    let share = provider::aws::NewShare {
        name: "theirs".to_owned(),
        allow_external_principals: false,
        retain_sharing: false,
        resources: vec![license],
        principals: Vec::new(),
        tags: [("team".to_owned(), "green".to_owned())].into(),
        client_token: "7f1b2c30-0000-4000-8000-0a0b0c0d0e0f".to_owned(),
    };
    clients.ram(until).create_share(&share).await.unwrap().arn.to_string()
}
