//! Plans as data: what is wanted, on record and there, to the steps or the refusal.

use super::plan;
use crate::domain::LicenseConfigurationStatus;
use crate::domain::{
    AccountId, Association, AssociationStatus, Home, LicenseConfiguration, Member, Share, ShareStatus,
};
use crate::protocol::RequestType;
use crate::resource::config_share::desired::decode;
use crate::resource::config_share::ledger::{Former, Holding, Ledger, Origin};
use crate::resource::config_share::look::looks;
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::ownership;
use crate::resource::{Goal, Subject, Which};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b";
const A: &str = "222233334444";
const B: &str = "333344445555";

fn license(name: &str) -> String {
    format!("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-{name}")
}

fn home() -> Home {
    Home { partition: "aws".into(), region: "eu-west-1".into(), account: owner() }
}

fn owner() -> AccountId {
    "111122223333".parse().unwrap()
}

fn subject(request_type: RequestType) -> Subject {
    Subject {
        stack_id: "stack".into(),
        logical_id: "Share".into(),
        request_id: "now".into(),
        request_type,
        physical_id: (request_type != RequestType::Create).then(|| SHARE.to_owned()),
        home: home(),
        now: std::time::UNIX_EPOCH,
    }
}

/// A share of this resource's own, as it is after its Create.
fn share() -> Share {
    let tags = ownership::tags(
        &Subject { request_id: "created".into(), ..subject(RequestType::Create) },
        &Origin::Made { retain_sharing: false },
    );
    Share {
        arn: SHARE.parse().unwrap(),
        name: "licenses".into(),
        owner: owner(),
        status: ShareStatus::Active,
        status_message: None,
        allow_external_principals: false,
        retain_sharing: false,
        tags,
        updated: None,
    }
}

fn holding(origin: Origin, added: &[&str]) -> Holding {
    let mut holding = Holding::begun("created", Some(&share().arn), origin);
    holding.add("created", added.iter().copied());
    holding.answered = true;
    holding
}

fn made(added: &[&str]) -> Ledger {
    Ledger { holdings: vec![holding(Origin::Made { retain_sharing: false }, added)] }
}

fn member(id: &str) -> Member {
    crate::resource::config_share::ledger::as_member(id)
}

/// What is there: a share with these members, ASSOCIATED, and the license configurations `a` to `d`.
fn seen(members: &[&str]) -> Observed {
    let mut seen = Observed { share: Some(share()), ..Observed::default() };
    seen.take_in(members.iter().map(|id| association(id, AssociationStatus::Associated)));
    for name in ["a", "b", "c", "d"] {
        let arn: crate::domain::LicenseConfigurationArn = license(name).parse().unwrap();
        let status = LicenseConfigurationStatus::Available;
        let found =
            LicenseConfiguration { arn: arn.clone(), name: name.into(), owner: Some(owner()), status };
        seen.license_configurations.insert(arn, found);
    }
    seen
}

fn association(id: &str, status: AssociationStatus) -> Association {
    Association { member: member(id), status, external: false, message: None, updated: None }
}

fn own(licenses: &[&str], principals: &[&str]) -> Value {
    let licenses: Vec<String> = licenses.iter().map(|name| license(name)).collect();
    json!({"Name": "licenses", "LicenseConfigurationArns": licenses, "Principals": principals})
}

fn attachment(licenses: &[&str]) -> Value {
    let licenses: Vec<String> = licenses.iter().map(|name| license(name)).collect();
    json!({"ResourceShareArn": SHARE, "LicenseConfigurationArns": licenses})
}

fn wanted(properties: &Value, is_return: bool) -> Goal<crate::resource::config_share::Desired> {
    let decoded = decode(properties, &home());
    assert_eq!(decoded.errors, []);
    Goal::Present { desired: decoded.desired.unwrap(), is_return, outstanding: None }
}

/// The plan's steps, warnings and the members on record afterwards; or the refusal.
#[track_caller]
fn check(
    subject: &Subject,
    goal: &Goal<crate::resource::config_share::Desired>,
    ledger: &Ledger,
    seen: &Observed,
    expected: Expect,
) {
    let look = looks(subject, goal, ledger).into_iter().next().expect("a look");
    let text = match plan(subject, goal, ledger, &look, seen) {
        Ok(plan) => {
            let warnings: Vec<String> =
                plan.warnings.iter().map(|warning| format!("\nwarning: {warning}")).collect();
            let warnings = warnings.concat();
            let plan = format!("{plan}{warnings}");
            plan.replace("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:", "")
                .replace(SHARE, "SHARE")
        }
        Err(refusal) => format!("refused: {refusal}")
            .replace("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:", "")
            .replace(SHARE, "SHARE"),
    };
    expected.assert_eq(&text);
}

fn update(properties: &Value, ledger: &Ledger, seen: &Observed, expected: Expect) {
    check(&subject(RequestType::Update), &wanted(properties, false), ledger, seen, expected);
}

#[test]
fn a_new_share_is_made_with_its_members_and_waited_for() {
    let seen = Observed { share: None, members: BTreeMap::new(), ..seen(&[]) };
    check(
        &subject(RequestType::Create),
        &wanted(&own(&["a"], &[A]), false),
        &Ledger::default(),
        &seen,
        expect![[r#"
            create share `licenses` (external principals not allowed) with lic-a, 222233334444
            wait until associated: lic-a, 222233334444"#]],
    );
}

#[test]
fn what_a_share_that_is_being_deleted_still_lists_is_not_in_the_one_that_takes_its_place() {
    const OUTSIDER: &str = "999900001111";
    let mut there = seen(&[OUTSIDER]);
    there.share = Some(Share { status: ShareStatus::Deleting, ..share() });
    let mut properties = own(&[], &[OUTSIDER]);
    properties["AllowExternalPrincipals"] = json!(true);
    properties["WaitForAcceptance"] = json!(true);
    update(
        &properties,
        &made(&[OUTSIDER]),
        &there,
        expect![[r#"
            create share `licenses` (external principals allowed) with 999900001111
            wait until associated: 999900001111
            wait until accepted: 999900001111
            warning: resource share SHARE was gone and has been made anew"#]],
    );
}

#[test]
fn what_is_there_already_needs_no_step() {
    let (a, b) = (license("a"), license("b"));
    update(&own(&["b", "a"], &[A]), &made(&[&a, &b, A]), &seen(&[&a, &b, A]), expect!["nothing to do"]);
}

#[test]
fn where_one_kind_changes_additions_are_in_effect_before_removals() {
    let a = license("a");
    update(
        &own(&["b"], &[A]),
        &made(&[&a, A]),
        &seen(&[&a, A]),
        expect![[r#"
            read other records once more, to remove lic-a
            associate lic-b
            wait until associated: lic-b
            disassociate lic-a
            wait until gone: lic-a"#]],
    );
    update(
        &own(&["a", "b"], &[A, B]),
        &made(&[&a]),
        &seen(&[&a]),
        expect![[r#"
            associate lic-b, 222233334444, 333344445555
            wait until associated: lic-b, 222233334444, 333344445555"#]],
    );
}

#[test]
fn where_both_kinds_change_no_new_principal_sees_an_old_license_configuration() {
    let a = license("a");
    update(
        &own(&["b"], &[B]),
        &made(&[&a, A]),
        &seen(&[&a, A]),
        expect![[r#"
            read other records once more, to remove lic-a, 222233334444
            disassociate lic-a
            wait until gone: lic-a
            disassociate 222233334444
            wait until gone: 222233334444
            associate 333344445555
            associate lic-b
            wait until associated: lic-b, 333344445555"#]],
    );
}

#[test]
fn external_principals_are_allowed_before_additions_and_forbidden_after_removals() {
    let a = license("a");
    let mut open = own(&["a"], &[A, B]);
    open["AllowExternalPrincipals"] = json!(true);
    update(
        &open,
        &made(&[&a, A]),
        &seen(&[&a, A]),
        expect![[r#"
            configure share: external principals allowed
            associate, perhaps by invitation: 333344445555
            wait until associated: 333344445555"#]],
    );
    let mut was_open = seen(&[&a, A, B]);
    was_open.share = Some(Share { allow_external_principals: true, ..share() });
    update(
        &own(&["a"], &[A]),
        &made(&[&a, A, B]),
        &was_open,
        expect![[r#"
            read other records once more, to remove 333344445555
            disassociate 333344445555
            wait until gone: 333344445555
            configure share: external principals not allowed"#]],
    );
}

#[test]
fn members_of_others_stay_unless_membership_is_exclusive() {
    let (a, d) = (license("a"), license("d"));
    let there = seen(&[&a, &d, A, B]);
    update(&own(&["a"], &[A]), &made(&[&a, A]), &there, expect!["nothing to do"]);
    let mut exclusive = own(&["a"], &[A]);
    exclusive["ExclusiveMembership"] = json!(true);
    update(
        &exclusive,
        &made(&[&a, A]),
        &there,
        expect![[r#"
            read other records once more, to remove lic-d, 333344445555
            disassociate lic-d, 333344445555
            wait until gone: lic-d, 333344445555
            warning: removed by ExclusiveMembership: lic-d, 333344445555"#]],
    );
    let spared = Observed { named_elsewhere: [B.to_owned()].into(), ..there };
    update(
        &exclusive,
        &made(&[&a, A]),
        &spared,
        expect![[r#"
            read other records once more, to remove lic-d
            disassociate lic-d
            wait until gone: lic-d
            warning: removed by ExclusiveMembership: lic-d"#]],
    );
}

#[test]
fn a_missing_license_configuration_is_refused_and_left_out_of_a_return() {
    let mut there = seen(&[A]);
    there.license_configurations.remove(&license("b").parse().unwrap());
    let goal = |is_return| wanted(&own(&["b"], &[A]), is_return);
    let update = subject(RequestType::Update);
    check(
        &update,
        &goal(false),
        &made(&[A]),
        &there,
        expect![
            "refused: License Manager has no such license configuration, or has deleted it: lic-b. Nothing was changed. Check the ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first"
        ],
    );
    check(
        &update,
        &goal(true),
        &made(&[A]),
        &there,
        expect![[r#"
            nothing to do
            warning: left out, deleted meanwhile: lic-b"#]],
    );
}

#[test]
fn members_that_are_there_are_refused_for_an_attachment_or_adopted() {
    let a = license("a");
    let create = subject(RequestType::Create);
    let mut properties = attachment(&["a", "b"]);
    check(
        &create,
        &wanted(&properties, false),
        &Ledger::default(),
        &seen(&[&a]),
        expect![
            "refused: already in resource share SHARE, and not through this resource: lic-a. Nothing was changed. Leave them out, or set AdoptExisting to true: then they are left in place when this resource goes"
        ],
    );
    properties["AdoptExisting"] = json!("true");
    check(
        &create,
        &wanted(&properties, false),
        &Ledger::default(),
        &seen(&[&a]),
        expect![[r#"
            read other records once more, to count on lic-a
            associate lic-b
            wait until associated: lic-b"#]],
    );
}

#[test]
fn the_ledger_after_an_attachment_tells_added_from_adopted() {
    let (a, b) = (license("a"), license("b"));
    let mut properties = attachment(&["a", "b"]);
    properties["AdoptExisting"] = json!(true);
    let (create, goal) = (subject(RequestType::Create), wanted(&properties, false));
    let look = looks(&create, &goal, &Ledger::default()).remove(0);
    let plan = plan(&create, &goal, &Ledger::default(), &look, &seen(&[&a])).unwrap();
    let [holding] = plan.conclusion.holdings.as_slice() else { panic!("one holding") };
    assert_eq!(holding.all_added(), [b.as_str()].into());
    assert_eq!(holding.adopted, [a].into());
    assert!(holding.answered && !plan.intent.holdings[0].answered);
}

#[test]
fn delete_takes_out_what_was_added_and_nothing_else() {
    let (a, b, c) = (license("a"), license("b"), license("c"));
    let mut attached = holding(Origin::Attached, &[&a, &b]);
    attached.adopted.insert(c.clone());
    let ledger = Ledger { holdings: vec![attached] };
    let there = Observed { named_elsewhere: [b.clone()].into(), ..seen(&[&a, &b, &c, A]) };
    let goal = Goal::Absent(Which::Request("created".into()));
    check(
        &subject(RequestType::Delete),
        &goal,
        &ledger,
        &there,
        expect![[r#"
            read other records once more, to remove lic-a, to leave lic-b
            disassociate lic-a
            wait until gone: lic-a"#]],
    );
}

#[test]
fn what_is_on_its_way_since_an_earlier_delivery_is_waited_for_without_a_call() {
    let (a, b) = (license("a"), license("b"));
    let mut there = seen(&[A]);
    there.take_in([association(&a, AssociationStatus::Disassociating)]);
    there.take_in([association(&b, AssociationStatus::Associating)]);
    let expected = expect![[r#"
        read other records once more, to remove 222233334444
        wait until gone: lic-a
        associate 333344445555
        wait until associated: lic-b, 333344445555
        disassociate 222233334444
        wait until gone: 222233334444"#]];
    update(&own(&["b"], &[B]), &made(&[&a, &b, A]), &there, expected);
    let ledger = Ledger { holdings: vec![holding(Origin::Attached, &[&a])] };
    let goal = Goal::Absent(Which::Request("created".into()));
    check(&subject(RequestType::Delete), &goal, &ledger, &there, expect!["wait until gone: lic-a"]);
}

#[test]
fn delete_leaves_a_share_whose_tags_name_another_owner() {
    let goal = Goal::Absent(Which::PhysicalId(SHARE.into()));
    let delete = subject(RequestType::Delete);
    check(&delete, &goal, &made(&[]), &seen(&[]), expect!["delete share SHARE"]);
    let mut taken_over = seen(&[]);
    let mut tags = share().tags;
    tags.insert(ownership::LOGICAL_ID.into(), "Renamed".into());
    taken_over.share = Some(Share { tags, ..share() });
    check(
        &delete,
        &goal,
        &made(&[]),
        &taken_over,
        expect![[r#"
            nothing to do
            warning: resource share SHARE is left to resource Renamed of this stack, as its tags say"#]],
    );
}

#[test]
fn an_adopted_share_is_given_back_as_it_was() {
    let a = license("a");
    let former = Former {
        name: "before".into(),
        allow_external_principals: true,
        retain_sharing: false,
        tags: share().tags.into_keys().map(|key| (key, None)).collect(),
        logical_id: None,
        ..Former::default()
    };
    let ledger = Ledger { holdings: vec![holding(Origin::Adopted(former), &[&a])] };
    let goal = Goal::Absent(Which::PhysicalId(SHARE.into()));
    check(
        &subject(RequestType::Delete),
        &goal,
        &ledger,
        &seen(&[&a, A]),
        expect![[r#"
            read other records once more, to remove lic-a
            disassociate lic-a
            wait until gone: lic-a
            configure share: name `before` external principals allowed
            untag share: license-manager-provider:logical-id, license-manager-provider:origin, license-manager-provider:request-id, license-manager-provider:stack-id"#]],
    );
}

#[test]
fn a_made_share_that_is_not_seen_is_deleted_unless_another_resource_has_it() {
    let delete = subject(RequestType::Delete);
    let goal = Goal::Absent(Which::PhysicalId(SHARE.into()));
    let unseen = Observed { share: None, ..seen(&[]) };
    check(&delete, &goal, &made(&[A]), &unseen, expect!["delete share SHARE"]);
    let taken_over = Observed { is_owned_elsewhere: true, ..unseen.clone() };
    check(&delete, &goal, &made(&[A]), &taken_over, expect!["nothing to do"]);
    let adopted = Ledger { holdings: vec![holding(Origin::Adopted(Former::default()), &[A])] };
    check(&delete, &goal, &adopted, &unseen, expect!["nothing to do"]);
}

#[test]
fn nothing_is_planned_to_be_removed_from_nothing() {
    let delete = subject(RequestType::Delete);
    for which in [
        Which::PhysicalId(SHARE.into()),
        Which::Request("created".into()),
        Which::Unanswered("created".into()),
        Which::Leftovers { except: "now".into() },
    ] {
        assert_eq!(looks(&delete, &Goal::Absent(which), &Ledger::default()), []);
    }
    let deleted = Share { status: ShareStatus::Deleted, ..share() };
    let gone = Observed { share: Some(deleted), ..seen(&[]) };
    let goal = Goal::Absent(Which::PhysicalId(SHARE.into()));
    check(&delete, &goal, &made(&[A]), &gone, expect!["nothing to do"]);
}

#[test]
fn all_deliveries_of_a_request_that_see_the_same_use_the_same_token() {
    let a = license("a");
    let (update, goal) = (subject(RequestType::Update), wanted(&own(&["a", "b"], &[A]), false));
    let look = looks(&update, &goal, &made(&[&a, A])).remove(0);
    let once = plan(&update, &goal, &made(&[&a, A]), &look, &seen(&[&a, A])).unwrap();
    let again = plan(&update, &goal, &made(&[&a, A]), &look, &seen(&[&a, A])).unwrap();
    assert_eq!(once, again);
    let mut changed = seen(&[&a, A]);
    changed.take_in([association(&license("b"), AssociationStatus::Disassociated)]);
    let later = plan(&update, &goal, &made(&[&a, A]), &look, &changed).unwrap();
    assert_eq!(once.to_string(), later.to_string());
    assert_ne!(once.steps, later.steps);
}

fn partners(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|number| format!("{:012}", 900_000_000_000 + number)).collect()
}

/// A share that may go outside the organization, with one license configuration and these principals.
fn open(license: &str, principals: &[String]) -> Value {
    let mut properties = own(&[license], &principals.iter().map(String::as_str).collect::<Vec<_>>());
    properties["AllowExternalPrincipals"] = json!(true);
    properties
}

/// What is there: the license configuration, and invited accounts.
fn inviting(license: &str, invited: &[String]) -> (Ledger, Observed) {
    let mut seen = seen(&[license]);
    seen.share = Some(Share { allow_external_principals: true, ..share() });
    let associating = |id: &String| association(id, AssociationStatus::Associating);
    seen.take_in(invited.iter().map(|id| Association { external: true, ..associating(id) }));
    let added: Vec<&str> = std::iter::once(license).chain(invited.iter().map(String::as_str)).collect();
    (made(&added), seen)
}

#[test]
fn no_more_accounts_are_invited_than_there_is_room_for_and_the_others_later() {
    let a = license("a");
    let (ledger, seen) = inviting(&a, &partners(0..18));
    update(
        &open("a", &partners(0..23)),
        &ledger,
        &seen,
        expect![[r#"
            associate, perhaps by invitation: 900000000018, 900000000019
            wait for room for the invitations of 900000000020, 900000000021, 900000000022
            wait until associated: 900000000018, 900000000019, 900000000020, 900000000021, 900000000022"#]],
    );
}

#[test]
fn invited_accounts_that_are_to_go_make_room_first() {
    let a = license("a");
    let (ledger, seen) = inviting(&a, &partners(0..20));
    update(
        &open("a", &partners(18..22)),
        &ledger,
        &seen,
        expect![[r#"
            read other records once more, to remove 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 13 more
            disassociate 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 13 more
            wait until gone: 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 13 more
            associate, perhaps by invitation: 900000000020, 900000000021
            wait until associated: 900000000020, 900000000021"#]],
    );
}

/// `ExclusiveMembership`: others' invitations are in the way, too.
#[test]
fn invited_accounts_that_nobody_names_make_room_where_membership_is_exclusive() {
    let a = license("a");
    let (_, seen) = inviting(&a, &partners(0..20));
    let mut wanted = open("a", &partners(20..21));
    wanted["ExclusiveMembership"] = json!(true);
    update(
        &wanted,
        &made(&[&a]),
        &seen,
        expect![[r#"
            read other records once more, to remove 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 15 more
            disassociate 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 15 more
            wait until gone: 900000000000, 900000000001, 900000000002, 900000000003, 900000000004 and 15 more
            associate, perhaps by invitation: 900000000020
            wait until associated: 900000000020
            warning: removed by ExclusiveMembership: 900000000000, 900000000001, 900000000002, 900000000003, 900000000004, 900000000005, 900000000006, 900000000007, 900000000008, 900000000009, 900000000010, 900000000011, 900000000012, 900000000013, 900000000014, 900000000015, 900000000016, 900000000017, 900000000018, 900000000019"#]],
    );
}

#[test]
fn where_both_kinds_change_the_new_license_configuration_comes_with_the_first_accounts() {
    let a = license("a");
    let (ledger, mut seen) = inviting(&a, &partners(0..19));
    seen.take_in([association(A, AssociationStatus::Associated)]);
    let ledger =
        Ledger { holdings: vec![Holding { adopted: [A.to_owned()].into(), ..ledger.holdings[0].clone() }] };
    update(
        &open("b", &[partners(0..21), vec![A.to_owned()]].concat()),
        &ledger,
        &seen,
        expect![[r#"
            read other records once more, to remove lic-a
            disassociate lic-a
            wait until gone: lic-a
            associate, perhaps by invitation: 900000000019
            associate lic-b
            wait for room for the invitations of 900000000020
            wait until associated: lic-b, 900000000019, 900000000020"#]],
    );
}

#[test]
fn accounts_accept_when_all_else_is_done() {
    let a = license("a");
    let (ledger, seen) = inviting(&a, &partners(0..1));
    let mut wanted = open("a", &partners(0..2));
    wanted["AcceptanceRoleName"] = json!("accept");
    let before = "associate, perhaps by invitation: 900000000001\nwait until associated: 900000000001\n";
    for (wait, last) in [
        (false, "accept through role accept: 900000000000, 900000000001"),
        (true, "accept through role accept, and wait until accepted: 900000000000, 900000000001"),
    ] {
        wanted["WaitForAcceptance"] = json!(wait);
        let look = looks(&subject(RequestType::Update), &self::wanted(&wanted, false), &ledger).remove(0);
        let goal = self::wanted(&wanted, false);
        let plan = plan(&subject(RequestType::Update), &goal, &ledger, &look, &seen).unwrap();
        assert_eq!(plan.to_string(), format!("{before}{last}"));
    }
}

/// A look at a request that waits, for which these ids are outstanding.
fn looking(properties: &Value, outstanding: &[&str]) -> Goal<crate::resource::config_share::Desired> {
    let goal = wanted(properties, false);
    let Goal::Present { desired, is_return, .. } = goal else { panic!("{goal:?}") };
    let outstanding = outstanding.iter().map(ToString::to_string).collect();
    Goal::Present { desired, is_return, outstanding: Some(outstanding) }
}

#[test]
fn at_a_look_only_what_is_outstanding_is_invited_and_one_by_one_where_ram_has_refused_more() {
    let a = license("a");
    let (ledger, seen) = inviting(&a, &partners(0..2));
    let properties = open("a", &partners(0..4));
    check(
        &subject(RequestType::Update),
        &looking(&properties, &["900000000002", "900000000003", "one by one, try 3"]),
        &ledger,
        &seen,
        expect![[r#"
            associate one by one, perhaps by invitation: 900000000002, 900000000003
            wait until associated: 900000000002, 900000000003"#]],
    );
}

#[test]
fn an_account_that_is_no_longer_invited_ends_a_wait_for_its_acceptance_and_no_other() {
    let a = license("a");
    let (ledger, mut seen) = inviting(&a, &partners(0..1));
    let failed = association("900000000001", AssociationStatus::Failed);
    seen.take_in([Association { external: true, message: Some("It was rejected.".to_owned()), ..failed }]);
    let mut properties = open("a", &partners(0..3));
    check(
        &subject(RequestType::Update),
        &looking(&properties, &[]),
        &ledger,
        &seen,
        expect![
            "nothing to do\nwarning: no longer invited: rejected, expired or removed while it was waited for: 900000000001 (It was rejected), 900000000002. Find out by whom. A change of Revision, or another try, invites again"
        ],
    );
    properties["WaitForAcceptance"] = json!(true);
    check(
        &subject(RequestType::Update),
        &looking(&properties, &[]),
        &ledger,
        &seen,
        expect![
            "refused: no longer invited: rejected, expired or removed while it was waited for: 900000000001 (It was rejected), 900000000002. Find out by whom. A change of Revision, or another try, invites again"
        ],
    );
}
