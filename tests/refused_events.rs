//! Events that must not be acted upon: nothing is sent to whoever they name, nothing is changed in AWS, and the error
//! that Lambda and the log get says why, without the URL.

use crate::support::abandoned::killed;
use crate::support::s3::Put;
use crate::support::world::{Event, MEMBER, MEMBER_2, SIGNATURE, STACK, World, own};
use expect_test::{Expect, expect};
use provider::config::Trusted;
use provider::invocation::HandlerError;
use provider::protocol::RequestError;
use provider::protocol::reason::chain;
use provider::record::Records;
use serde_json::json;
use std::time::Duration;

const BUCKET: &str = "cloudformation-custom-resource-response-euwest1";
const HOST: &str = "cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com";

/// Nothing is sent, nothing is asked of AWS, and the error says why.
async fn refused(change: impl Fn(&World, &mut Event), why: Expect) {
    for (request_type, id) in [("Create", None), ("Update", Some("an-id")), ("Delete", Some("an-id"))] {
        let world = World::new();
        let mut event = world.event(request_type, id, "Share", own("licenses", &[], &[MEMBER]));
        change(&world, &mut event);
        let error = world.deliver(&event).await.unwrap_err();
        why.assert_eq(&chain(&error));
        let text = format!("{error:?} {}", chain(&error));
        for secret in [SIGNATURE, "X-Amz", "%7C", "https://", "http://"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        untouched(&world).await;
    }
}

async fn untouched(world: &World) {
    assert_eq!(world.s3.answers(), []);
    assert_eq!(world.operations_since(0), Vec::<String>::new());
    let key = provider::record::RecordKey::new(STACK, "Share");
    assert_eq!(world.records.get(&key).await.unwrap(), None);
}

fn url(event: &mut Event, change: impl FnOnce(&str) -> String) {
    let url = change(event.json["ResponseURL"].as_str().unwrap());
    event.json["ResponseURL"] = url.into();
}

fn host(event: &mut Event, to: &str) {
    url(event, |url| {
        assert!(url.contains(HOST));
        url.replace(HOST, to)
    });
}

#[tokio::test(start_paused = true)]
async fn what_is_not_json_is_refused() {
    let world = World::new();
    let events: [&[u8]; 5] = [b"", b"not json", b"[1]", b"\"Create\"", b"{\"RequestType\": \"Create\""];
    for event in events {
        let error = world.deliver_bytes(event).await.unwrap_err();
        assert!(chain(&error).contains("the event is not a JSON object"), "{}", chain(&error));
        untouched(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_without_a_response_url_is_refused() {
    let remove =
        |_: &World, event: &mut Event| drop(event.json.as_object_mut().unwrap().remove("ResponseURL"));
    refused(
        remove,
        expect![
            "the event is refused, nothing was sent and nothing was changed: the event has no ResponseURL"
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_response_url_outside_cloudformations_bucket_is_refused() {
    refused(|_, event| host(event, "example.com"), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: host example.com is not CloudFormation's"]).await;
    refused(|_, event| host(event, "another-bucket.s3.eu-west-1.amazonaws.com"), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: host another-bucket.s3.eu-west-1.amazonaws.com is not CloudFormation's"]).await;
    let path_style =
        |_: &World, event: &mut Event| host(event, &format!("s3.eu-west-1.amazonaws.com/{BUCKET}"));
    refused(path_style, expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: host s3.eu-west-1.amazonaws.com is not CloudFormation's"]).await;
}

#[tokio::test(start_paused = true)]
async fn plain_http_is_refused() {
    refused(|_, event| url(event, |url| url.replace("https://", "http://")), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: it is not https"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_looks_alike_is_refused() {
    for host_name in [
        format!("{HOST}.example.com"),
        format!("{BUCKET}.s3-eu-west-1.amazonaws.com.cn"),
        format!("{BUCKET}.s3-eu-west-1.amazonaws.co"),
    ] {
        let error = refusal(&host_name).await;
        assert!(
            error.ends_with(&format!("host {host_name} has the right bucket under an unknown suffix")),
            "{error}"
        );
    }
    for host_name in
        [format!("x{HOST}"), HOST.replace("custom-resource", "custom-resourse"), HOST.replace('o', "0")]
    {
        let error = refusal(&host_name).await;
        assert!(error.ends_with(&format!("host {host_name} is not CloudFormation's")), "{error}");
    }
    let error = refusal(&format!("user@{HOST}")).await;
    assert!(error.ends_with("it has a user in it"), "{error}");
    let error = refusal(&format!("{HOST}@example.com")).await;
    assert!(error.ends_with("it has a user in it"), "{error}");
    let error = refusal(&format!("{HOST}:8443")).await;
    assert!(error.ends_with("it has a port in it"), "{error}");
}

/// How an event with its URL at this host is refused.
async fn refusal(to: &str) -> String {
    let world = World::new();
    let mut event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
    host(&mut event, to);
    let error = world.deliver(&event).await.unwrap_err();
    untouched(&world).await;
    chain(&error)
}

#[tokio::test(start_paused = true)]
async fn the_bucket_of_another_region_is_refused() {
    let other = HOST.replace("euwest1", "useast1").replace("eu-west-1", "us-east-1");
    refused(move |_, event| host(event, &other), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: host cloudformation-custom-resource-response-useast1.s3-us-east-1.amazonaws.com is the bucket of another region than eu-west-1"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_path_of_another_stack_or_request_is_refused() {
    refused(|_, event| url(event, |url| url.replace("%2Flicenses%2F", "%2Fothers%2F")), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: its path does not hold this StackId and RequestId"]).await;
    refused(|_, event| event.json["RequestId"] = "00000000-0000-4000-8000-999999999999".into(), expect!["the event is refused, nothing was sent and nothing was changed: the response URL is refused: its path does not hold this StackId and RequestId"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_another_region_or_partition_is_refused() {
    let region =
        |_: &World, event: &mut Event| event.json["StackId"] = STACK.replace("eu-west-1", "us-east-1").into();
    refused(region, expect!["the event is refused, nothing was sent and nothing was changed: the stack is in region us-east-1, the function in eu-west-1"]).await;
    let partition = |_: &World, event: &mut Event| {
        event.json["StackId"] = STACK.replace("arn:aws:", "arn:aws-cn:").into();
    };
    refused(partition, expect!["the event is refused, nothing was sent and nothing was changed: the stack is in partition aws-cn, the function in aws"]).await;
}

/// CloudFormation has given up on it, or will take a newer one for it: it is over for Lambda, and nothing is done.
#[tokio::test(start_paused = true)]
async fn an_expired_event_is_over_and_nothing_is_done() {
    for (timeout, wait) in [(None, 3_661), (Some("120"), 181)] {
        for (request_type, id) in [("Create", None), ("Update", Some("an-id")), ("Delete", Some("an-id"))] {
            let world = World::new();
            let mut event = world.event(request_type, id, "Share", own("licenses", &[], &[MEMBER]));
            if let Some(timeout) = timeout {
                event.json["ServiceTimeout"] = timeout.into();
            }
            tokio::time::advance(Duration::from_secs(wait)).await;
            world.deliver(&event).await.unwrap();
            untouched(&world).await;
        }
    }
}

/// Late, but not too late: it is answered.
#[tokio::test(start_paused = true)]
async fn a_late_event_is_still_answered() {
    let world = World::new();
    let event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
    tokio::time::advance(Duration::from_secs(3_400)).await;
    assert!(world.answer(&event).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_type_fails_and_names_the_types_and_its_delete_succeeds() {
    let world = World::new();
    let mut event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
    event.json["ResourceType"] = "Custom::LicenceConfigShare".into();
    let created = world.answer(&event).await;
    assert!(!created.is_success());
    expect!["creating the resource (Share): this version of the provider has no type Custom::LicenceConfigShare, it has Custom::LicenseConfigShare, Custom::LicenseManagerOrgLink, Custom::LicenseConfigShareAcceptance. Correct the type in the template, or bring the provider's stack up to date"].assert_eq(created.reason());
    assert_eq!(created.physical_id(), format!("licence-config-share/none/{}", event.request_id));
    let mut delete = world.event("Delete", Some(created.physical_id()), "Share", json!({}));
    delete.json["ResourceType"] = "Custom::LicenceConfigShare".into();
    let deleted = world.answer(&delete).await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(deleted.physical_id(), created.physical_id());
    assert_eq!(world.operations_since(0), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_an_account_that_is_not_trusted_fails_with_the_remedy() {
    let world = World::new();
    let theirs = STACK.replace("111122223333", MEMBER);
    let event = world.event_of(&theirs, "Create", None, "Share", own("licenses", &[], &[]));
    let created = world.answer(&event).await;
    assert!(!created.is_success());
    expect!["creating the resource (Share): stacks of account 222233334444 are not served: add it to the parameter TrustedAccounts of the provider's stack"].assert_eq(created.reason());
    let delete = world.event_of(&theirs, "Delete", Some(created.physical_id()), "Share", json!({}));
    assert!(world.answer(&delete).await.is_success());
    assert_eq!(world.operations_since(0), Vec::<String>::new());
    let trusting =
        world.process_with(|config| config.trusted = Trusted::Accounts([MEMBER.parse().unwrap()].into()));
    let event = world.event_of(&theirs, "Create", None, "Other", own("licenses", &[], &[]));
    world.deliver_to(&trusting, &event).await.unwrap();
    assert!(world.s3.answer_to(&event.request_id).unwrap().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_not_set_up_fails_with_the_remedy() {
    let world = World::new();
    let broken = world.process_with(|config| {
        config.problems = vec!["RECORD_TABLE is not set".to_owned(), "AWS_REGION is not set".to_owned()];
    });
    let event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
    world.deliver_to(&broken, &event).await.unwrap();
    let created = world.s3.answer_to(&event.request_id).unwrap();
    expect!["creating the resource (Share): the provider's function is not set up: RECORD_TABLE is not set; AWS_REGION is not set. Deploy its template again"].assert_eq(created.reason());
    assert_eq!(world.operations_since(0), Vec::<String>::new());
}

/// What a Create left before its account was no longer trusted is not reported as deleted.
#[tokio::test(start_paused = true)]
async fn an_account_that_is_no_longer_trusted_is_not_told_that_a_half_made_share_is_gone() {
    let world = World::new();
    let theirs = STACK.replace("111122223333", MEMBER);
    let trusting =
        world.process_with(|config| config.trusted = Trusted::Accounts([MEMBER.parse().unwrap()].into()));
    world.cloud().add_fault(denied("GetResourceShareAssociations"));
    world.cloud().add_fault(denied("DeleteResourceShare"));
    let create = world.event_of(&theirs, "Create", None, "Share", own("licenses", &[], &[MEMBER_2]));
    world.deliver_to(&trusting, &create).await.unwrap();
    let created = world.s3.answer_to(&create.request_id).unwrap();
    assert_eq!((created.is_success(), world.live_shares()), (false, vec!["licenses".to_owned()]));
    world.later().await;
    let delete = world.event_of(&theirs, "Delete", Some(created.physical_id()), "Share", json!({}));
    assert!(!world.answer(&delete).await.is_success());
}

/// `*` is for acceptance alone (design 3.13): no stranger's stack shares what is this account's.
#[tokio::test(start_paused = true)]
async fn a_star_among_the_trusted_accounts_lets_no_stranger_share() {
    let world = World::new();
    let anyone = world.process_with(|config| config.trusted = Trusted::Anyone);
    let stranger = STACK.replace("111122223333", "999900001111");
    let event = world.event_of(&stranger, "Create", None, "Share", own("licenses", &[], &[MEMBER]));
    world.deliver_to(&anyone, &event).await.unwrap();
    assert!(!world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// What a Create left is still there: a Delete that cannot look must not say that nothing was made.
#[tokio::test(start_paused = true)]
async fn a_function_that_is_not_set_up_does_not_report_a_half_made_share_as_deleted() {
    let world = World::new();
    world.cloud().add_fault(denied("GetResourceShareAssociations"));
    world.cloud().add_fault(denied("DeleteResourceShare"));
    let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
    assert!(!created.is_success());
    assert_eq!(world.live_shares(), ["licenses"], "the take-back was denied");
    let broken = world.process_with(|config| config.problems = vec!["RECORD_TABLE is not set".to_owned()]);
    world.later().await;
    let delete = world.event("Delete", Some(created.physical_id()), "Share", json!({}));
    world.deliver_to(&broken, &delete).await.unwrap();
    assert!(!world.s3.answer_to(&delete.request_id).unwrap().is_success());
}

fn denied(operation: &str) -> local_cloud::fault::FaultRule {
    let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
    let kind = local_cloud::fault::FaultKind::Error { status: 403, code, message };
    local_cloud::fault::FaultRule::once("ram", operation, kind)
}

/// None of these is on record, and each process makes the answer anew.
#[tokio::test(start_paused = true)]
async fn a_request_that_no_type_sees_has_the_same_bytes_in_every_delivery() {
    let strangers = STACK.replace("111122223333", MEMBER);
    for (stack, resource_type, problems) in [
        (STACK, "Custom::LicenceConfigShare", Vec::new()),
        (&strangers, "Custom::LicenseConfigShare", Vec::new()),
        (STACK, "Custom::LicenseConfigShare", vec!["RECORD_TABLE is not set".to_owned()]),
    ] {
        let world = World::new();
        let mut event = world.event_of(stack, "Create", None, "Share", own("licenses", &[], &[MEMBER]));
        event.json["ResourceType"] = resource_type.into();
        world.s3.next([Put::Lost, Put::Status(403)]);
        let process = || world.process_with(|config| config.problems.clone_from(&problems));
        world.deliver_to(&process(), &event).await.unwrap_err();
        world.deliver_to(&process(), &event).await.unwrap();
        let puts = world.s3.puts_to(&event.request_id);
        assert!(
            puts.len() >= 2 && puts.iter().all(|put| *put == puts[0]),
            "{resource_type} of {stack}: {puts:?}"
        );
    }
}

/// Who may send to a queue of the provider needs no valid signature, and would be newer than all that CloudFormation sends.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_dated_ahead_is_refused_and_silences_nobody() {
    let world = World::new();
    let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
    let id = created.physical_id().to_owned();
    world.later().await;
    let forged = dated(world.event("Update", Some(&id), "Share", json!({})), "20991231T235959Z");
    let told = world.deliver(&forged).await.unwrap_err();
    assert!(matches!(&told, HandlerError::Event { source: RequestError::Ahead }), "{told:?}");
    let told = world.deliver_bytes_to(&world.rescue(&[], |_| {}), killed(&forged).as_bytes()).await;
    assert!(matches!(&told, Err(HandlerError::Event { source: RequestError::Ahead })), "{told:?}");
    assert_eq!(world.s3.puts_to(&forged.request_id).len(), 0);
    let updated = world.update(&id, "Share", own("renamed", &[], &[MEMBER])).await;
    assert!(updated.is_success(), "{}", updated.bytes);
    assert!(world.delete(&id, "Share").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

fn dated(mut event: Event, date: &str) -> Event {
    let url = event.json["ResponseURL"].as_str().unwrap();
    let (before, after) = url.split_once("X-Amz-Date=").unwrap();
    event.json["ResponseURL"] = format!("{before}X-Amz-Date={date}{}", &after[date.len()..]).into();
    event
}
