//! The product: points x faults x durations, of one flow; and what became of its cases.

use super::super::log::Log;
use super::super::torture::whole;
use super::super::trouble::{CallName, Fault, Harm, Lasting, Point, Strike};
use super::flow::Flow;
use super::judge::complaints;
use super::refusals::is_refused;
use super::run::{Delivery, Ended, run};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::Builder;
use tracing::subscriber::with_default;

/// Of a fault that strikes a first delivery once, CI plays every so many-th case: each point meets two of the faults.
const FIRST_STRIDE: usize = 10;
/// Of the other cases, every so many-th. Neither number divides those of faults and durations, so that all come up.
const STRIDE: usize = 113;

/// One case.
pub type Case = (Delivery, Strike);

/// Runs of a flow without a fault, in each delivery that it can have.
#[derive(Debug)]
pub struct Recorded {
    pub flow: Flow,
    pub runs: Vec<(Delivery, Ended)>,
}

impl Recorded {
    /// Plays the flow in each delivery. One that has nothing to wait for is handed over by an outage.
    pub fn of(flow: Flow) -> Self {
        let play = |delivery| (delivery, played(flow, delivery, Harm::default()).0.unwrap());
        let mut runs = vec![play(Delivery::First), play(Delivery::Redelivery), play(Delivery::AfterHandOver)];
        if runs[2].1.points.is_empty() {
            runs[2] = play(Delivery::AfterOutage);
        }
        let recorded = Self { flow, runs };
        recorded.check();
        recorded
    }

    /// Without a fault all ends as it should, and the same in each delivery.
    fn check(&self) {
        let (name, first) = (self.flow.name, &self.runs[0].1);
        for (delivery, ended) in &self.runs {
            assert_eq!(
                ended.success,
                Some(!is_refused(self.flow)),
                "{name} {delivery:?}: {:?}",
                ended.reasons
            );
            assert_eq!(ended.doubts, Vec::<String>::new(), "{name} {delivery:?}");
            assert_eq!(ended.status, first.status, "{name} {delivery:?}");
            assert_eq!(ended.after.differs_from(&first.after), Vec::<String>::new(), "{name} {delivery:?}");
            assert_eq!(ended.made, ended.logged, "{name} {delivery:?}: a call goes around the trouble");
        }
    }

    pub fn points(&self) -> impl Iterator<Item = (Delivery, Point)> {
        self.runs.iter().flat_map(|(delivery, ended)| ended.points.iter().map(|point| (*delivery, *point)))
    }

    /// How many places a fault can strike at: by the counts of each call, in each delivery.
    pub fn places(&self) -> usize {
        self.runs.iter().flat_map(|(_, ended)| ended.counted.values()).sum()
    }

    /// The operations of AWS, the records and the queue that are struck.
    pub fn calls(&self) -> BTreeSet<CallName> {
        self.points().map(|(_, point)| point.call).collect()
    }

    /// The whole product.
    pub fn cases(&self) -> Vec<Case> {
        let strikes = |(delivery, at)| {
            let each = move |fault| Lasting::ALL.map(|lasting| (delivery, Strike { at, fault, lasting }));
            Fault::ALL.into_iter().flat_map(each)
        };
        self.points().flat_map(strikes).collect()
    }

    pub fn calm(&self, delivery: Delivery) -> &Ended {
        &self.runs.iter().find(|(other, _)| *other == delivery).unwrap().1
    }

    /// What is wrong with a case.
    fn try_case(&self, (delivery, strike): Case) -> Vec<String> {
        match played(self.flow, delivery, Harm { call: Some(strike), ..Harm::default() }) {
            (Ok(ended), log) => {
                let found = complaints(&strike, &ended, self.calm(delivery), &log);
                let warned = ended.warnings.lines().map(|line| format!("warned: {line}")).collect();
                if found.is_empty() { found } else { [found, ended.reasons, warned].concat() }
            }
            (Err(panic), _) => vec![panic],
        }
    }
}

/// Plays a flow in a runtime of its own, on time that stands still; with the log.
pub fn played(flow: Flow, delivery: Delivery, harm: Harm) -> (Result<Ended, String>, String) {
    let log = Log::default();
    let ended = with_default(log.subscriber(), || {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(Box::pin(run(flow, delivery, harm)))))
    });
    let words = |panic: Box<dyn std::any::Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    };
    (ended.map_err(|panic| format!("panicked: {}", words(panic))), log.text())
}

/// What was tried of a flow.
#[derive(Debug)]
pub struct Tried {
    pub points: usize,
    /// Which a fault can strike at, counted call by call.
    pub places: usize,
    /// Of the whole product.
    pub cases: usize,
    pub distinct: usize,
    pub played: usize,
    pub complaints: Vec<(Case, Vec<String>)>,
}

/// Tries the cases of a flow: all, or those of CI.
pub fn try_all(recorded: &Recorded) -> Tried {
    let cases = recorded.cases();
    let chosen: Vec<Case> =
        cases.iter().enumerate().filter(|(n, case)| is_chosen(*n, case)).map(|(_, c)| *c).collect();
    let found = chosen.iter().map(|case| (*case, recorded.try_case(*case)));
    let complaints: Vec<_> = found.filter(|(_, found)| !found.is_empty()).collect();
    Tried {
        points: recorded.points().count(),
        places: recorded.places(),
        cases: cases.len(),
        distinct: cases.iter().collect::<BTreeSet<_>>().len(),
        played: chosen.len(),
        complaints,
    }
}

/// All cases, or those of CI.
fn is_chosen(n: usize, (delivery, strike): &Case) -> bool {
    let first = *delivery == Delivery::First && strike.lasting == Lasting::Once;
    whole() || n.is_multiple_of(STRIDE) || (first && n % FIRST_STRIDE < 3)
}

/// The complaints, for a person.
pub fn told(flow: Flow, tried: &Tried) -> String {
    let mut text = String::new();
    for ((delivery, strike), found) in &tried.complaints {
        let Strike { at: Point { call, nth, .. }, fault, lasting } = strike;
        let case = format!("{}, {delivery:?}, {call} {nth}", flow.name);
        let _ = writeln!(text, "{case}, {fault:?} {lasting:?}");
        for complaint in found {
            let _ = writeln!(text, "    {complaint}");
        }
    }
    text
}
