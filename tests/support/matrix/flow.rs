//! A flow: what is there, the template that is deployed first, and the stack operation under test.

use super::super::cloudformation::template::Template;
use super::super::world::World;
use futures_util::future::BoxFuture;
use local_cloud::Settings;
use std::time::Duration;

/// A flow, to be played as often as one likes.
#[derive(Clone, Copy)]
pub struct Flow {
    pub name: &'static str,
    /// Of the stacks, where the provider is a central one.
    pub stacks_of: Option<&'static str>,
    /// Sets the scene, and says what is to be deployed.
    pub set: for<'a> fn(&'a World) -> BoxFuture<'a, Planned>,
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What happens between the first template and the operation under test.
pub type Meanwhile = Box<dyn for<'a> FnOnce(&'a World) -> BoxFuture<'a, ()> + Send>;

/// What is to be deployed.
pub struct Planned {
    /// What is deployed without faults.
    pub first: Option<Template>,
    pub meanwhile: Option<Meanwhile>,
    /// `None`: the stack is deleted.
    pub then: Option<Template>,
    /// Part of what must be there once all is done, whatever struck.
    pub leaves: Option<&'static str>,
}

impl Planned {
    pub fn create(template: Template) -> Self {
        Self { first: None, meanwhile: None, then: Some(template), leaves: None }
    }

    pub fn update(first: Template, then: Template) -> Self {
        Self { first: Some(first), meanwhile: None, then: Some(then), leaves: None }
    }

    pub fn delete(first: Template) -> Self {
        Self { first: Some(first), meanwhile: None, then: None, leaves: None }
    }

    /// The same, where a line with `part` is there once all is done.
    pub fn leaving(self, part: &'static str) -> Self {
        Self { leaves: Some(part), ..self }
    }

    /// The same, where something happens before the operation under test.
    pub fn after(
        self,
        meanwhile: impl for<'a> FnOnce(&'a World) -> BoxFuture<'a, ()> + Send + 'static,
    ) -> Self {
        Self { meanwhile: Some(Box::new(meanwhile)), ..self }
    }
}

/// A cloud in which everything takes longer than a delivery waits, 30 s, and is done by the first look, which comes 15 s
/// after the delivery's last one, 33.6 s after its first at the earliest.
pub fn slow() -> Settings {
    let (mut settings, later) = (Settings::default(), Duration::from_secs(33));
    let times = &mut settings.ram.times;
    for time in [
        &mut times.associate_resource,
        &mut times.associate_account,
        &mut times.associate_organization,
        &mut times.disassociate_resource,
        &mut times.disassociate_principal,
        &mut times.share_deleting,
        &mut times.share_shown,
    ] {
        *time = later;
    }
    settings.license_manager.share_delay = later;
    settings.iam.propagation = later;
    settings
}
