//! CloudFormation's custom resource protocol: the request, the secret URL it is answered at, and the answer.
//!
//! Knows no resource and no AWS service. All of it is pure but `responder`, which waits on tokio's clock between its
//! attempts. Source: CloudFormation user guide, "Custom resource reference" (crpg-ref-requests, crpg-ref-responses).

pub mod abandoned;
pub mod age;
pub mod answer;
pub mod budget;
mod data;
mod extra_hosts;
pub mod handover;
pub mod lenient;
mod message;
pub mod partitions;
pub mod physical_id;
pub mod queue;
pub mod reason;
pub mod request;
pub mod responder;
pub mod response_url;
pub mod stack_id;
pub mod upload;

pub use abandoned::{Abandoned, Cause, Entrances};
pub use answer::{Answer, Attribute, Attributes};
pub use handover::{HandOver, HandOverError, Queued};
pub use queue::{Queue, QueueError};
pub use reason::{Reason, Trailer};
pub use request::{Acceptance, Request, RequestError, RequestType};
pub use responder::{Responder, SendError};
pub use response_url::{ExtraHosts, ResponseUrl, ResponseUrlError};
pub use stack_id::StackId;
pub use upload::{Upload, UploadError, UploadErrorKind};
