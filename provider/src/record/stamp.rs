//! What tells one request of a resource from another.

use crate::protocol::RequestType;

/// One request: which, what for, and when CloudFormation sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// CloudFormation's RequestId.
    pub request_id: String,
    /// Create, Update or Delete.
    pub request_type: RequestType,
    /// When it was sent.
    pub sent: Sent,
}

/// One look at a request that waits in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookStamp {
    /// 1 for the first one.
    pub number: u32,
    /// The queue's id of the message that asks for it: the same in every delivery of the message.
    pub message_id: String,
}

/// When a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Milliseconds since 1970.
    pub milliseconds: u64,
    /// Where the time comes from.
    pub from: SentFrom,
}

/// Where the time of a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentFrom {
    /// `X-Amz-Date` of the response URL: CloudFormation's clock, whole seconds.
    AmzDate,
    /// The function's own clock when the request came: emulators sign no URL.
    Arrival,
}

impl Sent {
    /// A time from `X-Amz-Date`, in seconds since 1970.
    pub fn amz_date(seconds: u64) -> Self {
        Self { milliseconds: seconds.saturating_mul(1_000), from: SentFrom::AmzDate }
    }

    /// The time of arrival, in milliseconds since 1970.
    pub fn arrival(milliseconds: u64) -> Self {
        Self { milliseconds, from: SentFrom::Arrival }
    }
}
