//! AWS RAM, as owners and consumers of resource shares use it (AWS RAM API reference; ram facts 1 and 3).

mod consumer;
mod convert;
mod find;
mod organization;
mod write;

pub use find::Only;
pub use write::NewShare;

use super::deadline::Deadline;
use super::error::Operation;
use super::watch::Watch;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;

/// RAM with one deadline for every call.
///
/// Errors of all methods: what RAM says, by [`ErrorKind`](super::ErrorKind), after throttling, 5xx, resets and hangs
/// were retried until the deadline.
#[derive(Clone)]
pub struct Ram {
    client: aws_sdk_ram::Client,
    until: Deadline,
}

impl Ram {
    pub(super) fn new(client: aws_sdk_ram::Client, until: Deadline) -> Self {
        Self { client, until }
    }

    fn watch<E>(&self, operation: Operation) -> Watch<E>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        Watch::new(operation, self.until)
    }
}

impl fmt::Debug for Ram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ram").field("until", &self.until).finish_non_exhaustive()
    }
}

const fn operation(name: &'static str) -> Operation {
    Operation { service: "RAM", name }
}

/// The configuration of one call that is watched.
fn watched<E>(watch: &Watch<E>) -> aws_sdk_ram::config::Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    aws_sdk_ram::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone())
}
