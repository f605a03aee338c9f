//! Stacks under the strict CloudFormation: what fails, is cancelled, is taken back, comes twice or too late.

use crate::support::acceptance::ACCEPTANCE;
use crate::support::cloudformation::lambda::Delivery;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::{Resource, Template};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{MEMBER, MEMBER_2, OUTSIDER, World, own, with};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const SHARE: &str = "Custom::LicenseConfigShare";

fn share(logical_id: &str, properties: Value) -> Resource {
    Resource::new(logical_id, SHARE, properties)
}

/// Refused at once.
fn refused(logical_id: &str) -> Resource {
    share(logical_id, json!({ "Name": "no principals are spelled so", "Principals": ["12345"] }))
}

/// Every call takes a second, so that requests are under way for a while.
fn slow() -> Arc<World> {
    let world = World::new();
    let latency = FaultKind::Latency(Duration::from_secs(1));
    world.cloud().add_fault(FaultRule::always("*", "*", latency));
    Arc::new(world)
}

fn over(world: &Arc<World>) -> CloudFormation {
    CloudFormation::over(world, Delivery::default())
}

async fn sound(cloudformation: &CloudFormation) {
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
}

const NOTHING: Vec<Shape> = Vec::new();

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_is_deleted_by_its_id_and_nothing_is_left() {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(1);
    let cloudformation = over(&world);
    let template =
        vec![share("Share", own("licenses", &licenses, &[MEMBER])), refused("Refused").after("Share")];
    let stack = cloudformation.create_stack("licenses", template).await;
    assert_eq!(stack.status(), StackStatus::RollbackComplete);
    assert_eq!((shapes(&world), world.cloud().shares().len()), (NOTHING, 1));
    let deletes: Vec<String> = cloudformation
        .sent()
        .into_iter()
        .filter(|sent| sent.request.kind.name() == "Delete")
        .map(|sent| sent.request.logical_id)
        .collect();
    assert_eq!(deletes, ["Refused", "Share"]);
    sound(&cloudformation).await;
}

/// A sibling fails after `seconds`, while the Create is under way.
async fn cancelled_after(seconds: u64) -> (Arc<World>, CloudFormation, StackStatus) {
    let world = slow();
    let licenses = world.license_configurations(2);
    let cloudformation = over(&world);
    let template = vec![share("Share", own("licenses", &licenses, &[MEMBER, MEMBER_2]))];
    let stack = cloudformation.stack("licenses");
    let status =
        cloudformation.create_for(&stack, &template, Duration::from_millis(1_000 * seconds + 500)).await;
    (world, cloudformation, status)
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_cancelled_at_any_moment_leaves_nothing() {
    let mut cancelled = 0;
    for seconds in 0..15 {
        let (world, cloudformation, status) = cancelled_after(seconds).await;
        assert!([StackStatus::RollbackComplete, StackStatus::CreateComplete].contains(&status), "{status:?}");
        sound(&cloudformation).await;
        if status == StackStatus::RollbackComplete {
            cancelled += 1;
            assert_eq!(shapes(&world), NOTHING, "cancelled after {seconds} s");
            let delete = cloudformation.sent().pop().unwrap().request;
            assert_eq!(delete.event("", "")["PhysicalResourceId"], "licenses-Share-1ABCDEF");
        }
    }
    assert!((3..15).contains(&cancelled), "{cancelled}");
}

#[tokio::test(start_paused = true)]
async fn events_that_come_twice_and_in_another_order_end_in_the_same() {
    for seed in 0..40 {
        let world = Arc::new(World::new());
        let licenses = world.license_configurations(3);
        let cloudformation = CloudFormation::over(&world, Delivery::disordered(seed));
        let template = vec![
            share("Share", own("licenses", &licenses[..2], &[MEMBER])),
            share("Other", own("others", &licenses[2..], &[MEMBER_2])),
        ];
        let stack = cloudformation.create_stack("licenses", template.clone()).await;
        assert_eq!(stack.status(), StackStatus::CreateComplete, "seed {seed}: {:?}", stack.events());
        let mut changed = template.clone();
        changed[0] = share("Share", own("renamed", &licenses[1..2], &[MEMBER_2]));
        changed.push(refused("Refused").after("Share"));
        let ended = cloudformation.update_stack(&stack, changed).await;
        assert_eq!(ended, StackStatus::UpdateRollbackComplete, "seed {seed}: {:?}", stack.events());
        let mut live = world.live_shares();
        live.sort();
        assert_eq!(live, ["licenses", "others"], "seed {seed}");
        assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete, "seed {seed}");
        sound(&cloudformation).await;
        assert_eq!(shapes(&world), NOTHING, "seed {seed}");
    }
}

/// A stack with a share, whose members are to be swapped beside a resource that fails.
fn swapped(licenses: &[String]) -> [Template; 2] {
    [
        vec![share("Share", own("licenses", &licenses[..1], &[MEMBER]))],
        vec![share("Share", own("renamed", &licenses[1..], &[MEMBER_2])), refused("Refused").after("Share")],
    ]
}

/// What is left, after a failed update before whose rollback `meanwhile` happens.
async fn rolled_back(meanwhile: impl AsyncFnOnce(&World, &str, &[String])) -> (Vec<Shape>, String) {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(2);
    let cloudformation = over(&world);
    let [first, second] = swapped(&licenses);
    let stack = cloudformation.create_stack("licenses", first).await;
    let arn = stack.physical_id("Share");
    let ended = cloudformation
        .update_stack_then(&stack, second, async || meanwhile(&world, &arn, &licenses).await)
        .await;
    assert_eq!(ended, StackStatus::UpdateRollbackComplete, "{:?}", stack.events());
    let (left, warnings) = (shapes(&world), stack.attribute("Share", "Warnings"));
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    assert_eq!(shapes(&world), NOTHING);
    sound(&cloudformation).await;
    (left, warnings)
}

fn names_and_members(shapes: &[Shape]) -> Vec<(&str, usize)> {
    shapes.iter().map(|shape| (shape.name.as_str(), shape.members.len())).collect()
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_is_taken_back() {
    let (left, warnings) = rolled_back(async |_, _, _| {}).await;
    assert_eq!((names_and_members(&left), warnings.as_str()), (vec![("licenses", 2)], ""));
}

#[tokio::test(start_paused = true)]
async fn an_update_is_taken_back_although_a_license_configuration_was_deleted() {
    let (left, warnings) = rolled_back(async |world, _, licenses| {
        world.cloud().delete_license_configuration(&licenses[0]);
    })
    .await;
    assert_eq!(names_and_members(&left), [("licenses", 1)]);
    assert!(warnings.starts_with("left out, deleted meanwhile: "), "{warnings}");
}

#[tokio::test(start_paused = true)]
async fn an_update_is_taken_back_although_an_account_was_closed() {
    let (left, warnings) = rolled_back(async |world, _, _| {
        world.cloud().close_account(MEMBER);
    })
    .await;
    assert_eq!(names_and_members(&left), [("licenses", 1)]);
    assert!(warnings.contains(MEMBER), "{warnings}");
}

#[tokio::test(start_paused = true)]
async fn an_update_is_taken_back_although_the_share_was_deleted() {
    let (left, warnings) = rolled_back(async |world, arn, _| world.delete_by_hand(arn).await).await;
    assert_eq!(names_and_members(&left), [("licenses", 2)]);
    assert!(!warnings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_cleaned_up_late_and_one_that_is_taken_back_as_well() {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(2);
    let cloudformation = over(&world);
    let plain = own("licenses", &licenses[..1], &[MEMBER]);
    let external = with(plain.clone(), "AllowExternalPrincipals", json!(true));
    let replaced = with(external, "RetainSharingOnAccountLeaveOrganization", json!(true));
    let replaced = with(replaced, "Principals", json!([]));
    let stack = cloudformation.create_stack("licenses", vec![share("Share", plain.clone())]).await;
    let first = stack.physical_id("Share");
    let failing = vec![share("Share", replaced.clone()), refused("Refused").after("Share")];
    let ended = cloudformation.update_stack(&stack, failing).await;
    assert_eq!((ended, stack.physical_id("Share")), (StackStatus::UpdateRollbackComplete, first.clone()));
    assert_eq!(shapes(&world).len(), 1, "{:?}", shapes(&world));
    let ended = cloudformation.update_stack(&stack, vec![share("Share", replaced)]).await;
    assert_eq!(ended, StackStatus::UpdateComplete);
    assert_ne!(stack.physical_id("Share"), first);
    assert_eq!(shapes(&world).len(), 1);
    let last = cloudformation.sent().pop().unwrap().request;
    assert_eq!(last.event("", "")["PhysicalResourceId"], first.as_str());
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    assert_eq!(shapes(&world), NOTHING);
    sound(&cloudformation).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_is_tried_again() {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(1);
    let cloudformation = over(&world);
    let stack = cloudformation
        .create_stack("licenses", vec![share("Share", own("licenses", &licenses, &[MEMBER]))])
        .await;
    world.deny("DeleteResourceShare", 0);
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteFailed);
    let reason = stack.reasons("DELETE_FAILED").pop().unwrap();
    assert!(reason.contains("ram:DeleteResourceShare"), "{reason}");
    world.cloud().clear_faults();
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    assert_eq!(shapes(&world), NOTHING);
    sound(&cloudformation).await;
}

#[tokio::test(start_paused = true)]
async fn a_resource_whose_delete_fails_can_be_retained() {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(2);
    let cloudformation = over(&world);
    let template = vec![
        share("Share", own("licenses", &licenses[..1], &[MEMBER])),
        share("Other", own("others", &licenses[1..], &[MEMBER])).after("Share"),
    ];
    let stack = cloudformation.create_stack("licenses", template).await;
    world.cloud().add_fault(FaultRule {
        after_calls: 1,
        ..FaultRule::always(
            "ram",
            "DeleteResourceShare",
            FaultKind::Error {
                status: 403,
                code: "AccessDeniedException".to_owned(),
                message: "denied".to_owned(),
            },
        )
    });
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteFailed);
    let ended = cloudformation.delete_stack_retaining(&stack, &["Share"]).await;
    assert_eq!((ended, world.live_shares()), (StackStatus::DeleteComplete, vec!["licenses".to_owned()]));
    sound(&cloudformation).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_fails_can_be_continued_or_the_resource_skipped() {
    for skipped in [&[][..], &["Share"][..]] {
        let world = Arc::new(World::new());
        let licenses = world.license_configurations(2);
        let cloudformation = over(&world);
        let [first, second] = swapped(&licenses);
        let stack = cloudformation.create_stack("licenses", first).await;
        let ended = cloudformation
            .update_stack_then(&stack, second, async || world.deny("UpdateResourceShare", 0))
            .await;
        assert_eq!(ended, StackStatus::UpdateRollbackFailed, "{:?}", stack.events());
        world.cloud().clear_faults();
        let ended = cloudformation.continue_update_rollback(&stack, skipped).await;
        assert_eq!(ended, StackStatus::UpdateRollbackComplete, "{:?}", stack.events());
        let name = if skipped.is_empty() { "licenses" } else { "renamed" };
        assert_eq!(world.live_shares(), [name]);
        assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
        assert_eq!(shapes(&world), NOTHING);
        sound(&cloudformation).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_waits_longer_than_its_time_out_is_taken_back() {
    let mut settings = Settings::default();
    settings.ram.times.associate_account = Duration::from_secs(7_200);
    let world = Arc::new(World::with(settings));
    let licenses = world.license_configurations(1);
    let cloudformation = over(&world);
    for timeout in [60, 300, 3_600] {
        let properties = with(own("licenses", &licenses, &[MEMBER]), "ServiceTimeout", json!(timeout));
        let stack = cloudformation.create_stack("licenses", vec![share("Share", properties)]).await;
        assert_eq!(stack.status(), StackStatus::RollbackComplete, "{timeout}: {:?}", stack.events());
        let reason = stack.reasons("CREATE_FAILED").pop().unwrap();
        assert!(reason.contains("ASSOCIATING"), "{timeout}: {reason}");
        sound(&cloudformation).await;
        assert_eq!(shapes(&world), NOTHING, "{timeout}");
        assert_eq!(cloudformation.lambda.wait_queue.waiting(), Vec::<String>::new());
    }
    assert!(cloudformation.lambda.wait_queue.sent() > 50);
}

#[tokio::test(start_paused = true)]
async fn a_share_and_its_acceptance_in_another_accounts_stack() {
    let owner = Arc::new(World::new());
    let partner = Arc::new(owner.beside(OUTSIDER, "eu-west-1"));
    let licenses = owner.license_configurations(1);
    let [ours, theirs] = [&owner, &partner].map(over);
    let external = with(own("licenses", &licenses, &[OUTSIDER]), "AllowExternalPrincipals", json!(true));
    let stack = ours.create_stack("licenses", vec![share("Share", external)]).await;
    let accepting = Resource::new(
        "Acceptance",
        ACCEPTANCE,
        json!({
            "ResourceShareArn": stack.physical_id("Share"),
            "LicenseConfigurationArns": licenses,
        }),
    );
    let needing = share("Added", json!({ "Name": "theirs" }));
    let accepted = theirs.create_stack("partner", vec![accepting, needing.after("Acceptance")]).await;
    assert_eq!(accepted.status(), StackStatus::CreateComplete, "{:?}", accepted.events());
    assert_eq!(accepted.attribute("Acceptance", "AcceptedBy"), "Invitation");
    assert!(owner.members(&stack.physical_id("Share")).contains(OUTSIDER));
    assert_eq!(theirs.delete_stack(&accepted).await, StackStatus::DeleteComplete);
    assert!(!owner.members(&stack.physical_id("Share")).contains(OUTSIDER));
    assert_eq!(ours.delete_stack(&stack).await, StackStatus::DeleteComplete);
    for cloudformation in [&ours, &theirs] {
        sound(cloudformation).await;
    }
    assert_eq!(shapes(&owner), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_failed_and_was_taken_back_can_be_added_again() {
    let mut settings = Settings::default();
    settings.ram.times.associate_account = Duration::from_secs(7_200);
    let world = Arc::new(World::with(settings));
    let licenses = world.license_configurations(2);
    let cloudformation = over(&world);
    let other = share("Other", own("others", &licenses[1..], &[]));
    let stack = cloudformation.create_stack("licenses", vec![other.clone()]).await;
    for timeout in [60, 300, 3_600] {
        let properties = with(own("licenses", &licenses[..1], &[MEMBER]), "ServiceTimeout", json!(timeout));
        let ended =
            cloudformation.update_stack(&stack, vec![other.clone(), share("Share", properties)]).await;
        assert_eq!(ended, StackStatus::UpdateRollbackComplete, "{timeout}: {:?}", stack.events());
        let reason = stack.reasons("CREATE_FAILED").pop().unwrap();
        assert!(reason.contains("ASSOCIATING"), "{timeout}: {reason}");
        sound(&cloudformation).await;
        assert_eq!(world.live_shares(), ["others"], "{timeout}");
    }
}
