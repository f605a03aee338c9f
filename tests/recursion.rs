//! A request that waits makes the function invoke itself, in one trace, more often than Lambda allows by default.

use crate::support::function::{Function, TIME};
use crate::support::process::Process;
use crate::support::queue::QUEUE_URL;
use crate::support::runtime_api::{RecursiveLoop, Reported};
use crate::support::sqs::{Sqs, event_of};
use crate::support::world::{MEMBER, own};
use std::time::Duration;

const DONE: &str = "null";
/// Less than the credentials of the function live.
const LONG: Duration = Duration::from_secs(1_800);

/// Looks until there is no message, or Lambda stops them; how many there were.
async fn looks(process: &mut Process, sqs: &Sqs, setting: RecursiveLoop, most: usize) -> usize {
    for number in 0..most {
        let Some((body, trace)) = sqs.take() else { return number };
        let event = event_of(number, &body);
        let Some(said) = process.deliver_by_queue(event, &trace, setting, TIME).await else { return number };
        assert_eq!(said, Reported::Response(DONE.to_owned()));
    }
    most
}

#[tokio::test]
async fn a_chain_of_looks_needs_the_recursive_loop_that_the_template_allows() {
    for (setting, looked) in [(RecursiveLoop::Terminate, 16), (RecursiveLoop::Allow, 20)] {
        let (function, sqs) = (Function::deployed().await, Sqs::start().await);
        let endpoint = format!("http://{}", sqs.server.address);
        function.cloud().change_settings(|settings| {
            settings.ram.times.associate_account = LONG;
        });
        let licenses = function.license_configurations(1);
        let create = function.event("Create", None, own("licenses", &licenses, &[MEMBER]));
        let changes =
            [("WAIT_QUEUE_URL", Some(QUEUE_URL)), ("AWS_ENDPOINT_URL_SQS", Some(endpoint.as_str()))];
        let mut process = function.start_with(&changes).await;
        let said = process.deliver(create.json.to_string(), Duration::from_secs(6)).await;
        assert_eq!(said, Reported::Response(DONE.to_owned()));
        assert_eq!(looks(&mut process, &sqs, setting, 20).await, looked, "{setting:?}");
        assert_eq!(function.bucket.s3.answer_to(&create.request_id), None);
        if setting == RecursiveLoop::Allow {
            function.cloud().advance(LONG);
            assert_eq!(looks(&mut process, &sqs, setting, 2).await, 1);
            assert!(function.bucket.s3.answer_to(&create.request_id).unwrap().is_success());
        }
        let output = process.kill().await;
        function.secrets().assert_absent([output.stdout.as_str(), output.stderr.as_str()]);
    }
}
