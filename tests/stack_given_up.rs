//! Events that Lambda gives up on, and what CloudFormation hears of them from the rescue function.

use crate::support::cloudformation::function::{Function, InProcess};
use crate::support::cloudformation::lambda::{Delivery, Lambda};
use crate::support::cloudformation::service::{CloudFormation, Outcome};
use crate::support::cloudformation::template::Resource;
use crate::support::world::{MEMBER, World, own, with};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HOUR: u64 = 3_600;
const FOR_EVER: u64 = 100 * HOUR;

/// A function whose every process dies.
#[derive(Debug)]
struct Dies;

impl Function for Dies {
    fn invoke(&self, _: String) -> BoxFuture<'_, Result<(), String>> {
        async { Err("Runtime.ExitError".to_owned()) }.boxed()
    }
}

/// A function, and the records of Lambda that it was invoked with.
#[derive(Debug)]
struct Noting {
    function: Arc<dyn Function>,
    records: Arc<Mutex<Vec<Value>>>,
}

impl Function for Noting {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        let message: Value = serde_json::from_str(&event).unwrap();
        let record = serde_json::from_str(message["Records"][0]["body"].as_str().unwrap()).unwrap();
        self.records.lock().unwrap().push(record);
        self.function.invoke(event)
    }
}

/// What came of a Create that no process survives.
struct GivenUp {
    context: Value,
    outcome: Outcome,
    puts: usize,
}

async fn given_up(throttled: Range<u64>, event_age: u64, service_timeout: u64) -> GivenUp {
    let world = Arc::new(World::new());
    let records: Arc<Mutex<Vec<Value>>> = Arc::default();
    let function = Arc::new(InProcess::new(&world, |world: &World| world.rescue(&[], |_| {})));
    let rescue = Arc::new(Noting { function, records: Arc::clone(&records) });
    let throttled = Duration::from_secs(throttled.start)..Duration::from_secs(throttled.end);
    let delivery = Delivery { throttled, event_age: Duration::from_secs(event_age), ..Delivery::default() };
    let lambda = Lambda::deployed(world.place(), |_| Arc::new(Dies), rescue, delivery);
    let cloudformation = CloudFormation::of(&world, lambda.clone());
    let licenses = world.license_configurations(1);
    let properties = with(own("licenses", &licenses, &[MEMBER]), "ServiceTimeout", json!(service_timeout));
    let share = Resource::new("Share", "Custom::LicenseConfigShare", properties);
    cloudformation.create_stack("licenses", vec![share]).await;
    lambda.quiet().await;
    let create = cloudformation.sent().remove(0);
    assert_eq!((lambda.rescue_failures(), world.s3.refused()), (Vec::new(), Vec::new()));
    let of_create = |record: &&Value| record["requestPayload"]["RequestId"] == *create.request.request_id;
    let records = records.lock().unwrap();
    let of_create: Vec<&Value> = records.iter().filter(of_create).collect();
    assert_eq!(of_create.len(), 1, "one record an event");
    let was_tried = of_create[0]["requestContext"]["approximateInvokeCount"] != 0;
    assert_eq!(of_create[0].get("responsePayload").is_some(), was_tried);
    GivenUp {
        context: of_create[0]["requestContext"].clone(),
        outcome: create.outcome.unwrap(),
        puts: world.s3.puts_to(&create.request.request_id).len(),
    }
}

/// With the template's age of 3,300 s. What CloudFormation is told has the condition and the count.
#[tokio::test(start_paused = true)]
async fn what_lambda_gives_up_on_while_cloudformation_waits_is_answered() {
    for (throttled, condition, attempts, words) in [
        (0..0, "RetriesExhausted", 3, "ended without an answer (Runtime.ExitError, attempts: 3)"),
        (0..600, "RetriesExhausted", 3, "ended without an answer (Runtime.ExitError, attempts: 3)"),
        (0..FOR_EVER, "EventAgeExceeded", 0, "in time (EventAgeExceeded, attempts: 0): too many ran at once"),
        (
            30..FOR_EVER,
            "EventAgeExceeded",
            1,
            "in time (EventAgeExceeded, attempts: 1): too many ran at once",
        ),
        (
            90..FOR_EVER,
            "EventAgeExceeded",
            2,
            "in time (EventAgeExceeded, attempts: 2): too many ran at once",
        ),
    ] {
        let GivenUp { context, outcome, puts } = given_up(throttled, 3_300, HOUR).await;
        assert_eq!(
            (&context["condition"], &context["approximateInvokeCount"]),
            (&json!(condition), &json!(attempts))
        );
        let Outcome::Answered(answer) = outcome else { panic!("{context}: {outcome:?}") };
        assert!(!answer.success && answer.reason.contains(words), "{context}: {}", answer.reason);
        assert_eq!(puts, 1);
    }
}

/// With another age than the template's, or a shorter ServiceTimeout.
#[tokio::test(start_paused = true)]
async fn what_lambda_gives_up_on_after_cloudformation_did_is_not_answered() {
    for (throttled, event_age, service_timeout, condition, attempts) in [
        (0..HOUR + 120, 6 * HOUR, HOUR, "RetriesExhausted", 3),
        (0..600, 3_300, 300, "RetriesExhausted", 3),
        (0..FOR_EVER, 2 * HOUR, HOUR, "EventAgeExceeded", 0),
        (30..FOR_EVER, 6 * HOUR, HOUR, "EventAgeExceeded", 1),
        (90..FOR_EVER, 3_300, 600, "EventAgeExceeded", 2),
    ] {
        let GivenUp { context, outcome, puts } = given_up(throttled, event_age, service_timeout).await;
        assert_eq!(
            (&context["condition"], &context["approximateInvokeCount"]),
            (&json!(condition), &json!(attempts))
        );
        assert_eq!((outcome, puts), (Outcome::TimedOut, 0), "{context}");
    }
}

/// CloudFormation allows a minute for clocks that differ: within it the answer is sent, and heard by nobody.
#[tokio::test(start_paused = true)]
async fn what_lambda_gives_up_on_at_the_end_of_the_service_timeout_is_answered_into_the_void() {
    let GivenUp { context, outcome, puts } = given_up(0..FOR_EVER, 3_300, 3_280).await;
    assert_eq!((&context["condition"], outcome, puts), (&json!("EventAgeExceeded"), Outcome::TimedOut, 1));
}
