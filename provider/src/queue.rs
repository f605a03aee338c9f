//! The wait queue in Amazon SQS.

use crate::aws::Clients;
use crate::protocol::reason::chain;
use crate::protocol::{Queue, QueueError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// A queue of SQS. Its client is built at the first message: few invocations send one.
#[derive(Debug)]
pub struct SqsQueue {
    clients: Clients,
    url: String,
}

impl SqsQueue {
    /// The queue with this URL.
    pub fn new(clients: Clients, url: String) -> Self {
        Self { clients, url }
    }
}

impl Queue for SqsQueue {
    fn url(&self) -> &str {
        &self.url
    }

    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let sent = self.clients.sqs().send(&self.url, body, delay).await;
            sent.map_err(|error| QueueError { message: chain(&error) })
        }
        .boxed()
    }
}
