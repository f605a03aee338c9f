//! A process in trouble for each invocation.

use super::super::cloudformation::function::{Function, TIMEOUT};
use super::super::trouble::Trouble;
use super::super::world::World;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::config::{Config, Trusted};
use provider::protocol::Queue;
use serde_json::Value;
use std::sync::Arc;
use tokio::time::timeout;

/// The provider's function, or the rescue function where there is no queue.
#[derive(Debug)]
pub struct InTrouble {
    pub world: Arc<World>,
    pub trouble: Trouble,
    pub queue: Option<Arc<dyn Queue>>,
    /// Serves stacks of other accounts.
    pub central: bool,
}

impl InTrouble {
    fn configure(&self, config: &mut Config) {
        if self.central {
            config.trusted = Trusted::Anyone;
        }
    }

    async fn run(&self, event: &str) -> Result<(), String> {
        let ended = self.handle(event).await;
        self.trouble.hear(format!("{:?}", self.world.records.all()));
        if let Err(error) = &ended {
            self.trouble.hear(error.clone());
        }
        ended
    }

    async fn handle(&self, event: &str) -> Result<(), String> {
        let (world, trouble) = (&self.world, &self.trouble);
        let handled = async {
            if let Some(queue) = &self.queue {
                arrives(trouble, event);
                let queue = Some(Arc::clone(queue));
                let process = world.process_in_trouble(trouble, queue, |config| self.configure(config));
                world.deliver_bytes_to(&process, event.as_bytes()).await
            } else {
                trouble.rescues();
                let process = world.rescue_in_trouble(trouble, |config| self.configure(config));
                world.deliver_bytes_to(&process, event.as_bytes()).await
            }
        };
        tokio::select! {
            biased;
            () = trouble.death() => Err("Runtime.ExitError".to_owned()),
            handled = timeout(TIMEOUT, handled) => match handled {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("Sandbox.Timedout".to_owned()),
            },
        }
    }
}

fn arrives(trouble: &Trouble, event: &str) {
    let event: Value = serde_json::from_str(event).unwrap();
    let message = event["Records"][0]["body"].as_str();
    let inner: Option<Value> = message.map(|body| serde_json::from_str(body).unwrap());
    let request = inner.as_ref().map_or(&event, |body| &body["event"]);
    trouble.arrives(request["RequestId"].as_str().unwrap(), inner.is_some());
}

impl Function for InTrouble {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        async move { self.run(&event).await }.boxed()
    }
}
