//! The port to the queue in which requests wait that outlast one invocation.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// The provider's own queue (design 8). It delivers a message at least once, after its delay, to the same function.
pub trait Queue: Send + Sync + Debug {
    /// Its URL, of which the last part is its name.
    fn url(&self) -> &str;

    /// Sends a message that is delivered `delay`, at most 15 minutes and in whole seconds, later. The body holds the
    /// response URL: no error and no log may show any part of it.
    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>>;
}

/// The queue did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueueError {
    /// What happened, without any part of the message.
    pub message: String,
}
