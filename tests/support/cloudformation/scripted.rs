//! A function that answers as a test says, for what our own never does.

use super::super::s3::S3;
use super::function::Function;
use super::lambda::{Delivery, Lambda};
use super::service::CloudFormation;
use crate::support::world::World;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A PUT of a body to a URL.
pub type Sends = (String, String);
/// What it does with an event: what it sends, and whether Lambda is told that all is well.
pub type Script = Box<dyn FnMut(&Value) -> (Vec<Sends>, Result<(), String>) + Send>;

/// A function by its script.
pub struct Scripted {
    s3: Arc<S3>,
    script: Mutex<Script>,
    events: Mutex<Vec<Value>>,
    statuses: Mutex<Vec<u16>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    /// A provider that is this function, with a rescue function that is another.
    pub fn deployed(world: &World, function: Script, rescue: Script) -> (CloudFormation, [Arc<Self>; 2]) {
        let made = |script| {
            Arc::new(Self {
                s3: world.s3.clone(),
                script: Mutex::new(script),
                events: Mutex::default(),
                statuses: Mutex::default(),
            })
        };
        let (function, rescue) = (made(function), made(rescue));
        let lambda =
            Lambda::deployed(world.place(), |_| function.clone(), rescue.clone(), Delivery::default());
        (CloudFormation::of(world, lambda), [function, rescue])
    }

    /// The events that came, in order.
    pub fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }

    /// What its PUTs were answered with, in order.
    pub fn statuses(&self) -> Vec<u16> {
        self.statuses.lock().unwrap().clone()
    }
}

impl Function for Scripted {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        async move {
            let event: Value = serde_json::from_str(&event).unwrap();
            self.events.lock().unwrap().push(event.clone());
            let (sends, ended) = (self.script.lock().unwrap())(&event);
            for (url, body) in &sends {
                self.statuses.lock().unwrap().push(self.s3.receive(url, body).unwrap());
            }
            ended
        }
        .boxed()
    }
}

/// A sound answer to an event.
pub fn answer(event: &Value, status: &str, physical_id: &str) -> Value {
    let mut answer =
        json!({ "Status": status, "PhysicalResourceId": physical_id, "Reason": "as the script says" });
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        answer[name] = event[name].clone();
    }
    answer
}

/// An answer on its way to an event's URL.
pub fn sends(event: &Value, answer: &Value) -> Sends {
    (event["ResponseURL"].as_str().unwrap().to_owned(), answer.to_string())
}

/// Answers SUCCESS to everything, with one id.
pub fn succeeding() -> Script {
    Box::new(|event| {
        let id = event["PhysicalResourceId"].as_str().unwrap_or("made");
        (vec![sends(event, &answer(event, "SUCCESS", id))], Ok(()))
    })
}

/// Answers nothing, and says that all is well.
pub fn silent() -> Script {
    Box::new(|_| (Vec::new(), Ok(())))
}
