//! CloudFormation in one account and Region: it sends a request and waits for its answer, until it gives up.

use super::super::place::Place;
use super::super::s3::S3;
use super::super::world::{World, response_url};
use super::function::{Function, InProcess};
use super::lambda::{Delivery, Lambda};
use super::messages::Sender;
use super::request::{Kind, Request};
use super::response::{self, Refusal, Response};
use super::stack::Stack;
use super::template::Resource;
use provider::clock::Clock;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";

/// How CloudFormation signs the URL of one answer: stack, logical id, request, when.
pub type Signer = Box<dyn Fn(&str, &str, &str, SystemTime) -> String + Send + Sync>;

/// What stands around the stacks.
pub struct CloudFormation {
    pub lambda: Arc<Lambda>,
    pub s3: Arc<S3>,
    place: Place,
    /// The account of the stacks, which is another one where the provider is a central one.
    account: String,
    clock: Clock,
    sign: Signer,
    /// CloudFormation sends no two requests of a resource in one second.
    pause: Duration,
    stacks: AtomicUsize,
    requests: AtomicUsize,
    sent: Mutex<Vec<Sent>>,
}

/// A request that was sent, and what came of it.
#[derive(Clone, Debug)]
pub struct Sent {
    pub request: Request,
    pub outcome: Option<Outcome>,
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Answered(Response),
    /// An answer that is none.
    Refused(Refusal),
    TimedOut,
}

impl std::fmt::Debug for CloudFormation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CloudFormation in account {} ({:?})", self.account, self.place)
    }
}

impl CloudFormation {
    /// Over a provider in this process, as `provider.yaml` deploys it: each invocation is a cold start.
    pub fn over(world: &Arc<World>, delivery: Delivery) -> Self {
        let function = |queue: Sender| -> Arc<dyn Function> {
            let queue = Arc::new(queue);
            Arc::new(InProcess::new(world, move |world| world.new_process().with_queue(queue.clone())))
        };
        let rescue = InProcess::new(world, |world| world.rescue(&[], |_| {}));
        Self::of(world, Lambda::deployed(world.place(), function, Arc::new(rescue), delivery))
    }

    /// Over a deployed provider of this world.
    pub fn of(world: &World, lambda: Arc<Lambda>) -> Self {
        Self {
            lambda,
            s3: world.s3.clone(),
            place: world.place().clone(),
            account: world.place().account.clone(),
            clock: world.clock,
            sign: Box::new(response_url),
            pause: Duration::from_secs(2),
            stacks: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            sent: Mutex::default(),
        }
    }

    /// Over a function that runs outside of this process: signed by `sign`, by a clock that runs.
    pub fn outside(lambda: Arc<Lambda>, s3: Arc<S3>, clock: Clock, sign: Signer) -> Self {
        let place = Place::default();
        Self {
            account: place.account.clone(),
            lambda,
            s3,
            place,
            clock,
            sign,
            pause: Duration::from_millis(1_050),
            stacks: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            sent: Mutex::default(),
        }
    }

    /// The same provider, for stacks of another account.
    pub fn with_stacks_of(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// A stack that nothing was asked for yet.
    pub fn stack(&self, name: &str) -> Stack {
        let number = self.stacks.fetch_add(1, Ordering::SeqCst);
        let guid = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}/{name}/{number}", self.account).as_bytes());
        let (region, account) = (&self.place.region, &self.account);
        Stack::new(name, format!("arn:aws:cloudformation:{region}:{account}:stack/{name}/{guid}"))
    }

    /// The request for a resource.
    pub(super) fn request(
        &self,
        stack: &Stack,
        resource: &Resource,
        kind: Kind,
        properties: Value,
    ) -> Request {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let name = format!("{}/{number}", stack.stack_id);
        Request {
            request_id: Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string(),
            stack_id: stack.stack_id.clone(),
            logical_id: resource.logical_id.clone(),
            resource_type: resource.resource_type.clone(),
            kind,
            properties,
        }
    }

    /// Sends a request, and waits for its answer as long as `ServiceTimeout` says.
    pub(super) async fn ask(&self, request: Request) -> Outcome {
        let index = self.note(&request);
        let Request { stack_id, logical_id, request_id, .. } = &request;
        let url = (self.sign)(stack_id, logical_id, request_id, self.clock.now());
        let event = request.event(&self.place.text(FUNCTION), &self.place_of(&url));
        self.s3.signed(&event);
        self.lambda.invoke(request_id, event);
        let outcome = match timeout(request.service_timeout(), self.s3.first_put(request_id)).await {
            Err(_) => Outcome::TimedOut,
            Ok(body) => match response::read(&request, body.as_bytes()) {
                Ok(response) => Outcome::Answered(response),
                Err(refusal) => Outcome::Refused(refusal),
            },
        };
        self.sent.lock().unwrap()[index].outcome = Some(outcome.clone());
        outcome
    }

    /// The URL's host is that of the provider's Region; its path is the stack's, whatever account that has.
    fn place_of(&self, url: &str) -> String {
        let bare = |region: &str| region.replace('-', "");
        let usual = Place::default().region;
        url.replace(&usual, &self.place.region).replace(&bare(&usual), &bare(&self.place.region))
    }

    fn note(&self, request: &Request) -> usize {
        let mut sent = self.sent.lock().unwrap();
        sent.push(Sent { request: request.clone(), outcome: None });
        sent.len() - 1
    }

    /// The requests that were sent, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Between two steps of a stack operation.
    pub(super) async fn pause(&self) {
        sleep(self.pause).await;
    }

    /// Waits until nothing is on its way, and gives every reason to doubt the answers: those that differ from one
    /// another, those that S3 or CloudFormation do not take, and requests without one. A request that CloudFormation itself
    /// took back may stay without.
    pub async fn doubts(&self) -> Vec<String> {
        self.lambda.quiet().await;
        let sent = self.sent();
        let mut doubts: Vec<String> = sent.iter().flat_map(|sent| self.doubts_of(sent)).collect();
        doubts.extend(self.s3.refused().iter().map(|why| format!("a PUT that S3 refused: {why}")));
        doubts.extend(self.lambda.rescue_failures().iter().map(|body| format!("not rescued: {body}")));
        doubts
    }

    fn doubts_of(&self, sent: &Sent) -> Vec<String> {
        let Sent { request, outcome } = sent;
        let what = format!("{} of {}", request.kind.name(), request.logical_id);
        let puts = self.s3.puts_to(&request.request_id);
        let mut doubts: Vec<String> = puts
            .iter()
            .filter_map(|body| response::read(request, body.as_bytes()).err())
            .map(|refusal| format!("{what}: {refusal}"))
            .collect();
        if puts.windows(2).any(|pair| pair[0] != pair[1]) {
            doubts.push(format!("{what}: answers differ: {puts:?}"));
        }
        match (outcome, &request.kind) {
            (Some(Outcome::TimedOut), _) => doubts.push(format!("{what}: no answer in time")),
            (Some(Outcome::Answered(response)), Kind::Delete { physical_id }) => {
                if response.physical_id != *physical_id {
                    doubts.push(format!("{what}: answered with the id {}", response.physical_id));
                }
            }
            (Some(Outcome::Answered(_) | Outcome::Refused(_)) | None, _) => {}
        }
        doubts
    }
}
