//! The crash matrix: the real binary is killed by SIGKILL before and after each request to AWS and to CloudFormation's
//! bucket, in every flow, and nobody can tell afterwards.
//!
//! The places are those of the recorded flows, so that a new call or flow is covered by itself. `make test` plays a sample of the places, `make torture` all of them.

use crate::support::crash_flows::flows;
use crate::support::crash_runs::{Case, Kills, Recorded, each_time, once, record, twice};
use crate::support::torture::whole;
use crate::support::workers::run;
use std::collections::BTreeSet;

/// Of the places, a kill at the first delivery alone is played at every so many-th, the others at fewer.
const ONCE: usize = 9;
const AGAIN: usize = 61;

fn recorded() -> Vec<Recorded> {
    let recorded = run(&flows(), record).into_iter();
    recorded.map(|recorded| recorded.unwrap_or_else(|words| panic!("{words}"))).collect()
}

/// Every so many-th case, or all.
fn chosen(cases: &[Case], stride: usize, from: usize) -> Vec<Case> {
    if whole() {
        return cases.to_vec();
    }
    cases.iter().skip(from).step_by(stride).cloned().collect()
}

/// What became of cases: the places at which processes were first killed, the kills of all of them, what went wrong.
struct Ended {
    places: BTreeSet<String>,
    kills: usize,
    complaints: Vec<String>,
}

impl Ended {
    fn of(how: &str, cases: &[Case], ended: Vec<Result<Kills, String>>) -> Self {
        let mut all = Self { places: BTreeSet::new(), kills: 0, complaints: Vec::new() };
        for (case, ended) in cases.iter().zip(ended) {
            match ended {
                Ok(kills) => {
                    all.places.insert(case.at(&kills[0]));
                    all.kills += kills.len();
                }
                Err(words) => all.complaints.push(format!("killed {how}: {}: {words}", case.name())),
            }
        }
        all
    }

    /// Every case has killed so many processes and, where all are played, at every place there is.
    fn holds(&self, cases: usize, kills: usize, places: &BTreeSet<String>) {
        assert_eq!(self.complaints, Vec::<String>::new());
        assert_eq!((self.places.len(), self.kills), (cases, cases * kills));
        assert!(self.places == *places || (!whole() && self.places.is_subset(places)));
    }
}

#[test]
fn a_process_that_is_killed_anywhere_leaves_what_one_leaves_that_lived() {
    let recorded = recorded();
    let cases: Vec<Case> = recorded.iter().flat_map(Recorded::cases).collect();
    // Before and after each request.
    let requests: usize = recorded.iter().map(|one| one.passages.len()).sum();
    let places: BTreeSet<String> = cases.iter().map(Case::name).collect();
    assert_eq!((recorded.len(), cases.len(), places.len()), (flows().len(), 2 * requests, 2 * requests));
    let [first, second, third] =
        [chosen(&cases, ONCE, 0), chosen(&cases, AGAIN, 7), chosen(&cases, AGAIN, 31)];
    let [once, twice, each_time] = [
        Ended::of("once", &first, run(&first, once)),
        Ended::of("twice", &second, run(&second, twice)),
        Ended::of("each time", &third, run(&third, each_time)),
    ];
    println!(
        "crash matrix: {} flows, {requests} requests, {} places; killed at {} once, at {} twice, at {} each time: {} kills",
        recorded.len(),
        places.len(),
        once.places.len(),
        twice.places.len(),
        each_time.places.len(),
        once.kills + twice.kills + each_time.kills,
    );
    once.holds(first.len(), 1, &places);
    twice.holds(second.len(), 2, &places);
    // The three deliveries, and the rescue function.
    each_time.holds(third.len(), 4, &places);
}
