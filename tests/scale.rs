//! Shares with many members: how many calls they cost, and that no call is larger than RAM takes.

use crate::support::flows::succeeded;
use crate::support::world::{World, own};
use local_cloud::Call;
use local_cloud::ram::{FailAssociation, Times};
use serde_json::Value;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// So many accounts of the organization.
fn accounts(world: &World, count: usize) -> Vec<String> {
    let accounts: Vec<String> = (0..count).map(|n| format!("{:012}", 300_000_000_000_usize + n)).collect();
    for account in &accounts {
        assert!(world.cloud().add_account(&world.organization, None, account));
    }
    accounts
}

fn share(licenses: &[String], accounts: &[String]) -> Value {
    own("licenses", licenses, &accounts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// No call names more than RAM takes: 100 resources and 100 principals.
fn assert_small(calls: &[Call]) {
    for call in calls {
        for list in ["resourceArns", "principals", "LicenseConfigurationArns"] {
            let named = call.input[list].as_array().map_or(0, Vec::len);
            assert!(named <= 100, "{} names {named} in {list}", call.operation);
        }
    }
}

fn count(world: &World, mark: usize, operation: &str) -> usize {
    world.operations_since(mark).iter().filter(|called| *called == operation).count()
}

/// The moments at which members were looked at since `mark`, and how many calls that took, lists that only say whether
/// RAM is still at work apart from whole ones.
fn looks(world: &World, mark: usize) -> Vec<(Duration, usize, usize)> {
    let mut looks: Vec<(Duration, usize, usize)> = Vec::new();
    let calls = world.calls_since(mark);
    for call in calls.iter().filter(|call| call.operation == "GetResourceShareAssociations") {
        let narrow = ["associationStatus", "principal", "resourceArn"]
            .iter()
            .any(|name| call.input[*name].is_string());
        if looks.last().is_none_or(|(at, ..)| *at != call.at) {
            looks.push((call.at, 0, 0));
        }
        let last = looks.last_mut().unwrap();
        last.1 += usize::from(narrow);
        last.2 += usize::from(!narrow);
    }
    looks
}

#[tokio::test(start_paused = true)]
async fn twenty_five_license_configurations_and_a_thousand_principals_are_one_share() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(25), accounts(&world, 1_000));
    let mark = world.mark();
    let created = succeeded(world.create("Share", share(&licenses, &accounts)).await);
    assert_eq!(world.members(created.physical_id()).len(), 1_025);
    assert!(world.written_since(mark).len() <= 11, "{:?}", world.written_since(mark));
    assert_small(&world.calls_since(mark));
    let mark = world.mark();
    let updated = world.update(created.physical_id(), "Share", share(&licenses, &accounts[..999])).await;
    succeeded(updated);
    assert_eq!(world.written_since(mark), ["DisassociateResourceShare"]);
    succeeded(world.delete(created.physical_id(), "Share").await);
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_and_fifty_license_configurations_are_one_share() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(150), accounts(&world, 2));
    let mark = world.mark();
    let created = succeeded(world.create("Share", share(&licenses, &accounts)).await);
    assert_eq!(world.members(created.physical_id()).len(), 152);
    assert_eq!(world.written_since(mark), ["CreateResourceShare", "AssociateResourceShare"]);
    assert_small(&world.calls_since(mark));
    let mark = world.mark();
    succeeded(world.update(created.physical_id(), "Share", share(&licenses[..20], &accounts)).await);
    assert_eq!(world.written_since(mark), ["DisassociateResourceShare"; 2]);
    assert_small(&world.calls_since(mark));
    assert_eq!(world.members(created.physical_id()).len(), 22);
}

#[tokio::test(start_paused = true)]
async fn five_thousand_principals_cost_fifty_one_writes_and_one_more_of_them_two_calls() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(25), accounts(&world, 5_000));
    let mark = world.mark();
    let created = succeeded(world.create("Share", share(&licenses, &accounts[..4_999])).await);
    assert_eq!(world.members(created.physical_id()).len(), 5_024);
    assert!(world.written_since(mark).len() <= 51, "{}", world.written_since(mark).len());
    assert_small(&world.calls_since(mark));
    let arn = created.physical_id();
    let mark = world.mark();
    succeeded(world.update(arn, "Share", share(&licenses, &accounts[..4_999])).await);
    let reads = world.operations_since(mark).len();
    for wanted in [&accounts[..], &accounts[1..]] {
        let mark = world.mark();
        succeeded(world.update(arn, "Share", share(&licenses, wanted)).await);
        assert_eq!(world.operations_since(mark).len(), reads + 2);
        assert_eq!(world.members(arn).len(), 25 + wanted.len());
    }
    let mark = world.mark();
    succeeded(world.delete(arn, "Share").await);
    assert_eq!(world.operations_since(mark).len(), 3);
}

/// While RAM is at work, a look costs a call for each kind; the share is read whole once, at the end.
#[tokio::test(start_paused = true)]
async fn a_look_at_a_large_share_costs_at_most_two_calls_until_it_has_settled() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(25), accounts(&world, 1_200));
    let slow = Times { associate_resource: 5 * SECOND, associate_account: 20 * SECOND, ..Times::default() };
    world.cloud().change_settings(|settings| settings.ram.times = slow);
    let mark = world.mark();
    succeeded(world.create("Share", share(&licenses, &accounts)).await);
    let looks = looks(&world, mark);
    let (last, further) = looks.split_last().unwrap();
    assert!(further.len() >= 5, "{looks:?}");
    assert!(further.iter().all(|(_, narrow, whole)| narrow + whole <= 2), "{looks:?}");
    assert_eq!((last.1, last.2), (1, 3), "{looks:?}");
    assert_eq!(
        count(&world, mark, "CreateResourceShare") + count(&world, mark, "AssociateResourceShare"),
        12
    );
}

#[tokio::test(start_paused = true)]
async fn looks_at_removals_from_a_large_share_cost_no_more() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(1), accounts(&world, 1_200));
    let created = succeeded(world.create("Share", share(&licenses, &accounts)).await);
    world.cloud().change_settings(|settings| settings.ram.times.disassociate_principal = 10 * SECOND);
    let mark = world.mark();
    succeeded(world.update(created.physical_id(), "Share", share(&licenses, &accounts[600..])).await);
    let looks = looks(&world, mark);
    let further = looks.get(1..looks.len() - 1).unwrap();
    assert!(further.len() >= 3, "{looks:?}");
    assert!(further.iter().all(|(_, narrow, whole)| narrow + whole <= 2), "{looks:?}");
    assert_eq!(world.members(created.physical_id()).len(), 601);
}

/// Another's member that never settles must not keep a request waiting for its own, which have.
#[tokio::test(start_paused = true)]
async fn a_member_of_somebody_else_that_hangs_keeps_nobody_waiting() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(2), accounts(&world, 703));
    let theirs = succeeded(world.create("Theirs", share(&licenses[..1], &accounts[..600])).await);
    world.cloud().change_settings(|settings| settings.ram.times.associate_account = 10_000 * SECOND);
    let hanging = share(&licenses[..1], &accounts[..601]);
    assert!(!world.update(theirs.physical_id(), "Theirs", hanging).await.is_success());
    world.cloud().change_settings(|settings| settings.ram.times.associate_account = SECOND);
    let names: Vec<&str> = accounts[601..].iter().map(String::as_str).collect();
    let properties = crate::support::world::attached(theirs.physical_id(), &licenses[1..], &names);
    succeeded(world.create("Added", properties).await);
}

/// The Reason names some, says how many more there are, and fits.
#[tokio::test(start_paused = true)]
async fn a_thousand_failed_members_are_told_in_one_reason() {
    let world = World::new();
    let accounts = accounts(&world, 1_000);
    let words = "This is a long message of AWS RAM about an account that cannot be reached. ".repeat(5);
    world.cloud().fail_association(FailAssociation::of("*", words));
    let created = world.create("Share", share(&[], &accounts)).await;
    assert!(!created.is_success());
    assert!(created.reason().contains(&accounts[0]), "{}", created.reason());
    assert!(created.reason().contains("and 980 more. Put right"), "{}", created.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// What requests that were overtaken had on record is of use for as long as Lambda may deliver them, six hours.
#[tokio::test(start_paused = true)]
async fn a_large_share_can_be_updated_although_requests_of_it_were_overtaken_hours_before() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(1), accounts(&world, 5_000));
    let created = succeeded(world.create("Share", share(&licenses, &accounts)).await);
    let arn = created.physical_id();
    world.cloud().change_settings(|settings| settings.ram.times.disassociate_principal = 10 * SECOND);
    for _ in 0..3 {
        world.later().await;
        let fewer = world.event("Update", Some(arn), "Share", share(&licenses, &accounts[1..]));
        tokio::time::timeout(3 * SECOND, world.deliver(&fewer)).await.unwrap_err();
        succeeded(world.update(arn, "Share", share(&licenses, &accounts)).await);
        tokio::time::advance(7 * 3_600 * SECOND).await;
    }
    succeeded(world.update(arn, "Share", share(&licenses, &accounts[1..])).await);
}

/// Accounts of the organization that need no invitation, in a share that would send some: twenty a call, as many calls as
/// it takes, and more than one plan.
#[tokio::test(start_paused = true)]
async fn two_thousand_accounts_that_might_have_to_be_invited_cost_a_call_for_twenty() {
    let world = World::new();
    let (licenses, accounts) = (world.license_configurations(25), accounts(&world, 2_000));
    let mut properties = share(&licenses, &accounts);
    properties["AllowExternalPrincipals"] = true.into();
    let mark = world.mark();
    let created = succeeded(world.create("Share", properties).await);
    assert_eq!(world.members(created.physical_id()).len(), 2_025);
    assert_eq!(world.written_since(mark).len(), 100);
    let reads = world.operations_since(mark).len() - 100;
    assert!(reads <= 20, "{reads}");
    assert_small(&world.calls_since(mark));
}
