//! The real `bootstrap`, a process for each invocation that runs at the same time.

use super::super::function::{Function as Deployed, TIME, now};
use super::super::http_server::HttpServer;
use super::super::place::Place;
use super::super::process::Process;
use super::super::queue::QUEUE_URL;
use super::super::runtime_api::Reported;
use super::super::sqs;
use super::function::Function;
use super::lambda::{Delivery, Lambda};
use super::messages::{MessageQueue, Sender};
use super::service::CloudFormation;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::clock::Clock;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Processes of one function.
#[derive(Debug)]
pub struct Binary {
    deployed: Arc<Deployed>,
    runs: Runs,
    idle: Mutex<Vec<Process>>,
}

/// What a process runs.
#[derive(Debug)]
enum Runs {
    Function,
    /// With a wait queue, whose SQS ends with it; each invocation may take so long.
    WithQueue {
        server: HttpServer,
        time: Duration,
    },
    Rescue,
}

impl Binary {
    fn new(deployed: &Arc<Deployed>, runs: Runs) -> Arc<Self> {
        Arc::new(Self { deployed: Arc::clone(deployed), runs, idle: Mutex::default() })
    }

    /// A CloudFormation over the real binary, as function and as rescue function.
    pub fn deployed(deployed: &Arc<Deployed>) -> CloudFormation {
        let function = |_: Sender| -> Arc<dyn Function> { Self::new(deployed, Runs::Function) };
        Self::service(deployed, function, Delivery::hurried(), Duration::ZERO)
    }

    /// The same with a wait queue whose delays are a tenth. `time`: of an invocation, which hands over in good time
    /// before. `late`: how old a request is when Lambda gets it.
    pub async fn waiting(deployed: &Arc<Deployed>, time: Duration, late: Duration) -> CloudFormation {
        let queue: Arc<OnceLock<Arc<MessageQueue>>> = Arc::default();
        let sink = Arc::clone(&queue);
        let server =
            sqs::server(move |(body, delay, _)| sink.get().expect("a queue").take(body, delay)).await;
        let function = |sender: Sender| -> Arc<dyn Function> {
            queue.set(sender.0).expect("one queue");
            Self::new(deployed, Runs::WithQueue { server, time })
        };
        Self::service(deployed, function, Delivery { hurry: 10, ..Delivery::default() }, late)
    }

    fn service(
        deployed: &Arc<Deployed>,
        function: impl FnOnce(Sender) -> Arc<dyn Function>,
        delivery: Delivery,
        late: Duration,
    ) -> CloudFormation {
        let lambda =
            Lambda::deployed(&Place::default(), function, Self::new(deployed, Runs::Rescue), delivery);
        let origin = format!("http://{}", deployed.bucket.server.address);
        let sign = move |stack: &str, logical_id: &str, request_id: &str, sent| {
            Deployed::response_url_of(&origin, stack, logical_id, request_id, sent)
        };
        let (s3, clock) = (deployed.bucket.s3.clone(), Clock::starting_at(now() - late));
        CloudFormation::outside(lambda, s3, clock, Box::new(sign))
    }

    async fn process(&self) -> Process {
        let idle = self.idle.lock().unwrap().pop();
        match (idle, &self.runs) {
            (Some(process), _) => process,
            (None, Runs::Function) => self.deployed.start().await,
            (None, Runs::Rescue) => self.deployed.start_rescue().await,
            (None, Runs::WithQueue { server, .. }) => {
                let sqs = format!("http://{}", server.address);
                let queue = [("WAIT_QUEUE_URL", Some(QUEUE_URL)), ("AWS_ENDPOINT_URL_SQS", Some(&*sqs))];
                self.deployed.start_with(&queue).await
            }
        }
    }
}

impl Function for Binary {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        async move {
            let mut process = self.process().await;
            let time = if let Runs::WithQueue { time, .. } = &self.runs { *time } else { TIME };
            let reported = process.deliver(event, time).await;
            self.idle.lock().unwrap().push(process);
            match reported {
                Reported::Response(_) => Ok(()),
                Reported::Error(error) => Err(error),
            }
        }
        .boxed()
    }
}
