//! The crash matrix: the real binary is killed before and after each request that it sends to AWS or to CloudFormation's
//! bucket, in every flow; Lambda delivers the same again to a new process, and nobody can tell.
//!
//! The points are those of the recorded flows. `make torture` runs them all, `make test` a fixed part of them.

use crate::support::crash_flows::flows;
use crate::support::crash_runs::{Case, Recorded, each_time, once, record, twice};
use crate::support::torture;
use crate::support::workers::run;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// All flows, without a crash.
fn recorded() -> &'static [Recorded] {
    static RECORDED: OnceLock<Vec<Recorded>> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let recorded = run(&flows(), record).into_iter();
        recorded.map(|recorded| recorded.unwrap_or_else(|words| panic!("{words}"))).collect()
    })
}

/// Every case, or each `stride`-th: an odd one, so that it comes by both sides of the requests.
fn cases(stride: usize) -> Vec<Case> {
    let recorded = recorded();
    let all: Vec<Case> = recorded.iter().flat_map(Recorded::cases).collect();
    let distinct: BTreeSet<String> = all.iter().map(Case::name).collect();
    let requests: usize = recorded.iter().map(|flow| flow.passages.len()).sum();
    assert_eq!((all.len(), distinct.len()), (2 * requests, 2 * requests), "one left out, or one twice");
    if torture::whole() { all } else { all.into_iter().step_by(stride).collect() }
}

/// Runs them all and tells of all that fail.
fn survive(cases: &[Case], run_of: impl AsyncFn(&Case) + Sync) {
    let ended = run(cases, run_of);
    assert_eq!(ended.len(), cases.len());
    let failed: Vec<String> = ended.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of {} cases: {}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn a_process_that_is_killed_at_any_request_leaves_all_to_the_next_delivery() {
    let cases = cases(5);
    survive(&cases, once);
    let (flows, requests) =
        (recorded().len(), recorded().iter().map(|flow| flow.passages.len()).sum::<usize>());
    println!("crash matrix: {flows} flows, {requests} requests, {} kills", cases.len());
}

#[test]
fn a_process_that_is_killed_at_any_request_and_again_leaves_all_to_the_third_delivery() {
    let cases = cases(13);
    survive(&cases, twice);
    println!("crash matrix: {} cases of two kills", cases.len());
}

#[test]
fn a_request_whose_processes_are_all_killed_is_rescued_and_its_rollback_leaves_nothing() {
    let cases = cases(17);
    survive(&cases, each_time);
    println!("crash matrix: {} cases of four kills, with the rescue function", cases.len());
}
