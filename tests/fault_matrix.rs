//! Every call of every flow meets every fault: there is an answer, never two that differ, and in the end the wanted state
//! or the state before.
//!
//! Cases are points x 7 faults x 3 durations. `make test` plays a sample, in which every point of the first delivery meets
//! faults; `make torture` plays all.
//!
//! Answers on their way to the bucket meet what may pass, alone and with the records in trouble too: 6 faults of the PUT,
//! once or for a whole invocation, x 4 ways in which the records take the answer, in each delivery that sends one.

use crate::support::matrix::acceptances::ACCEPTANCES;
use crate::support::matrix::answers::{Tried as Answers, try_answers};
use crate::support::matrix::cases::{Recorded, Tried, told, try_all};
use crate::support::matrix::flow::Flow;
use crate::support::matrix::links::LINKS;
use crate::support::matrix::meetings::MEETINGS;
use crate::support::matrix::refusals::REFUSALS;
use crate::support::matrix::run::Delivery;
use crate::support::matrix::shares::{PARTNERS, SCENES};
use crate::support::operations::every_flow;
use crate::support::torture::whole;
use crate::support::trouble::bucket::{AnswerLasting, AnswerStrike, RecordsMeanwhile};
use crate::support::trouble::{Fault, Lasting};
use std::collections::BTreeSet;
use std::sync::Mutex;

fn flows() -> Vec<Flow> {
    [&SCENES[..], &PARTNERS, &MEETINGS, &REFUSALS, &LINKS, &ACCEPTANCES].concat()
}

#[expect(clippy::print_stdout, reason = "the figures are wanted when the tests are run with --nocapture")]
fn survives(flow: Flow) {
    let started = tokio::time::Instant::now();
    let recorded = Recorded::of(flow);
    let (tried, answers) = (try_all(&recorded), try_answers(&recorded));
    println!(
        "{}: {} points, {} distinct cases, {} tried, {} ms each, {} failed",
        flow.name,
        tried.points,
        tried.distinct,
        tried.played,
        started.elapsed().as_millis() / u128::try_from(tried.played.max(1)).unwrap(),
        tried.complaints.len(),
    );
    sum_up(&tried, &answers);
    assert_eq!((Fault::ALL.len(), Lasting::ALL.len()), (7, 3));
    let product = tried.places * 7 * 3;
    assert_eq!((tried.points, tried.cases, tried.distinct), (tried.places, product, product));
    assert!(tried.played == product || (!whole() && tried.played < product), "{} played", tried.played);
    assert!(tried.complaints.is_empty(), "{}", told(flow, &tried));
    holds_of_answers(&answers);
}

fn holds_of_answers(tried: &Answers) {
    let (faults, lasting) = (AnswerStrike::FAULTS.len(), AnswerLasting::ALL.len());
    assert_eq!((faults, lasting, RecordsMeanwhile::ALL.len()), (6, 2, 4));
    let product = tried.places * 6 * 2 * 4;
    assert_eq!(tried.distinct, product);
    assert!(tried.played == product || (!whole() && tried.played < product), "{} played", tried.played);
    assert!(tried.complaints.is_empty(), "{}", tried.complaints.join("\n"));
}

/// What has been tried of all flows so far.
static TOTALS: Mutex<Totals> =
    Mutex::new(Totals { flows: 0, places: 0, cases: 0, played: 0, failed: 0, answers: 0, answers_played: 0 });

struct Totals {
    flows: usize,
    places: usize,
    cases: usize,
    played: usize,
    failed: usize,
    answers: usize,
    answers_played: usize,
}

/// The last flow to be done prints the figures of all.
#[expect(clippy::print_stdout, reason = "the figures are wanted when the tests are run with --nocapture")]
fn sum_up(tried: &Tried, of_answers: &Answers) {
    let mut totals = TOTALS.lock().unwrap();
    totals.flows += 1;
    totals.places += tried.places;
    totals.cases += tried.distinct;
    totals.played += tried.played;
    totals.failed += tried.complaints.len() + of_answers.complaints.len();
    totals.answers += of_answers.distinct;
    totals.answers_played += of_answers.played;
    let Totals { flows, places, cases, played, failed, answers, answers_played } = *totals;
    if flows == TESTS.len() {
        println!(
            "fault matrix: {flows} flows, {places} places x 7 faults x 3 durations = {cases} distinct cases, \
             {played} tried; {answers} of answers on their way, {answers_played} tried; {failed} failed"
        );
    }
}

macro_rules! each {
    ($($test:ident: $flow:expr,)*) => {
        $(#[test] fn $test() { survives($flow) })*

        /// The flows that have a test.
        const TESTS: &[Flow] = &[$($flow),*];
    };
}

each! {
    share_create: SCENES[0],
    attachment_create: SCENES[1],
    share_adopt: SCENES[2],
    share_add_members: SCENES[3],
    share_remove_members: SCENES[4],
    share_swap_members: SCENES[5],
    share_rename: SCENES[6],
    share_retag: SCENES[7],
    share_allow_external: SCENES[8],
    share_forbid_external: SCENES[9],
    attachment_update: SCENES[10],
    share_replaced_by_share: SCENES[11],
    share_replaced_by_attachment: SCENES[12],
    share_delete: SCENES[13],
    attachment_delete: SCENES[14],
    share_give_back: SCENES[15],
    partners_create: PARTNERS[0],
    partners_update: PARTNERS[1],
    partners_delete: PARTNERS[2],
    attachment_adopts_another_s_member: MEETINGS[0],
    attachment_leaves_another_s_member: MEETINGS[1],
    share_left_to_its_new_owner: MEETINGS[2],
    share_create_refused: REFUSALS[0],
    share_update_refused: REFUSALS[1],
    link_create: LINKS[0],
    link_create_with_everything: LINKS[1],
    link_create_repairs: LINKS[2],
    link_update_to_everything: LINKS[3],
    link_update_to_others: LINKS[4],
    link_update_repairs: LINKS[5],
    link_update_makes_its_role: LINKS[6],
    link_delete_retains: LINKS[7],
    link_delete_unlinks: LINKS[8],
    link_update_to_unlink: LINKS[9],
    acceptance_create: ACCEPTANCES[0],
    acceptance_update_accepts_again: ACCEPTANCES[1],
    acceptance_replaced: ACCEPTANCES[2],
    acceptance_delete: ACCEPTANCES[3],
    acceptance_delete_retains: ACCEPTANCES[4],
    acceptance_create_through_a_role: ACCEPTANCES[5],
    acceptance_update_through_a_role: ACCEPTANCES[6],
    acceptance_delete_through_a_role: ACCEPTANCES[7],
}

#[test]
fn every_flow_is_tried_once_and_meets_faults_in_every_delivery_that_it_can_have() {
    let names: BTreeSet<&str> = flows().iter().map(|flow| flow.name).collect();
    assert_eq!((names.len(), flows().len()), (TESTS.len(), TESTS.len()));
    assert_eq!(TESTS.iter().map(|flow| flow.name).collect::<BTreeSet<_>>(), names);
    for flow in flows() {
        let recorded = Recorded::of(flow);
        let calls_aws = recorded.calls().iter().any(|call| call.is_aws());
        let deliveries: BTreeSet<Delivery> = recorded.points().map(|(delivery, _)| delivery).collect();
        // What asks nothing of AWS has nothing to wait for.
        assert_eq!(deliveries.len(), if calls_aws { 3 } else { 2 }, "{}: {deliveries:?}", flow.name);
    }
}

/// A new call of the provider is struck by itself, or this says that no flow makes it.
#[tokio::test(start_paused = true)]
async fn every_call_that_the_provider_can_make_is_struck() {
    // Each flow has a runtime of its own, which no other one may be around.
    let struck = std::thread::spawn(|| -> BTreeSet<String> {
        let calls = flows().into_iter().flat_map(|flow| Recorded::of(flow).calls());
        calls.map(|call| call.to_string()).collect()
    });
    let struck = struck.join().unwrap();
    let made = every_flow().await.into_iter().flat_map(|world| world.handled());
    let made: BTreeSet<String> = made
        .flat_map(|handled| handled.calls)
        .map(|call| format!("{} {}", call.service, call.operation))
        .collect();
    let left: Vec<&str> = made.difference(&struck).map(String::as_str).collect();
    assert_eq!(left, [""; 0], "no flow makes these calls");
    for call in
        ["record begin", "record resume", "record save", "record end", "record by_object", "queue send"]
    {
        assert!(struck.contains(call), "{call}");
    }
}
