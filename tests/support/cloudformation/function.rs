//! What runs an invocation of a function.

use super::super::world::World;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::handler::Handler;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The function's `Timeout` in `provider.yaml`.
pub const TIMEOUT: Duration = Duration::from_secs(120);

/// A function: one call is one invocation.
pub trait Function: Debug + Send + Sync {
    /// # Errors
    /// What Lambda records of an invocation that is not over: the event is to be delivered again.
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>>;
}

/// The handler in this process; each invocation is a cold start, and ends after [`TIMEOUT`] wherever it is.
pub struct InProcess<H, S> {
    world: Arc<World>,
    start: S,
    handler: std::marker::PhantomData<fn() -> H>,
}

impl<H, S> Debug for InProcess<H, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl<H: Handler, S: Fn(&World) -> H> InProcess<H, S> {
    /// A function whose processes are started by `start`.
    pub fn new(world: &Arc<World>, start: S) -> Self {
        Self { world: Arc::clone(world), start, handler: std::marker::PhantomData }
    }
}

impl<H, S> Function for InProcess<H, S>
where
    H: Handler + Send,
    S: Fn(&World) -> H + Send + Sync,
{
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        async move {
            let process = (self.start)(&self.world);
            let handled = self.world.deliver_bytes_to(&process, event.as_bytes());
            match timeout(TIMEOUT, handled).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("Sandbox.Timedout".to_owned()),
            }
        }
        .boxed()
    }
}
