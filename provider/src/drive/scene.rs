//! Where and until when a request runs.

use super::waiting::QueuedLook;
use crate::aws::{Clients, Deadline};
use crate::clock::Clock;
use crate::domain::Home;
use crate::protocol::{Request, Trailer};
use crate::record::{RecordKey, Records, Sent, Stamp};
use crate::resource::{Reach, Roles, Subject};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// When what must be over.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The work.
    pub work: Deadline,
    /// Waiting, within the work, for what settles by itself.
    pub patience: Deadline,
    /// Recording the answer, and taking back what failed.
    pub take_back: Deadline,
    /// Everything but the answer's PUT: the last resort against what hangs.
    pub conclusion: Instant,
    /// The answer's PUT.
    pub answer: Instant,
}

/// What is kept back for taking back and answering; never more than a third of the time that is left.
const RESERVE: Duration = Duration::from_secs(20);
/// What takes longer to settle is left to the queue.
const PATIENCE: Duration = Duration::from_secs(30);
/// A look that only waits asks once, and calls that fail are not repeated for long: the next look is near.
const LOOK: Duration = Duration::from_secs(5);
/// A look that has yet to do the work, which AWS refused to take before: long enough for many stacks at once to take
/// their turns.
const WORK: Duration = Duration::from_secs(30);

impl Budget {
    /// Divides the time from now to `answer`.
    pub fn until(answer: Instant) -> Self {
        let now = Instant::now();
        let left = answer.saturating_duration_since(now);
        let reserve = RESERVE.min(left / 3);
        let before = |reserve: Duration| Deadline::new(now + left.saturating_sub(reserve));
        let (work, take_back, conclusion) = (before(reserve), before(reserve / 2), before(reserve / 4).at());
        Self { work, patience: work, take_back, conclusion, answer }
    }

    /// The same for a request that can be handed over: no invocation sleeps for minutes.
    #[must_use]
    pub fn before_queue(self) -> Self {
        Self { patience: self.patience.min(Deadline::after(PATIENCE)), ..self }
    }

    /// The same for a look at a request that waits in the queue.
    #[must_use]
    pub fn of_look(self, look: &QueuedLook) -> Self {
        let now = Instant::now();
        let within = |time: Duration| self.work.min(Deadline::new(now + time));
        match look.outstanding {
            Some(_) => Self { work: within(LOOK), patience: within(Duration::ZERO), ..self },
            None => Self { work: within(WORK), patience: within(WORK), ..self },
        }
    }
}

/// Everything that a request runs with, but for the request itself.
#[derive(Debug)]
pub struct Scene<'a> {
    /// AWS.
    pub clients: &'a Clients,
    /// The records.
    pub records: &'a dyn Records,
    /// The roles that the request assumes.
    pub roles: Roles,
    /// Where the provider acts.
    pub home: Home,
    /// The time of day.
    pub clock: Clock,
    /// When the request came, the first time where it waits in the queue.
    pub arrived: SystemTime,
    /// Which look at a request that waits this is; `None` for a request that comes from CloudFormation.
    pub look: Option<QueuedLook>,
    /// Whether the request can be handed over.
    pub has_queue: bool,
    /// When what must be over.
    pub budget: Budget,
    /// What is on record of the resource, as far as this process knows.
    pub known: Known,
    /// The log stream, for Reasons.
    pub log_stream: String,
}

/// The ledger that this process has read or written last: for the Reason where the record cannot be read at the end.
#[derive(Debug, Default)]
pub struct Known(Mutex<Value>);

impl Known {
    /// Remembers `ledger`.
    pub(super) fn is(&self, ledger: &impl Serialize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            serde_json::to_value(ledger).unwrap_or_default();
    }

    /// What was remembered; null for nothing.
    pub(super) fn ledger(&self) -> Value {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Scene<'_> {
    /// AWS and records for the work.
    pub fn reach(&self) -> Reach<'_> {
        let Budget { work, patience, .. } = self.budget;
        Reach {
            clients: self.clients,
            records: self.records,
            roles: &self.roles,
            until: work,
            patience,
            clock: self.clock,
        }
    }

    /// AWS and records for taking back, when the work is over.
    pub fn last_reach(&self) -> Reach<'_> {
        Reach { until: self.budget.take_back, patience: self.budget.take_back, ..self.reach() }
    }

    /// The resource that a request is about.
    pub fn subject(&self, request: &Request) -> Subject {
        Subject {
            stack_id: request.stack_id.as_str().to_owned(),
            logical_id: request.logical_resource_id.clone(),
            request_id: request.request_id.clone(),
            request_type: request.request_type,
            physical_id: request.physical_resource_id.clone(),
            home: self.home.clone(),
            now: self.arrived,
        }
    }

    /// The record of a request's resource.
    pub fn key(&self, request: &Request) -> RecordKey {
        key(request)
    }

    /// The request as the record knows it.
    pub fn stamp(&self, request: &Request) -> Stamp {
        stamp(request, self.arrived)
    }

    /// When the request was sent.
    pub fn sent(&self, request: &Request) -> SystemTime {
        request.sent.unwrap_or(self.arrived)
    }

    /// How long ago that was, for a person.
    pub fn waited(&self, request: &Request) -> String {
        let waited = self.clock.now().duration_since(self.sent(request)).unwrap_or_default();
        match waited.as_secs() {
            seconds @ 0..180 => format!("{seconds} s"),
            seconds => format!("{} minutes", seconds / 60),
        }
    }

    /// The end of a Reason.
    pub fn trailer(&self, aws_request_id: Option<&str>) -> Trailer {
        Trailer { aws_request_id: aws_request_id.map(str::to_owned), log_stream: self.log_stream.clone() }
    }
}

/// The record of a request's resource.
pub(super) fn key(request: &Request) -> RecordKey {
    RecordKey::new(request.stack_id.as_str(), &request.logical_resource_id)
}

/// A request as the record knows it. `arrived` counts where it does not say when it was sent.
pub(super) fn stamp(request: &Request, arrived: SystemTime) -> Stamp {
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let sent = match request.sent {
        Some(sent) => Sent::amz_date(since(sent).as_secs()),
        None => Sent::arrival(u64::try_from(since(arrived).as_millis()).unwrap_or(u64::MAX)),
    };
    Stamp { request_id: request.request_id.clone(), request_type: request.request_type, sent }
}
