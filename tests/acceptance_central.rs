//! A central provider that accepts in the stack's account through a role of that account.

use crate::support::acceptance::{Foreign, OUTSIDE_STACK, ROLE, of_acceptance};
use crate::support::console::{BARE, ByHand};
use crate::support::flows::succeeded;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, OUTSIDER, World, with};
use expect_test::expect;
use local_cloud::Settings;
use local_cloud::sts::Role;
use serde_json::{Value, json};
use std::time::Duration;

const EXTERNAL_ID: &str = "license-manager-provider:999900001111";

/// A world whose callers are sessions of a role, and where only known roles can be assumed.
fn world() -> World {
    let mut settings = Settings::default();
    settings.sts.strict = true;
    settings.sts.caller_role = Some("license-manager-provider".to_owned());
    World::with(settings)
}

fn trusting(external_id: &str) -> Role {
    Role {
        arn: ROLE.to_owned(),
        trusted_accounts: vec![ACCOUNT.to_owned()],
        external_id: Some(external_id.to_owned()),
        ..Role::default()
    }
}

/// The provider's account shares with the outside one.
async fn shared(world: &World) -> Foreign {
    let licenses = world.license_configurations(1);
    let by_hand = ByHand { external: true, resources: &licenses, principals: &[OUTSIDER], ..BARE };
    Foreign { arn: world.share_by_hand(by_hand).await, licenses }
}

fn through(share: &Foreign) -> Value {
    with(share.listed(), "RoleArn", json!(ROLE))
}

#[tokio::test(start_paused = true)]
async fn a_role_of_the_stack_s_account_accepts_within_seven_calls_and_leaves() {
    let world = world();
    world.cloud().sts().register_role(trusting(EXTERNAL_ID));
    let share = shared(&world).await;
    let mark = world.mark();
    let created = succeeded(world.partner("Create", None, through(&share)).await);
    let calls = world.calls_since(mark);
    assert!(calls.len() <= 7, "{calls:#?}");
    assert_eq!(created.physical_id(), share.id_in(OUTSIDER));
    assert_eq!(created.attribute("AcceptedBy"), "Invitation");
    assert!(world.is_in(&share, OUTSIDER));
    let assumed: Vec<_> = calls.iter().filter(|call| call.operation == "AssumeRole").collect();
    assert_eq!(assumed.len(), 1);
    let sent = assumed[0].input.to_string();
    assert!(sent.contains("license-manager-provider-partner") && sent.contains(EXTERNAL_ID), "{sent}");
    let mark = world.mark();
    succeeded(world.partner("Delete", Some(created.physical_id()), json!({})).await);
    assert_eq!(world.operations_since(mark), ["AssumeRole", "DisassociateResourceShare"]);
    assert!(!world.is_in(&share, OUTSIDER));
}

#[tokio::test(start_paused = true)]
async fn a_trust_policy_that_lacks_the_provider_is_named_with_the_statement_to_add() {
    let world = world();
    world.cloud().sts().register_role(trusting("license-manager-provider:000000000000"));
    let share = shared(&world).await;
    let answer = world.partner("Create", None, through(&share)).await;
    expect![[r#"creating license share acceptance (Acceptance): looking at what is there: STS refused AssumeRole, which needs sts:AssumeRole: User: arn:aws:sts::111122223333:assumed-role/license-manager-provider/local-cloud is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::999900001111:role/license-share-acceptance (AccessDenied). Either there is no role arn:aws:iam::999900001111:role/license-share-acceptance, or its trust policy does not let the provider in, or the provider's own role may not do sts:AssumeRole on it. The trust policy needs this statement: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/license-manager-provider"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"license-manager-provider:999900001111"}}}"#]].assert_eq(without_trailer(answer.reason()));
    succeeded(world.partner("Delete", Some(answer.physical_id()), json!({})).await);
    assert!(!world.is_in(&share, OUTSIDER));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_the_stack_made_a_moment_ago_is_asked_for_again_until_sts_knows_it() {
    let world = world();
    let share = shared(&world).await;
    let comes = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        world.cloud().sts().register_role(trusting(EXTERNAL_ID));
    };
    let (created, ()) = tokio::join!(world.partner("Create", None, through(&share)), comes);
    assert_eq!(succeeded(created).attribute("AcceptedBy"), "Invitation");
    assert!(world.is_in(&share, OUTSIDER));
    let refused = world.operations_since(0).iter().filter(|operation| *operation == "AssumeRole").count() - 1;
    assert!((3..=5).contains(&refused), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn without_a_role_nothing_is_done_in_another_account() {
    let world = world();
    let share = shared(&world).await;
    let mark = world.mark();
    let answer = world.partner("Create", None, share.listed()).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("Set RoleArn to a role of account 999900001111"), "{}", answer.reason());
    assert_eq!(world.calls_since(mark).len(), 0);
    succeeded(world.partner("Delete", Some(&share.id_in(OUTSIDER)), json!({})).await);
    assert_eq!(world.calls_since(mark).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_role_of_another_account_is_refused() {
    let world = world();
    let share = shared(&world).await;
    let mark = world.mark();
    let other = with(share.listed(), "RoleArn", json!("arn:aws:iam::111122223333:role/admin"));
    let answer = world.partner("Create", None, other).await;
    assert!(answer.reason().contains("give a role of the stack's own account"), "{}", answer.reason());
    assert_eq!(world.calls_since(mark).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delete_succeeds_where_the_role_is_gone() {
    let world = world();
    world.cloud().sts().register_role(trusting(EXTERNAL_ID));
    let share = shared(&world).await;
    let created = succeeded(world.partner("Create", None, through(&share)).await);
    world.cloud().sts().register_role(trusting("nobody"));
    succeeded(world.partner("Delete", Some(created.physical_id()), json!({})).await);
    assert!(world.is_in(&share, OUTSIDER));
}

/// In a stack that holds the role too, the role's policy goes before the role.
#[tokio::test(start_paused = true)]
async fn a_delete_succeeds_where_the_role_has_lost_its_policy() {
    let world = world();
    world.cloud().sts().register_role(trusting(EXTERNAL_ID));
    let share = shared(&world).await;
    let created = succeeded(world.partner("Create", None, through(&share)).await);
    world.cloud().sts().register_role(Role { permissions: Some(Vec::new()), ..trusting(EXTERNAL_ID) });
    let mark = world.mark();
    succeeded(world.partner("Delete", Some(created.physical_id()), json!({})).await);
    assert_eq!(world.operations_since(mark), ["AssumeRole", "DisassociateResourceShare"]);
    assert!(world.is_in(&share, OUTSIDER));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_to_a_role_that_is_gone_succeeds_with_a_warning() {
    let world = world();
    world.cloud().sts().register_role(trusting(EXTERNAL_ID));
    let share = shared(&world).await;
    let before = through(&share);
    let created = succeeded(world.partner("Create", None, before.clone()).await);
    let retained = with(before.clone(), "OnDelete", json!("Retain"));
    succeeded(world.partner("Update", Some(created.physical_id()), retained).await);
    world.cloud().sts().register_role(trusting("nobody"));
    let back = succeeded(world.partner("Update", Some(created.physical_id()), before).await);
    assert!(back.attribute("Warnings").contains("nothing was changed"), "{}", back.attribute("Warnings"));
    let forward = with(through(&share), "Revision", json!("other"));
    assert!(!world.partner("Update", Some(created.physical_id()), forward).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_not_trusted_is_turned_away() {
    let world = world();
    let share = shared(&world).await;
    let mark = world.mark();
    let event = of_acceptance(world.event_of(OUTSIDE_STACK, "Create", None, "Acceptance", through(&share)));
    let answer = world.answer(&event).await;
    assert!(answer.reason().contains("are not served"), "{}", answer.reason());
    assert_eq!(world.calls_since(mark).len(), 0);
}
