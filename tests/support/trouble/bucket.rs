//! CloudFormation's bucket, as a process in trouble reaches it.

use super::super::s3::S3;
use super::{CallName, Fault, Phase, Trouble};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::protocol::{ResponseUrl, Upload, UploadError, UploadErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// So long one attempt of `upload.rs` waits.
const ATTEMPT: Duration = Duration::from_secs(10);

/// What an answer meets on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerStrike {
    /// The first invocation from this phase on that sends an answer.
    pub phase: Phase,
    /// Not [`Fault::Denied`]: what a signed URL refuses, it refuses for ever.
    pub fault: Fault,
    pub lasting: AnswerLasting,
    /// What the records do meanwhile.
    pub records: RecordsMeanwhile,
}

impl AnswerStrike {
    pub const FAULTS: [Fault; 6] =
        [Fault::Throttled, Fault::Fails, Fault::Reset, Fault::Hangs, Fault::LosesAnswer, Fault::Malformed];
}

/// Which attempts it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerLasting {
    Once,
    /// All of the invocation.
    WholeInvocation,
}

impl AnswerLasting {
    pub const ALL: [Self; 2] = [Self::Once, Self::WholeInvocation];
}

/// How the records take answers in the first invocation that has one for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordsMeanwhile {
    Fine,
    /// They do not take it.
    Refuse,
    /// They take it, and nobody hears.
    LoseAnswer,
    /// The same, and they are away from then on, for as long as the invocation lasts.
    GoAway,
}

impl RecordsMeanwhile {
    pub const ALL: [Self; 4] = [Self::Fine, Self::Refuse, Self::LoseAnswer, Self::GoAway];

    /// What a call of the records meets; `begun`: once they were kept from an answer.
    pub fn fault(self, call: CallName, begun: bool) -> Option<Fault> {
        match self {
            Self::GoAway if begun && call.service == END.service => Some(Fault::Fails),
            _ if call != END => None,
            Self::Fine => None,
            Self::Refuse => Some(Fault::Fails),
            Self::LoseAnswer | Self::GoAway => Some(Fault::LosesAnswer),
        }
    }
}

/// The record of an answer.
pub const END: CallName = CallName { service: "record", operation: "end" };

/// The bucket behind the trouble.
#[derive(Debug)]
pub struct TroubledBucket {
    pub s3: Arc<S3>,
    pub trouble: Trouble,
}

impl Upload for TroubledBucket {
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        let failed = |kind, message: &str| Err(UploadError { kind, message: message.to_owned() });
        let reset = move || failed(UploadErrorKind::Connect, "connection reset");
        async move {
            match self.trouble.meet_put() {
                None => self.s3.put(url, body).await,
                Some(Fault::Throttled) => Ok(503),
                Some(Fault::Fails) => Ok(500),
                Some(Fault::Denied) => Ok(403),
                Some(Fault::Reset) => reset(),
                Some(Fault::Hangs) => {
                    sleep(ATTEMPT).await;
                    failed(UploadErrorKind::Timeout, "operation timed out")
                }
                Some(Fault::LosesAnswer) => self.s3.put(url, body).await.and_then(|_| reset()),
                // Taken, and something on the way says otherwise.
                Some(Fault::Malformed) => self.s3.put(url, body).await.map(|_| 502),
            }
        }
        .boxed()
    }
}
