//! Stack sets: the same template in many accounts at once.

use crate::support::acceptance::ACCEPTANCE;
use crate::support::cloudformation::function::{Function, InProcess};
use crate::support::cloudformation::lambda::{Delivery, Lambda};
use crate::support::cloudformation::messages::Sender;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::{Stack, StackStatus};
use crate::support::cloudformation::stack_set::ConcurrencyMode::{
    SoftFailureTolerance, StrictFailureTolerance,
};
use crate::support::cloudformation::stack_set::{
    Instance, Preferences, Target, create_instances, delete_instances,
};
use crate::support::cloudformation::template::{Resource, Template};
use crate::support::world::{ACCOUNT, MEMBER, REGION, World, own, with};
use local_cloud::sts::Role;
use local_cloud::throttle::ThrottleRule;
use provider::config::Trusted;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const ALL: Preferences = Preferences { at_once: 100, tolerated: 0, mode: SoftFailureTolerance };

fn accounts(count: u64) -> Vec<String> {
    (0..count).map(|n| (700_000_000_000 + n).to_string()).collect()
}

/// A share of the usual account with all these, which do not belong to its organization.
fn owners(world: &World, accounts: &[String]) -> Template {
    let principals: Vec<&str> = accounts.iter().map(String::as_str).collect();
    let licenses = world.license_configurations(1);
    let properties = with(own("partners", &licenses, &principals), "AllowExternalPrincipals", json!(true));
    vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)]
}

fn accepting(share: &str) -> Template {
    vec![Resource::new("Acceptance", ACCEPTANCE, json!({ "ResourceShareArn": share }))]
}

/// The share that the owner's stack is making.
async fn being_made(world: &World) -> String {
    loop {
        if let Some(share) = world.cloud().shares().last() {
            return share.arn.clone();
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn accepted(world: &World, share: &str, accounts: &[String]) -> usize {
    let members = world.members(share);
    accounts.iter().filter(|account| members.contains(*account)).count()
}

async fn all_sound<'a>(all: impl IntoIterator<Item = &'a CloudFormation>) {
    for cloudformation in all {
        assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
    }
}

fn all_current(instances: &[Instance]) {
    let events = |instance: &Instance| format!("{:?}", instance.stack().map(Stack::events));
    let failed: Vec<String> = instances.iter().filter(|one| !one.is_current()).map(events).collect();
    assert_eq!(failed, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_accounts_accept_by_a_stack_set_while_the_owners_stack_invites_them_twenty_at_a_time() {
    let owner = Arc::new(World::new());
    let accounts = accounts(100);
    let ours = CloudFormation::over(&owner, Delivery::default());
    let template = owners(&owner, &accounts);
    let accept = async {
        let share = being_made(&owner).await;
        let target = |account: &String| {
            let partner = Arc::new(owner.beside(account, REGION));
            let cloudformation = CloudFormation::over(&partner, Delivery::default());
            Target { cloudformation, template: accepting(&share) }
        };
        let targets: Vec<Target> = accounts.iter().map(target).collect();
        let instances = create_instances("partners", &targets, ALL).await;
        (targets, instances)
    };
    let (stack, (targets, instances)) = tokio::join!(ours.create_stack("licenses", template), accept);
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
    all_current(&instances);
    let share = stack.physical_id("Share");
    assert_eq!(accepted(&owner, &share, &accounts), 100);
    let deleted = delete_instances(&targets, &instances, 100).await;
    assert_eq!(deleted, vec![StackStatus::DeleteComplete; 100]);
    assert_eq!(accepted(&owner, &share, &accounts), 0);
    assert_eq!(ours.delete_stack(&stack).await, StackStatus::DeleteComplete);
    assert_eq!(owner.live_shares(), Vec::<String>::new());
    all_sound(targets.iter().map(|target| &target.cloudformation).chain([&ours])).await;
}

/// One provider for the stacks of all accounts.
fn central(world: &Arc<World>) -> Arc<Lambda> {
    let function = |queue: Sender| -> Arc<dyn Function> {
        let queue = Arc::new(queue);
        Arc::new(InProcess::new(world, move |world| world.central().with_queue(queue.clone())))
    };
    let rescue = InProcess::new(world, |world| world.rescue(&[], |config| config.trusted = Trusted::Anyone));
    Lambda::deployed(world.place(), function, Arc::new(rescue), Delivery::default())
}

fn role_of(world: &World, account: &str) -> String {
    let arn = format!("arn:aws:iam::{account}:role/license-share-acceptance");
    world.cloud().sts().register_role(Role {
        arn: arn.clone(),
        trusted_accounts: vec![ACCOUNT.to_owned()],
        external_id: Some(format!("license-manager-provider:{account}")),
        ..Role::default()
    });
    arn
}

#[tokio::test(start_paused = true)]
async fn a_hundred_stacks_of_as_many_accounts_use_one_central_provider_at_once() {
    let owner = Arc::new(World::new());
    let (accounts, lambda) = (accounts(100), central(&owner));
    let ours = CloudFormation::of(&owner, lambda.clone());
    let template = owners(&owner, &accounts);
    let accept = async {
        let share = being_made(&owner).await;
        let target = |account: &String| {
            let cloudformation = CloudFormation::of(&owner, lambda.clone()).with_stacks_of(account);
            let mut template = accepting(&share);
            template[0].properties["RoleArn"] = role_of(&owner, account).into();
            Target { cloudformation, template }
        };
        let targets: Vec<Target> = accounts.iter().map(target).collect();
        let instances = create_instances("partners", &targets, ALL).await;
        (targets, instances)
    };
    let (stack, (targets, instances)) = tokio::join!(ours.create_stack("licenses", template), accept);
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
    all_current(&instances);
    let share = stack.physical_id("Share");
    assert_eq!(accepted(&owner, &share, &accounts), 100);
    let deleted = delete_instances(&targets, &instances, 100).await;
    assert_eq!(deleted, vec![StackStatus::DeleteComplete; 100]);
    assert_eq!(accepted(&owner, &share, &accounts), 0);
    assert_eq!(ours.delete_stack(&stack).await, StackStatus::DeleteComplete);
    all_sound(targets.iter().map(|target| &target.cloudformation).chain([&ours])).await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_stacks_with_own_shares_at_once_against_ram_that_throttles() {
    let world = Arc::new(World::new());
    let rule =
        ThrottleRule { service: "ram".to_owned(), operation: "*".to_owned(), per_second: 5.0, burst: 5.0 };
    world.cloud().add_throttle(rule);
    let licenses = world.license_configurations(1);
    let template = |n: usize| {
        let properties = own(&format!("share-{n}"), &licenses, &[MEMBER]);
        vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)]
    };
    let lambda = CloudFormation::over(&world, Delivery::default()).lambda;
    let target = |n: usize| Target {
        cloudformation: CloudFormation::of(&world, lambda.clone()),
        template: template(n),
    };
    let targets: Vec<Target> = (0..100).map(target).collect();
    let instances = create_instances("shares", &targets, ALL).await;
    all_current(&instances);
    assert_eq!(world.live_shares().len(), 100);
    let deleted = delete_instances(&targets, &instances, 100).await;
    assert_eq!(deleted, vec![StackStatus::DeleteComplete; 100]);
    assert_eq!(world.live_shares(), Vec::<String>::new());
    all_sound(targets.iter().map(|target| &target.cloudformation)).await;
}

/// Twelve accounts, of which every third one from the second on cannot have its share. What becomes of them, and the
/// shares that are there in the end.
async fn every_third_fails(how: Preferences) -> (Vec<Option<StackStatus>>, usize) {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(1);
    let target = |n: usize| {
        let principal = if n % 3 == 1 { "12345" } else { MEMBER };
        let properties = own(&format!("share-{n}"), &licenses, &[principal]);
        let template = vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)];
        Target { cloudformation: CloudFormation::over(&world, Delivery::default()), template }
    };
    let targets: Vec<Target> = (0..12).map(target).collect();
    let instances = create_instances("shares", &targets, how).await;
    all_sound(targets.iter().map(|target| &target.cloudformation)).await;
    let told = instances.iter().map(|one| one.stack().map(Stack::status)).collect();
    (told, world.live_shares().len())
}

const MADE: Option<StackStatus> = Some(StackStatus::CreateComplete);
const FAILED: Option<StackStatus> = Some(StackStatus::RollbackComplete);

#[tokio::test(start_paused = true)]
async fn more_failures_than_are_tolerated_end_the_operation_and_leave_nothing_in_the_accounts_that_failed() {
    let how = Preferences { at_once: 1, tolerated: 1, mode: StrictFailureTolerance };
    let (told, shares) = every_third_fails(how).await;
    assert_eq!(told[..6], [MADE, FAILED, MADE, MADE, FAILED, None]);
    assert_eq!((&told[5..], shares), (&[None; 7][..], 3));
}

#[tokio::test(start_paused = true)]
async fn of_several_accounts_at_once_no_more_fail_than_are_tolerated_and_one_where_that_is_strict() {
    for (at_once, tolerated) in [(2, 1), (4, 1), (3, 2), (12, 2), (12, 0)] {
        let how = Preferences { at_once, tolerated, mode: StrictFailureTolerance };
        let (told, shares) = every_third_fails(how).await;
        let count = |status| told.iter().filter(|one| **one == status).count();
        assert_eq!(count(FAILED), tolerated + 1, "{how:?}: {told:?}");
        assert!(count(None) > 0, "{how:?}: {told:?}");
        assert_eq!(count(MADE), shares, "{how:?}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_accounts_at_once_those_that_run_go_on_where_that_is_soft() {
    let how = Preferences { at_once: 12, tolerated: 0, mode: SoftFailureTolerance };
    let (told, shares) = every_third_fails(how).await;
    let all: Vec<_> = (0..12).map(|n| if n % 3 == 1 { FAILED } else { MADE }).collect();
    assert_eq!((told, shares), (all, 8));
    let how = Preferences { at_once: 3, tolerated: 1, mode: SoftFailureTolerance };
    let (told, shares) = every_third_fails(how).await;
    let count = |status| told.iter().filter(|one| **one == status).count();
    assert!(count(FAILED) > 2 && count(None) > 0, "{told:?}");
    assert_eq!(count(MADE), shares, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn as_many_failures_as_are_tolerated_end_nothing() {
    for mode in [StrictFailureTolerance, SoftFailureTolerance] {
        let (told, shares) = every_third_fails(Preferences { at_once: 6, tolerated: 4, mode }).await;
        assert!(!told.contains(&None), "{told:?}");
        assert_eq!((told.iter().filter(|one| **one == FAILED).count(), shares), (4, 8));
    }
}
