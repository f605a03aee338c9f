//! The wait queue, as a process in trouble reaches it.

use super::{CallName, Fault, Trouble};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::protocol::{Queue, QueueError};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

/// The queue behind the trouble.
#[derive(Debug)]
pub struct TroubledQueue {
    pub queue: Arc<dyn Queue>,
    pub trouble: Trouble,
}

impl Queue for TroubledQueue {
    fn url(&self) -> &str {
        self.queue.url()
    }

    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let call = CallName { service: "queue", operation: "send" };
            let refused = |message: &str| Err(QueueError { message: format!("SQS: {message}") });
            let sent = match self.trouble.meet(call).await {
                None => self.queue.send(body, delay).await,
                Some(Fault::Throttled) => refused("RequestThrottled"),
                Some(Fault::Fails) => refused("SendMessage failed (HTTP 500)"),
                Some(Fault::Denied) => refused("AccessDenied"),
                Some(Fault::Reset) => refused("connection reset"),
                Some(Fault::Hangs) => pending().await,
                Some(Fault::LosesAnswer) => {
                    self.queue.send(body, delay).await.and_then(|()| refused("connection reset"))
                }
                Some(Fault::Malformed) => {
                    self.queue.send(body, delay).await.and_then(|()| refused("the answer cannot be read"))
                }
            };
            self.trouble.done(call).await;
            sent
        }
        .boxed()
    }
}
