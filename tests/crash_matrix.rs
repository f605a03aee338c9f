//! The crash matrix: the real binary is killed by SIGKILL before and after each request to AWS and to CloudFormation's
//! bucket, in every flow, and nobody can tell afterwards.
//!
//! `make test` plays a sample of the places, `make torture` all of them.

use crate::support::crash_flows::flows;
use crate::support::crash_runs::{Case, Recorded, each_time, once, record, twice};
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

fn name(case: &Case) -> String {
    format!("{:?}, {}", case.recorded.flow, case.point)
}

/// Every so many-th case, or all.
fn chosen(cases: &[Case], stride: usize, from: usize) -> Vec<Case> {
    if whole() {
        return cases.to_vec();
    }
    cases.iter().skip(from).step_by(stride).cloned().collect()
}

/// What went wrong, by case.
fn complaints(how: &str, cases: &[Case], ended: Vec<Result<(), String>>) -> Vec<String> {
    let failed = cases.iter().zip(ended).filter_map(|(case, ended)| Some((case, ended.err()?)));
    failed.map(|(case, words)| format!("killed {how}: {}: {words}", name(case))).collect()
}

#[test]
fn a_process_that_is_killed_anywhere_leaves_what_one_leaves_that_lived() {
    let recorded = recorded();
    let cases: Vec<Case> = recorded.iter().flat_map(Recorded::cases).collect();
    let requests: usize = recorded.iter().map(|one| one.passages.len()).sum();
    let distinct: BTreeSet<String> = cases.iter().map(name).collect();
    assert_eq!((cases.len(), distinct.len()), (2 * requests, 2 * requests));
    let [first, second, third] =
        [chosen(&cases, ONCE, 0), chosen(&cases, AGAIN, 7), chosen(&cases, AGAIN, 31)];
    println!(
        "crash matrix: {} flows, {requests} requests, {} places; killed at {} once, at {} twice, at {} each time",
        recorded.len(),
        cases.len(),
        first.len(),
        second.len(),
        third.len()
    );
    let found = [
        complaints("once", &first, run(&first, once)),
        complaints("twice", &second, run(&second, twice)),
        complaints("each time", &third, run(&third, each_time)),
    ];
    assert_eq!(found.concat(), Vec::<String>::new());
}
