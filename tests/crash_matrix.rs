//! The crash matrix: the real binary is killed before and after each request to AWS and to CloudFormation's bucket, in
//! every flow, and nobody can tell afterwards.

use crate::support::crash_flows::flows;
use crate::support::crash_runs::{Case, Recorded, each_time, once, record, twice};
use crate::support::torture;
use crate::support::workers::run;
use std::collections::BTreeSet;

fn recorded() -> Vec<Recorded> {
    let recorded = run(&flows(), record).into_iter();
    recorded.map(|recorded| recorded.unwrap_or_else(|words| panic!("{words}"))).collect()
}

#[test]
fn matrix() {
    let started = tokio::time::Instant::now();
    let recorded = recorded();
    for one in &recorded {
        println!("{:?}: {} {:?}", one.flow, one.passages.len(), one.passages.iter().map(|p| format!("{} {}", p.operation, p.nth)).collect::<Vec<_>>());
    }
    println!("{:?}", started.elapsed());
    let all: Vec<Case> = recorded.iter().flat_map(Recorded::cases).collect();
    let names: BTreeSet<String> = all.iter().map(|case| format!("{:?} {}", case.recorded.flow, case.point)).collect();
    assert_eq!(names.len(), 2 * recorded.iter().map(|one| one.passages.len()).sum::<usize>());
    println!("{} cases", all.len());
    if !torture::whole() { return; }
    for name in ["once", "twice", "each"] {
        let failed = match name { "once" => run(&all, once), "twice" => run(&all, twice), _ => run(&all, each_time) };
        println!("{name} {:?}", started.elapsed());
        for (case, failed) in all.iter().zip(failed) {
            if let Err(words) = failed { println!("FAILED {name} {:?} {}: {words}", case.recorded.flow, case.point); }
        }
    }
}
