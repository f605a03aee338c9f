//! The real `bootstrap`, a process for each invocation that runs at the same time.

use super::super::function::{Function as Deployed, TIME, now};
use super::super::place::Place;
use super::super::process::Process;
use super::super::runtime_api::Reported;
use super::function::Function;
use super::lambda::{Delivery, Lambda};
use super::messages::Sender;
use super::service::CloudFormation;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::clock::Clock;
use std::sync::{Arc, Mutex};

/// Processes of one function.
#[derive(Debug)]
pub struct Binary {
    deployed: Arc<Deployed>,
    rescues: bool,
    idle: Mutex<Vec<Process>>,
}

impl Binary {
    fn new(deployed: &Arc<Deployed>, rescues: bool) -> Arc<Self> {
        Arc::new(Self { deployed: Arc::clone(deployed), rescues, idle: Mutex::default() })
    }

    /// A CloudFormation over the real binary, as function and as rescue function.
    pub fn deployed(deployed: &Arc<Deployed>) -> CloudFormation {
        let rescue = Self::new(deployed, true);
        let function = |_: Sender| -> Arc<dyn Function> { Self::new(deployed, false) };
        let lambda = Lambda::deployed(&Place::default(), function, rescue, Delivery::hurried());
        let origin = format!("http://{}", deployed.bucket.server.address);
        let sign = move |stack: &str, logical_id: &str, request_id: &str, sent| {
            Deployed::response_url_of(&origin, stack, logical_id, request_id, sent)
        };
        let (s3, clock) = (deployed.bucket.s3.clone(), Clock::starting_at(now()));
        CloudFormation::outside(lambda, s3, clock, Box::new(sign))
    }

    async fn process(&self) -> Process {
        let idle = self.idle.lock().unwrap().pop();
        match idle {
            Some(process) => process,
            None if self.rescues => self.deployed.start_rescue().await,
            None => self.deployed.start().await,
        }
    }
}

impl Function for Binary {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        async move {
            let mut process = self.process().await;
            let reported = process.deliver(event, TIME).await;
            self.idle.lock().unwrap().push(process);
            match reported {
                Reported::Response(_) => Ok(()),
                Reported::Error(error) => Err(error),
            }
        }
        .boxed()
    }
}
