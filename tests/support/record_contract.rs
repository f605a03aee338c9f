//! The contract of the records: what every implementation of [`Records`] must do, one rule a function.
//!
//! Each rule works on resources of its own, so all rules hold on one table, in any order.

mod begin;
mod find;
mod race;
mod resume;
mod write;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::protocol::RequestType;
use provider::record::{Begun, Ending, Record, RecordError, RecordKey, Records, Sent, Stamp, Written};
use serde_json::{Value, json};
use std::error::Error;
use std::panic::AssertUnwindSafe;

/// What a rule comes to.
pub type Outcome = Result<(), Failure>;

type Failure = Box<dyn Error + Send + Sync>;

/// A rule and its name.
type Rule = (&'static str, for<'a> fn(&'a dyn Records) -> BoxFuture<'a, Outcome>);

/// Names each rule by its function.
macro_rules! rules {
    ($($module:ident: $($rule:ident),+;)+) => {
        &[$($((stringify!($rule), |records| $module::$rule(records).boxed())),+),+]
    };
}

const RULES: &[Rule] = rules! {
    begin:
        the_first_request_runs,
        a_redelivery_before_the_answer_runs_from_what_was_saved,
        a_redelivery_after_the_answer_gets_the_same_bytes,
        an_older_request_changes_nothing,
        a_superseded_request_stays_so_however_late_it_says_it_was_sent,
        in_the_same_second_a_delete_is_newer,
        after_a_delete_of_the_same_second_a_create_or_update_is_older,
        in_the_same_second_the_later_of_two_updates_is_newer,
        times_of_arrival_and_of_cloudformation_are_compared_as_they_are,
        a_newer_request_drops_the_answer_and_keeps_the_rest,
        a_tombstone_answers_its_delete_again,
        a_tombstone_is_revived_by_a_newer_create_alone,
        an_update_proves_that_the_create_was_taken,
        a_delete_proves_it_only_with_a_real_id,
        the_newest_create_outlasts_other_requests,
        the_last_32_requests_are_remembered;
    write:
        a_save_shows_in_the_record,
        a_write_to_no_record_makes_none,
        a_save_after_the_answer_gets_the_answer,
        an_end_after_another_answer_gets_that_answer_and_changes_nothing,
        an_end_with_the_recorded_answer_is_done,
        a_superseded_request_can_write_nothing,
        an_amendment_is_taken_before_and_after_the_answer,
        an_amendment_leaves_a_tombstone_one,
        properties_move_from_succeeded_to_before,
        equal_properties_leave_those_before,
        a_failure_leaves_the_properties,
        values_come_back_as_they_were,
        what_does_not_fit_is_refused_and_changes_nothing;
    race:
        two_deliveries_at_once_both_run_and_one_answers,
        two_deliveries_with_the_same_answer_are_both_done,
        of_two_requests_at_once_the_newer_one_stays,
        a_delete_between_begin_and_end_takes_the_create_over,
        a_delete_and_a_save_at_once_leave_the_delete,
        many_requests_at_once_leave_the_newest;
    resume:
        a_look_runs_and_is_on_record,
        a_message_that_comes_again_runs_again,
        another_message_of_the_same_look_and_those_before_do_not_run,
        of_many_messages_of_one_look_at_once_one_runs,
        a_redelivery_of_a_request_that_waits_does_not_run,
        a_look_at_an_answered_request_gets_the_answer,
        a_look_at_a_superseded_request_is_superseded_and_changes_nothing,
        a_look_at_no_record_makes_none;
    find:
        an_unknown_resource_has_no_record,
        resources_of_other_stacks_and_names_are_apart,
        an_object_finds_its_records_with_their_keys,
        a_moved_object_is_found_where_it_is,
        a_tombstone_is_found_until_it_is_dropped,
        more_records_than_a_page_are_all_found;
};

/// Holds an implementation to every rule; the error names each one that is broken.
pub async fn holds(records: &dyn Records) -> Outcome {
    let mut broken = Vec::new();
    for (name, rule) in RULES {
        match AssertUnwindSafe(rule(records)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => broken.push(format!("{name}: {error}")),
            Err(_) => broken.push(format!("{name}: see its assertion above")),
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
}

/// One resource of a rule.
struct Resource<'a> {
    records: &'a dyn Records,
    key: RecordKey,
}

impl<'a> Resource<'a> {
    /// A resource that no other rule uses; `name` is the rule's or begins with it.
    fn new(records: &'a dyn Records, name: &str) -> Self {
        let stack = format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/51af3dc0");
        Self { records, key: RecordKey::new(&stack, "Share") }
    }

    async fn begin(&self, stamp: &Stamp) -> Result<Begun, RecordError> {
        self.records.begin(&self.key, stamp, false).await
    }

    /// Begins a request that must run.
    async fn run(&self, stamp: &Stamp) -> Result<Record, Box<dyn Error + Send + Sync>> {
        match self.begin(stamp).await? {
            Begun::Run(record) => Ok(record),
            other => Err(format!("{stamp:?} did not run: {other:?}").into()),
        }
    }

    /// Begins a request that must be superseded.
    async fn run_too_late(&self, stamp: &Stamp) -> Result<Record, Box<dyn Error + Send + Sync>> {
        match self.begin(stamp).await? {
            Begun::Superseded(record) => Ok(record),
            other => Err(format!("{stamp:?} was not superseded: {other:?}").into()),
        }
    }

    async fn save(&self, id: &str, ledger: &Value) -> Result<Written, RecordError> {
        self.records.save(&self.key, id, ledger, None).await
    }

    async fn amend(&self, id: &str, ledger: &Value) -> Result<Written, RecordError> {
        self.records.amend(&self.key, id, ledger, None).await
    }

    async fn end(&self, id: &str, ending: &Ending) -> Result<Written, RecordError> {
        self.records.end(&self.key, id, ending).await
    }

    /// Ends a request; it must be the newest and unanswered.
    async fn answer(&self, id: &str, ending: &Ending) -> Outcome {
        match self.end(id, ending).await? {
            Written::Done => Ok(()),
            other => Err(format!("the end of {id} was refused: {other:?}").into()),
        }
    }

    /// The record, which must exist.
    async fn record(&self) -> Result<Record, Box<dyn Error + Send + Sync>> {
        self.records.get(&self.key).await?.ok_or_else(|| "no record".into())
    }
}

fn create(id: &str, second: u64) -> Stamp {
    stamp(id, RequestType::Create, Sent::amz_date(second))
}

fn update(id: &str, second: u64) -> Stamp {
    stamp(id, RequestType::Update, Sent::amz_date(second))
}

fn delete(id: &str, second: u64) -> Stamp {
    stamp(id, RequestType::Delete, Sent::amz_date(second))
}

fn stamp(id: &str, request_type: RequestType, sent: Sent) -> Stamp {
    Stamp { request_id: id.to_owned(), request_type, sent }
}

/// An answer with an empty ledger.
fn ending(answer: &str) -> Ending {
    Ending {
        answer: answer.to_owned(),
        ledger: Value::Null,
        object: None,
        succeeded: None,
        tombstone_until: None,
    }
}

/// A SUCCESS with these properties.
fn success(answer: &str, properties: Value) -> Ending {
    Ending { succeeded: Some(properties), ..ending(answer) }
}

/// The end of a resource, far in the future of any clock.
fn tombstone(answer: &str) -> Ending {
    Ending { tombstone_until: Some(4_102_444_800), ..ending(answer) }
}

fn made(what: &str) -> Value {
    json!({"made": [what]})
}
