//! Answers in trouble on their way to the bucket, alone and together with the records: there is one answer, and never two
//! that differ.

use super::super::torture::whole;
use super::super::trouble::bucket::{AnswerLasting, AnswerStrike, RecordsMeanwhile};
use super::super::trouble::{CallName, Fault, Harm, Lasting, Point, Strike};
use super::cases::{Recorded, played};
use super::flow::Flow;
use super::judge::complaints;
use super::run::{Delivery, Ended};
use std::collections::BTreeSet;

/// Of the cases, CI plays every so many-th. It divides none of the numbers of which they are the product.
const STRIDE: usize = 23;

/// One case.
pub type Case = (Delivery, AnswerStrike);

/// What was tried of a flow.
#[derive(Debug)]
pub struct Tried {
    /// Deliveries that send an answer.
    pub places: usize,
    pub distinct: usize,
    pub played: usize,
    /// By case.
    pub complaints: Vec<String>,
}

fn cases(recorded: &Recorded) -> Vec<Case> {
    let mut cases = Vec::new();
    for (delivery, _) in recorded.runs.iter().filter(|(_, ended)| ended.puts > 0) {
        for fault in AnswerStrike::FAULTS {
            for lasting in AnswerLasting::ALL {
                for records in RecordsMeanwhile::ALL {
                    let phase = delivery.phase();
                    cases.push((*delivery, AnswerStrike { phase, fault, lasting, records }));
                }
            }
        }
    }
    cases
}

/// Tries the cases of a flow: all, or those of CI.
pub fn try_answers(recorded: &Recorded) -> Tried {
    let cases = cases(recorded);
    // Another one for each flow.
    let from = recorded.flow.name.len();
    let is_chosen = |n: usize| whole() || (n + from).is_multiple_of(STRIDE);
    let chosen: Vec<Case> =
        cases.iter().enumerate().filter(|(n, _)| is_chosen(*n)).map(|(_, c)| *c).collect();
    let found = chosen.iter().flat_map(|case| {
        let found = try_case(recorded.flow, recorded.calm(case.0), *case);
        found.into_iter().map(move |words| format!("{}, {case:?}: {words}", recorded.flow.name))
    });
    Tried {
        places: recorded.runs.iter().map(|(_, ended)| ended.puts).sum(),
        distinct: cases.iter().collect::<BTreeSet<_>>().len(),
        played: chosen.len(),
        complaints: found.collect(),
    }
}

/// What is wrong with a case.
fn try_case(flow: Flow, calm: &Ended, (delivery, strike): Case) -> Vec<String> {
    match played(flow, delivery, Harm { answer: Some(strike), ..Harm::default() }) {
        (Ok(ended), log) => {
            let at = CallName { service: "bucket", operation: "put" };
            let at = Point { phase: strike.phase, call: at, nth: 0 };
            let as_call = Strike { at, fault: strike.fault, lasting: Lasting::UntilAnswer };
            let found = complaints(&as_call, &ended, calm, &log);
            let found = found.into_iter().filter(|words| !(is_nowhere(strike) && is_second_to_delete(words)));
            found.chain(costs(strike, &ended, calm)).collect()
        }
        (Err(panic), _) => vec![panic],
    }
}

/// Whether nobody tells the provider that its answer is anywhere, and the bucket has it.
fn is_nowhere(strike: AnswerStrike) -> bool {
    let is_taken = [Fault::LosesAnswer, Fault::Malformed].contains(&strike.fault);
    is_taken && strike.lasting == AnswerLasting::WholeInvocation && strike.records == RecordsMeanwhile::Refuse
}

/// A Delete that is delivered again then deletes what a FAILED, which the provider does not know of, has left. A Create or
/// an Update does not: by then the rollback has come.
fn is_second_to_delete(words: &str) -> bool {
    words.starts_with("Delete of") && words.contains(r#": answers differ: ["{\"Status\":\"FAILED\""#)
}

/// An answer on record goes out sooner or later, and is the same; nobody else has to answer.
fn costs(strike: AnswerStrike, ended: &Ended, calm: &Ended) -> Option<String> {
    let on_record = strike.records != RecordsMeanwhile::Refuse;
    let words = || format!("the answer on record was not given: {:?}", ended.reasons);
    (on_record && ended.success != calm.success).then(words)
}
