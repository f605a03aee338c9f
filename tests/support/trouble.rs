//! The seam through which faults strike: everything that a process does to the world goes through one shared object,
//! which notes each call and makes a fault happen at the one that was chosen.
//!
//! - [`cloud`] is AWS behind the SDK's HTTP seam, [`records`] the records, [`queue`] the wait queue, [`bucket`] CloudFormation's.
//! - A call is known by its name and by how many of that name came before it in the same [`Phase`], so that looks that
//!   chance puts a little apart do not shift the others.

pub mod bucket;
pub mod cloud;
pub mod queue;
pub mod records;

use self::bucket::{AnswerLasting, AnswerStrike, TroubledBucket};
use self::cloud::TroubledCloud;
use self::queue::TroubledQueue;
use self::records::TroubledRecords;
use super::cloud_client::CloudClient;
use super::s3::S3;
use provider::protocol::{Queue, Upload};
use provider::record::{MemoryRecords, Records};
use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// A service and an operation of it; `record` and `queue` are services, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallName {
    pub service: &'static str,
    pub operation: &'static str,
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.operation)
    }
}

impl CallName {
    /// Whether it may change something outside of the provider.
    pub fn is_write(self) -> bool {
        let reads = ["Get", "List", "Describe", "Assume"];
        !["record", "queue"].contains(&self.service)
            && !reads.iter().any(|read| self.operation.starts_with(read))
    }

    /// A hand-over.
    pub fn is_queue(self) -> bool {
        self.service == "queue"
    }

    pub fn is_aws(self) -> bool {
        !["record", "queue", "bucket"].contains(&self.service)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    Throttled,
    /// The service fails: HTTP 500.
    Fails,
    Denied,
    Reset,
    /// It never answers, and nothing is done.
    Hangs,
    /// It is done, and the answer is lost.
    LosesAnswer,
    /// It is done, and the answer cannot be read.
    Malformed,
}

impl Fault {
    pub const ALL: [Self; 7] = [
        Self::Throttled,
        Self::Fails,
        Self::Denied,
        Self::Reset,
        Self::Hangs,
        Self::LosesAnswer,
        Self::Malformed,
    ];
}

/// Until when it goes wrong again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lasting {
    /// One call.
    Once,
    /// Every call of the name, until the request is answered.
    UntilAnswer,
    /// Every call of the name, until what failed is rolled back.
    UntilRolledBack,
}

impl Lasting {
    pub const ALL: [Self; 3] = [Self::Once, Self::UntilAnswer, Self::UntilRolledBack];
}

/// Which invocation a call is made in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Of an earlier request than the one that is watched.
    #[default]
    Before,
    /// The first of the request.
    First,
    /// A later one of the same request.
    Redelivery,
    /// A look out of the wait queue.
    Look,
    /// Of a later request, or of the rescue function.
    After,
}

/// A call of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    pub phase: Phase,
    pub call: CallName,
    /// So many of that name came before in the same phase.
    pub nth: usize,
}

/// Which fault strikes where, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strike {
    pub at: Point,
    pub fault: Fault,
    pub lasting: Lasting,
}

/// What goes wrong in a run: nothing, at a call, or on an answer's way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Harm {
    pub call: Option<Strike>,
    pub answer: Option<AnswerStrike>,
}

/// What happens to the first delivery, beside the fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstDelivery {
    #[default]
    Whole,
    /// Its process dies once its first write is done, or before it records the answer where it writes nothing.
    Dies,
    /// AWS fails in all of it, so that it hands the request over.
    MeetsOutage,
}

/// What all processes go through.
#[derive(Clone, Debug)]
pub struct Trouble {
    state: Arc<Mutex<State>>,
    died: Arc<Notify>,
    s3: Arc<S3>,
}

#[derive(Debug, Default)]
struct State {
    harm: Harm,
    /// So many came before this one.
    invocation: usize,
    /// That of the first PUT which was struck.
    struck_in: Option<usize>,
    /// That of the first answer which the records were kept from.
    kept_in: Option<usize>,
    puts: BTreeMap<Phase, usize>,
    first: FirstDelivery,
    watching: bool,
    /// The request that is watched.
    request_id: Option<String>,
    phase: Phase,
    made: Vec<Point>,
    counts: BTreeMap<(Phase, CallName), usize>,
    struck: usize,
    dead: bool,
    lifted: bool,
    heard: Vec<String>,
}

impl Trouble {
    pub fn new(s3: &Arc<S3>, first: FirstDelivery, harm: Harm) -> Self {
        let state = State { harm, first, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), died: Arc::default(), s3: Arc::clone(s3) }
    }

    pub fn before_cloud(&self, cloud: &CloudClient) -> TroubledCloud {
        TroubledCloud { cloud: cloud.clone(), trouble: self.clone() }
    }

    pub fn before_records(&self, records: &Arc<MemoryRecords>) -> Arc<dyn Records> {
        Arc::new(TroubledRecords { records: Arc::clone(records), trouble: self.clone() })
    }

    pub fn before_queue(&self, queue: Arc<dyn Queue>) -> Arc<dyn Queue> {
        Arc::new(TroubledQueue { queue, trouble: self.clone() })
    }

    pub fn before_bucket(&self, s3: &Arc<S3>) -> Arc<dyn Upload> {
        Arc::new(TroubledBucket { s3: Arc::clone(s3), trouble: self.clone() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next request that comes is the one to watch.
    pub fn watch(&self) {
        self.state().watching = true;
    }

    /// The rollback is over: nothing goes wrong any more.
    pub fn lift(&self) {
        self.state().lifted = true;
    }

    /// How many calls the fault has struck.
    pub fn struck(&self) -> usize {
        self.state().struck
    }

    /// What somebody outside of the provider can read.
    pub fn hear(&self, text: String) {
        self.state().heard.push(text);
    }

    pub fn heard(&self) -> Vec<String> {
        self.state().heard.clone()
    }

    /// All calls, in order.
    pub fn made(&self) -> Vec<Point> {
        self.state().made.clone()
    }

    /// How many calls of each name there were in a phase: counted, and not read from the list of all.
    pub fn counted(&self, phase: Phase) -> BTreeMap<CallName, usize> {
        let state = self.state();
        let of_phase = state.counts.iter().filter(|((other, _), _)| *other == phase);
        of_phase.map(|((_, call), count)| (*call, *count)).collect()
    }

    /// An invocation begins, by a request with this id; `look`: out of the wait queue.
    pub fn arrives(&self, request_id: &str, look: bool) {
        let mut state = self.state();
        state.invocation += 1;
        let first = state.watching && state.request_id.is_none();
        if first {
            state.request_id = Some(request_id.to_owned());
        }
        let watched = state.request_id.as_deref() == Some(request_id);
        state.phase = match (watched, look) {
            _ if !state.watching => Phase::Before,
            (false, _) => Phase::After,
            (true, _) if first => Phase::First,
            (true, true) => Phase::Look,
            (true, false) => Phase::Redelivery,
        };
    }

    /// An invocation of the rescue function begins.
    pub fn rescues(&self) {
        self.state().phase = Phase::After;
    }

    /// Waits until a process dies.
    pub async fn death(&self) {
        self.died.notified().await;
    }

    /// What every call meets before it is sent.
    pub async fn meet(&self, call: CallName) -> Option<Fault> {
        let dies = {
            let state = self.state();
            state.dies_in_this() && call == CallName { service: "record", operation: "end" }
        };
        if dies {
            self.die().await;
        }
        self.note(call)
    }

    /// What every call comes to once it is done, and before anybody hears.
    pub async fn done(&self, call: CallName) {
        let dies = self.state().dies_in_this() && call.is_write();
        if dies {
            self.die().await;
        }
    }

    async fn die(&self) {
        self.state().dead = true;
        self.died.notify_one();
        pending::<()>().await;
    }

    fn note(&self, call: CallName) -> Option<Fault> {
        let answered = self.answer();
        let mut state = self.state();
        let phase = state.phase;
        let count = state.counts.entry((phase, call)).or_default();
        let point = Point { phase, call, nth: *count };
        *count += 1;
        state.made.push(point);
        if state.first == FirstDelivery::MeetsOutage && phase == Phase::First && call.is_aws() {
            return Some(Fault::Fails);
        }
        if let Some(fault) = state.keep(call) {
            return Some(fault);
        }
        let strike = state.harm.call.filter(|strike| state.strikes(strike, point, answered))?;
        state.struck += 1;
        Some(strike.fault)
    }

    /// What a PUT meets before it is sent.
    pub fn meet_put(&self) -> Option<Fault> {
        let mut state = self.state();
        let phase = state.phase;
        *state.puts.entry(phase).or_default() += 1;
        let strike = state.harm.answer.filter(|strike| state.is_meant(*strike))?;
        if state.struck_in.is_some() && strike.lasting == AnswerLasting::Once {
            return None;
        }
        state.struck_in = Some(state.invocation);
        state.struck += 1;
        Some(strike.fault)
    }

    /// How many PUTs there were in a phase.
    pub fn puts(&self, phase: Phase) -> usize {
        self.state().puts.get(&phase).copied().unwrap_or_default()
    }

    /// Whether the watched request was answered, and with SUCCESS.
    fn answer(&self) -> Option<bool> {
        let request_id = self.state().request_id.clone()?;
        let puts = self.s3.puts_to(&request_id);
        puts.first().map(|body| body.contains(r#""Status":"SUCCESS""#))
    }
}

impl State {
    fn dies_in_this(&self) -> bool {
        self.first == FirstDelivery::Dies && self.phase == Phase::First && !self.dead
    }

    fn is_now(&self, strike: AnswerStrike) -> bool {
        strike.phase <= self.phase && self.phase <= Phase::Look
    }

    /// Whether the invocation is the one whose answer is struck.
    fn is_meant(&self, strike: AnswerStrike) -> bool {
        self.is_now(strike) && self.struck_in.is_none_or(|invocation| invocation == self.invocation)
    }

    /// What a call of the records meets because of an answer.
    fn keep(&mut self, call: CallName) -> Option<Fault> {
        let strike = self.harm.answer.filter(|strike| self.is_kept(*strike))?;
        let fault = strike.records.fault(call, self.kept_in.is_some())?;
        self.kept_in = Some(self.invocation);
        Some(fault)
    }

    /// Whether it is the one whose answer the records are kept from.
    fn is_kept(&self, strike: AnswerStrike) -> bool {
        self.is_now(strike) && self.kept_in.is_none_or(|invocation| invocation == self.invocation)
    }

    /// What succeeds is not rolled back.
    fn strikes(&self, strike: &Strike, point: Point, answered: Option<bool>) -> bool {
        if self.struck == 0 {
            return strike.at == point;
        }
        let again = strike.at.call == point.call && !self.lifted;
        again
            && match strike.lasting {
                Lasting::Once => false,
                Lasting::UntilAnswer => answered.is_none(),
                Lasting::UntilRolledBack => answered != Some(true),
            }
    }
}
