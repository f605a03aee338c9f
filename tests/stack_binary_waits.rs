//! The strict CloudFormation against the real binary with its wait queue.

use crate::support::acceptance::ACCEPTANCE;
use crate::support::cloudformation::binary::Binary;
use crate::support::cloudformation::messages::MessageQueue;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::{Stack, StackStatus};
use crate::support::cloudformation::template::{Resource, Template};
use crate::support::function::{Function, now};
use crate::support::link::{LINK, link};
use crate::support::world::{ACCOUNT, MEMBER, own, with};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::{Instant, sleep};

/// Of an invocation: two thirds of it are for the work, and then it is handed over.
const TIME: Duration = Duration::from_secs(6);
const HALF_AN_HOUR: Duration = Duration::from_secs(1_800);

/// A function in whose cloud accounts settle, and License Manager makes its share, after half an hour.
async fn slow() -> Arc<Function> {
    let function = Function::deployed().await;
    function.cloud().change_settings(|settings| {
        settings.ram.times.associate_account = HALF_AN_HOUR;
        settings.license_manager.share_delay = HALF_AN_HOUR;
        settings.epoch = now().duration_since(UNIX_EPOCH).unwrap();
    });
    Arc::new(function)
}

fn share(function: &Function) -> Value {
    own("licenses", &function.license_configurations(1), &[MEMBER])
}

fn template(resource_type: &str, properties: Value) -> Template {
    vec![Resource::new("Waiting", resource_type, properties)]
}

/// Waits until so many looks have each sent on.
async fn looked(queue: &MessageQueue, times: usize) {
    while queue.sent() < 1 + times {
        sleep(Duration::from_millis(20)).await;
    }
}

/// A stack that is created while, after two looks, what is waited for comes about.
async fn ends_by_a_look(
    cloudformation: &CloudFormation,
    template: Template,
    comes_about: impl Future<Output = ()>,
) -> Stack {
    let queue = &cloudformation.lambda.wait_queue;
    let then = async {
        looked(queue, 2).await;
        comes_about.await;
    };
    let (stack, ()) = tokio::join!(cloudformation.create_stack("waits", template), then);
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
    stack
}

async fn deleted(cloudformation: &CloudFormation, stack: &Stack) {
    let ended = cloudformation.delete_stack(stack).await;
    assert_eq!(ended, StackStatus::DeleteComplete, "{:?}", stack.events());
    sound(cloudformation).await;
}

async fn sound(cloudformation: &CloudFormation) {
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
    assert_eq!(cloudformation.lambda.wait_queue.waiting(), Vec::<String>::new());
}

#[tokio::test]
async fn a_create_of_a_share_is_handed_over_and_ends_by_a_look() {
    let function = slow().await;
    let cloudformation = Binary::waiting(&function, TIME, Duration::ZERO).await;
    let template = template("Custom::LicenseConfigShare", share(&function));
    let settles = async { function.cloud().advance(HALF_AN_HOUR) };
    let stack = ends_by_a_look(&cloudformation, template, settles).await;
    assert_eq!(function.live_shares(), [stack.physical_id("Waiting")]);
    assert_eq!(function.cloud().shares().len(), 1, "shares that were ever made");
    deleted(&cloudformation, &stack).await;
    assert_eq!(function.live_shares(), Vec::<String>::new());
}

#[tokio::test]
async fn a_create_of_a_share_that_is_cancelled_while_it_waits_leaves_nothing() {
    let function = slow().await;
    let cloudformation = Binary::waiting(&function, TIME, Duration::ZERO).await;
    let (stack, queue) = (cloudformation.stack("waits"), &cloudformation.lambda.wait_queue);
    let template = template("Custom::LicenseConfigShare", share(&function));
    let ended = cloudformation.create_until(&stack, &template, looked(queue, 2)).await;
    assert_eq!(ended, StackStatus::RollbackComplete, "{:?}", stack.events());
    let sent = cloudformation.sent();
    let delete = &sent[1].request;
    assert_eq!(delete.event("", "")["PhysicalResourceId"], "waits-Waiting-1ABCDEF");
    sound(&cloudformation).await;
    let puts = function.bucket.s3.puts_to(&sent[0].request.request_id);
    assert_eq!((function.live_shares(), puts), (Vec::new(), Vec::new()), "the Create is overtaken");
    assert_eq!(function.cloud().shares().len(), 1);
}

/// Lambda gets each request 45 s after it was sent: of a ServiceTimeout of 100 s, the last word is due after 80 s, and
/// the last look 20 s before that. Counted from its arrival that would be 45 s later.
#[tokio::test]
async fn the_time_of_a_share_that_never_settles_counts_from_the_send() {
    let function = slow().await;
    let cloudformation = Binary::waiting(&function, TIME, Duration::from_secs(45)).await;
    let properties = with(share(&function), "ServiceTimeout", json!(100));
    let (stack, began) = (cloudformation.stack("waits"), Instant::now());
    let template = template("Custom::LicenseConfigShare", properties);
    let answered = async {
        while cloudformation.sent().first().is_none_or(|sent| sent.outcome.is_none()) {
            sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    };
    let (ended, took) = tokio::join!(cloudformation.create_resources(&stack, &template), answered);
    assert_eq!(ended, StackStatus::RollbackComplete, "{:?}", stack.events());
    assert!((5..35).contains(&took.as_secs()), "{took:?}");
    let told = stack.reasons("CREATE_FAILED");
    assert!(told[0].contains("has not settled 222233334444 (ASSOCIATING)"), "{told:?}");
    assert!(cloudformation.lambda.wait_queue.sent() >= 1);
    sound(&cloudformation).await;
    assert_eq!(function.live_shares(), Vec::<String>::new());
}

#[tokio::test]
async fn a_link_is_handed_over_until_license_manager_has_made_its_share() {
    let function = slow().await;
    let cloudformation = Binary::waiting(&function, TIME, Duration::ZERO).await;
    let properties = link(json!({ "DelegatedAdministratorAccountId": MEMBER }));
    let is_made = async {
        assert_eq!(function.world.delegates(), Vec::<String>::new(), "only then");
        function.cloud().advance(HALF_AN_HOUR);
    };
    let stack = ends_by_a_look(&cloudformation, template(LINK, properties), is_made).await;
    assert_eq!(function.world.delegates(), [MEMBER]);
    let made = function.world.link_settings().resource_share_arn.unwrap();
    assert_eq!(stack.attribute("Waiting", "ResourceShareArn"), made);
    deleted(&cloudformation, &stack).await;
}

#[tokio::test]
async fn an_acceptance_is_handed_over_until_its_invitation_comes() {
    let function = Arc::new(Function::deployed().await);
    let cloudformation = Binary::waiting(&function, TIME, Duration::ZERO).await;
    let foreign = function.world.foreign().await;
    let stack = ends_by_a_look(
        &cloudformation,
        template(ACCEPTANCE, foreign.listed()),
        function.world.invite(&foreign),
    )
    .await;
    assert_eq!(stack.physical_id("Waiting"), foreign.id());
    assert!(function.world.is_in(&foreign, ACCOUNT));
    deleted(&cloudformation, &stack).await;
    assert!(!function.world.is_in(&foreign, ACCOUNT));
}
