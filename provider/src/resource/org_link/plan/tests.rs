//! Plans as data.

use super::*;
use crate::domain::{AccountId, Home, Organization, ServiceSettings, SettingsChange, TrustedService};
use crate::resource::Which;
use crate::resource::org_link::look::{guess, looks};
use crate::resource::org_link::observed::{Candidate, LINK_PRINCIPALS, RAM_PRINCIPAL};
use crate::resource::org_link::properties::OnDelete;
use expect_test::{Expect, expect};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ID: &str = "license-manager-org-link/111122223333/eu-west-1";
const NOON: Duration = Duration::from_secs(1_795_521_600);
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a";

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn subject(request_type: RequestType) -> Subject {
    Subject {
        stack_id: "stack".into(),
        logical_id: "Link".into(),
        request_id: "now".into(),
        request_type,
        physical_id: (request_type != RequestType::Create).then(|| ID.to_owned()),
        home: Home { partition: "aws".into(), region: "eu-west-1".into(), account: account("111122223333") },
        now: now(),
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + NOON
}

fn desired() -> Desired {
    Desired {
        inventory_search: false,
        sns_topic: None,
        s3_bucket: None,
        discovery_source_regions: BTreeSet::new(),
        ram_sharing: false,
        delegated_administrator: None,
        wait_for_share: true,
        on_delete: OnDelete::Retain,
    }
}

fn everything() -> Desired {
    Desired {
        inventory_search: true,
        sns_topic: Some(TOPIC.into()),
        s3_bucket: Some("arn:aws:s3:::aws-license-manager-service-a".into()),
        discovery_source_regions: ["us-east-1".to_owned(), "eu-west-2".to_owned()].into(),
        ram_sharing: true,
        delegated_administrator: Some(account("444455556666")),
        wait_for_share: true,
        on_delete: OnDelete::Unlink,
    }
}

/// An organization with nothing on.
fn fresh() -> Observed {
    Observed {
        settings: Some(Settings::Known(ServiceSettings::default())),
        organization: Some(Organization {
            id: "o-abcdefghij".into(),
            arn: "arn:aws:organizations::111122223333:organization/o-abcdefghij".into(),
            all_features: true,
            management_account: account("111122223333"),
        }),
        trusted: Some(Vec::new()),
        administrators: Some(Vec::new()),
        candidate: Some(Candidate::Active),
        ram_role: Some(false),
        ..Observed::default()
    }
}

fn trust(principal: &str, age: Duration) -> TrustedService {
    TrustedService { principal: principal.to_owned(), enabled_at: Some(now() - age) }
}

/// One that is linked and has License Manager's share.
fn linked() -> Observed {
    let settings = ServiceSettings {
        integration: true,
        resource_share: Some("arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b".parse().unwrap()),
        ..ServiceSettings::default()
    };
    let day = Duration::from_secs(86_400);
    Observed {
        settings: Some(Settings::Known(settings)),
        trusted: Some(LINK_PRINCIPALS.map(|principal| trust(principal, day)).to_vec()),
        ..fresh()
    }
}

fn with_settings(seen: Observed, change: impl FnOnce(&mut ServiceSettings)) -> Observed {
    let mut settings = seen.known().unwrap().clone();
    change(&mut settings);
    Observed { settings: Some(Settings::Known(settings)), ..seen }
}

/// What a Create that was answered SUCCESS left on record.
fn answered() -> Ledger {
    let link = Link {
        answered: true,
        switched_on_by: Some("created".into()),
        unlink: true,
        ..Link::begun(ID, "created")
    };
    Ledger { link: Some(link), ..Ledger::default() }
}

fn present(desired: Desired, is_return: bool) -> Goal<Desired> {
    Goal::Present { desired, is_return, outstanding: None }
}

fn planned(request: RequestType, goal: &Goal<Desired>, ledger: &Ledger, seen: &Observed) -> LinkPlan {
    plan(&subject(request), goal, ledger, &Look::default(), seen).unwrap()
}

fn shown(plan: &LinkPlan) -> String {
    let warnings = plan.warnings.iter().map(|warning| format!("! {warning}"));
    std::iter::once(plan.to_string()).chain(warnings).collect::<Vec<_>>().join("\n")
}

fn create(desired: Desired, seen: &Observed, expected: Expect) -> LinkPlan {
    let plan = planned(RequestType::Create, &present(desired, false), &Ledger::default(), seen);
    expected.assert_eq(&shown(&plan));
    plan
}

#[test]
fn a_fresh_organization_gets_only_what_is_asked_for() {
    create(
        desired(),
        &fresh(),
        expect![[r#"
        let a resource go first that is switching the same link on
        update License Manager's settings: integration true
        wait for trusted access, and enable what is missing after 60 s
        wait for License Manager's resource share"#]],
    );
    create(
        Desired { wait_for_share: false, ..desired() },
        &fresh(),
        expect![[r#"
        let a resource go first that is switching the same link on
        update License Manager's settings: integration true
        wait for trusted access, and enable what is missing after 60 s"#]],
    );
    create(
        everything(),
        &fresh(),
        expect![[r#"
            let a resource go first that is switching the same link on
            enable sharing with the organization in RAM
            update License Manager's settings: integration true, cross-account discovery true, topic arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a, bucket arn:aws:s3:::aws-license-manager-service-a, discovery source regions eu-west-2, us-east-1
            wait for trusted access, and enable what is missing after 60 s
            read the settings back
            wait for License Manager's resource share
            register delegated administrator 444455556666"#]],
    );
}

#[test]
fn what_is_there_is_not_asked_for_again() {
    let there = with_settings(linked(), |settings| {
        settings.cross_account_discovery = true;
        settings.sns_topic = Some(TOPIC.into());
        settings.s3_bucket = Some("arn:aws:s3:::aws-license-manager-service-a".into());
        settings.discovery_source_regions = vec!["us-east-1".into(), "eu-west-2".into()];
    });
    let day = Duration::from_secs(86_400);
    let mut trusted = there.trusted.clone().unwrap();
    trusted.push(trust(RAM_PRINCIPAL, day));
    let there = Observed {
        trusted: Some(trusted),
        ram_role: Some(true),
        administrators: Some(vec![account("444455556666")]),
        ..there
    };
    create(
        everything(),
        &there,
        expect![
            "see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"
        ],
    );
    create(
        desired(),
        &there,
        expect![
            "see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"
        ],
    );
}

#[test]
fn half_a_link_is_repaired() {
    let day = Duration::from_secs(86_400);
    let partial = Observed { trusted: Some(vec![trust(LINK_PRINCIPALS[1], day)]), ..linked() };
    let plan = create(
        desired(),
        &partial,
        expect![[r#"
            let a resource go first that is switching the same link on
            update License Manager's settings: integration true
            wait for trusted access, and enable what is missing after 60 s
            see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"#]],
    );
    let repair = SettingsChange { integration: Some(true), ..SettingsChange::default() };
    assert_eq!(plan.steps[1], Step::UpdateSettings(repair));
    assert_eq!(plan.intent.link.unwrap().switched_on_by, None);
    let off = with_settings(linked(), |settings| settings.integration = false);
    let plan = create(
        desired(),
        &off,
        expect![[r#"
            let a resource go first that is switching the same link on
            update License Manager's settings: integration true
            wait for trusted access, and enable what is missing after 60 s
            see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"#]],
    );
    assert_eq!(plan.intent.link.unwrap().switched_on_by.as_deref(), Some("now"));
}

#[test]
fn without_the_core_role_it_is_made_first_and_nothing_else_is_planned() {
    let seen = Observed { settings: Some(Settings::RoleMissing), ..fresh() };
    let plan = create(everything(), &seen, expect!["create License Manager's service-linked role"]);
    let link = plan.intent.link.unwrap();
    assert_eq!((link.switched_on_by, link.registered.len()), (None, 0));
}

#[test]
fn a_refusal_on_a_return_is_a_warning() {
    let nowhere = Observed { organization: None, ..fresh() };
    let plan = planned(RequestType::Update, &present(everything(), true), &answered(), &nowhere);
    expect![[r#"
        nothing to do
        ! nothing was changed: account 111122223333 is in no organization, so there is nothing to link. Create an organization with all features in AWS Organizations, or deploy this stack in the management account of the one you have"#]].assert_eq(&shown(&plan));
    let stranger = Observed { candidate: Some(Candidate::Stranger), ..linked() };
    let no_bucket = Desired { s3_bucket: None, sns_topic: None, ram_sharing: false, ..everything() };
    let plan = planned(RequestType::Update, &present(no_bucket, true), &answered(), &stranger);
    expect![[r#"
        update License Manager's settings: discovery source regions eu-west-2, us-east-1
        read the settings back
        see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b
        ! left out: DelegatedAdministratorAccountId 444455556666 is not in the organization. Name an active member account, or leave the property out
        ! left out: CrossAccountInventorySearch needs a bucket, and License Manager has none. Set S3BucketArn to one whose name begins with aws-license-manager-service-; cfn-templates/org-link.yaml makes one with the policy it needs"#]].assert_eq(&shown(&plan));
    assert!(plan.tolerant);
}

#[test]
fn an_administrator_that_was_there_before_is_not_replaced_and_an_own_one_is() {
    let other = account("555566667777");
    let seen = Observed { administrators: Some(vec![other.clone()]), ..linked() };
    let wanted = Desired { delegated_administrator: Some(account("444455556666")), ..desired() };
    let goal = present(wanted, false);
    let look = Look::default();
    let refusal = plan(&subject(RequestType::Update), &goal, &answered(), &look, &seen).unwrap_err();
    assert!(refusal.text.contains("555566667777, and not through this resource"));
    let mut own = answered();
    own.link.as_mut().unwrap().registered.insert(other.to_string());
    let plan = planned(RequestType::Update, &goal, &own, &seen);
    expect![[r#"
        register delegated administrator 444455556666 in place of 555566667777
        see that RAM has License Manager's resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"#]]
        .assert_eq(&shown(&plan));
    assert_eq!(plan.intent.link.unwrap().registered.len(), 2);
}

#[test]
fn an_update_does_not_prove_that_it_switched_the_link_on() {
    let ledger =
        Ledger { link: Some(Link { switched_on_by: None, ..answered().link.unwrap() }), ..Ledger::default() };
    let plan = planned(RequestType::Update, &present(desired(), false), &ledger, &fresh());
    assert_eq!(plan.conclusion.link.unwrap().switched_on_by, None);
}

#[test]
fn a_create_that_came_again_owns_the_link_where_it_holds_the_claim() {
    let begun = Link { switched_on_by: Some("now".into()), ..Link::begun(ID, "now") };
    let ledger = Ledger { link: Some(begun), ..Ledger::default() };
    for (holds_claim, expected) in [(true, Some("now".to_owned())), (false, None)] {
        let seen = Observed { holds_claim, ..linked() };
        let plan = planned(RequestType::Create, &present(desired(), false), &ledger, &seen);
        assert_eq!(plan.conclusion.link.unwrap().switched_on_by, expected);
    }
}

fn gone(which: Which, ledger: &Ledger, seen: &Observed) -> String {
    let goal = Goal::Absent(which);
    let plan = planned(RequestType::Delete, &goal, ledger, seen);
    assert_eq!(plan.conclusion, Ledger::default());
    shown(&plan)
}

#[test]
fn a_link_is_switched_off_only_where_all_speaks_for_it() {
    let named = || Which::PhysicalId(ID.into());
    assert_eq!(gone(named(), &answered(), &linked()), "switch the link off");
    expect![[r#"
        nothing to do
        ! the organization stays linked: another stack declares it"#]]
    .assert_eq(&gone(named(), &answered(), &Observed { named_elsewhere: true, ..linked() }));
    expect![[r#"
        nothing to do
        ! the organization stays linked: it is off already"#]]
    .assert_eq(&gone(named(), &answered(), &fresh()));
    expect![[r#"
        nothing to do
        ! the organization stays linked: it is off already"#]]
    .assert_eq(&gone(named(), &answered(), &Observed { settings: Some(Settings::RoleMissing), ..fresh() }));
    let but = |change: fn(&mut Link)| {
        let mut ledger = answered();
        change(ledger.link.as_mut().unwrap());
        gone(named(), &ledger, &linked())
    };
    assert_eq!(but(|link| link.unlink = false), "nothing to do");
    expect![[r#"
        nothing to do
        ! the organization stays linked: this resource did not switch the link on"#]]
    .assert_eq(&but(|link| link.switched_on_by = None));
    expect![[r#"
        nothing to do
        ! the organization stays linked: this resource did not switch the link on"#]]
    .assert_eq(&but(|link| link.switched_on_by = Some("another".into())));
    expect![[r#"
        nothing to do
        ! the organization stays linked: that cannot be taken back"#]]
    .assert_eq(&but(|link| link.answered = false));
    expect![[r#"
        nothing to do
        ! the organization stays linked: that cannot be taken back"#]]
    .assert_eq(&gone(Which::Request("created".into()), &answered(), &linked()));
}

#[test]
fn a_delete_that_had_begun_to_unlink_goes_on_whatever_is_there_now() {
    let off = with_settings(linked(), |settings| settings.integration = false);
    for seen in [linked(), off] {
        for named_elsewhere in [false, true] {
            let seen = Observed { named_elsewhere, has_begun_to_unlink: true, ..seen.clone() };
            expect!["switch the link off, or on again for another resource: an earlier delivery had begun"]
                .assert_eq(&gone(Which::PhysicalId(ID.into()), &answered(), &seen));
        }
    }
}

#[test]
fn a_create_without_success_gives_back_the_administrator_unless_another_stack_declares_the_link() {
    let mut ledger = answered();
    let link = ledger.link.as_mut().unwrap();
    (link.answered, link.registered) = (false, ["444455556666".to_owned()].into());
    let which = || Which::Unanswered("created".into());
    expect![[r#"
        deregister delegated administrator 444455556666
        ! the organization stays linked: that cannot be taken back"#]]
    .assert_eq(&gone(which(), &ledger, &Observed::default()));
    let elsewhere = Observed { named_elsewhere: true, ..Observed::default() };
    expect![[r#"
        nothing to do
        ! the organization stays linked: that cannot be taken back
        ! delegated administrator 444455556666 stays registered: another stack declares the link. Deregister it in AWS Organizations if it is to go"#]]
    .assert_eq(&gone(which(), &ledger, &elsewhere));
}

#[test]
fn only_what_an_unlink_needs_is_looked_at_for_a_delete() {
    let subject = subject(RequestType::Delete);
    let absent = |which: Which, ledger: &Ledger| looks(&subject, &Goal::Absent(which), ledger);
    let named = || Which::PhysicalId(ID.into());
    let unlinking = Some("created".to_owned());
    let unlinks = Look { settings: true, elsewhere: true, unlinking, ..Look::default() };
    assert_eq!(absent(named(), &answered()), [unlinks]);
    let mut retained = answered();
    retained.link.as_mut().unwrap().unlink = false;
    assert_eq!(absent(named(), &retained), [Look::default()]);
    let other = Which::PhysicalId("license-manager-org-link/111122223333/us-east-1".into());
    assert_eq!(absent(other, &answered()), []);
    assert_eq!(absent(Which::Unanswered("created".into()), &answered()), []);
    assert_eq!(absent(Which::Leftovers { except: "now".into() }, &answered()), []);
    assert_eq!(guess(&subject, &Goal::Absent(named())), None);
}

#[test]
fn the_administrator_is_looked_at_only_where_one_is_wanted() {
    let update = subject(RequestType::Update);
    let look = |desired: Desired| guess(&update, &present(desired, false)).unwrap();
    let plain = Look { settings: true, organization: true, ..Look::default() };
    assert_eq!(look(desired()), plain);
    assert_eq!(look(everything()), Look { administrator: Some(account("444455556666")), ..plain.clone() });
    let subject = subject(RequestType::Create);
    assert_eq!(guess(&subject, &present(desired(), false)), None);
    let begun = Link { switched_on_by: Some("now".into()), ..Link::begun(ID, "now") };
    let again =
        looks(&subject, &present(desired(), false), &Ledger { link: Some(begun), ..Ledger::default() });
    assert_eq!(again, [Look { claim: true, ..plain }]);
}

#[test]
fn sharing_in_ram_has_four_values() {
    let seen = |age: Option<u64>, role: Option<bool>| {
        let trusted = age.map(|age| trust(RAM_PRINCIPAL, Duration::from_secs(age)));
        Observed { trusted: Some(trusted.into_iter().collect()), ram_role: role, ..Observed::default() }
            .ram_sharing(now(), None)
    };
    let six_hours = 6 * 3600;
    assert_eq!(seen(None, Some(true)), RamSharing::Disabled);
    assert_eq!(seen(Some(60), Some(false)), RamSharing::WithoutRole);
    assert_eq!(seen(Some(six_hours - 1), Some(true)), RamSharing::JustEnabled);
    assert_eq!(seen(Some(six_hours), Some(true)), RamSharing::Enabled);
    assert_eq!(seen(Some(six_hours), None), RamSharing::Enabled);
    let unknown = TrustedService { principal: RAM_PRINCIPAL.into(), enabled_at: None };
    let undated = Observed { trusted: Some(vec![unknown]), ram_role: Some(true), ..Observed::default() };
    assert_eq!(undated.ram_sharing(now(), None), RamSharing::Enabled);
    assert_eq!(Observed::default().ram_sharing(now(), None), RamSharing::Disabled);
}

#[test]
fn sharing_in_ram_counts_from_the_last_date_that_is_known() {
    let six_hours = Duration::from_secs(6 * 3600);
    let old = trust(RAM_PRINCIPAL, 2 * six_hours);
    let seen = Observed { trusted: Some(vec![old]), ram_role: Some(true), ..Observed::default() };
    assert_eq!(seen.ram_sharing(now(), Some(now() - Duration::from_secs(60))), RamSharing::JustEnabled);
    assert_eq!(seen.ram_sharing(now(), Some(now() - six_hours)), RamSharing::Enabled);
    let run = Observed { ram_enabled_at: Some(now()), ..seen.clone() };
    assert_eq!(run.ram_sharing(now(), None), RamSharing::JustEnabled);
    // Organizations does not show it yet; one that the record knows of may have been switched off since.
    let late = Observed { trusted: Some(Vec::new()), ..run };
    assert_eq!(late.ram_sharing(now(), None), RamSharing::JustEnabled);
    let gone = Observed { ram_enabled_at: None, ..late };
    assert_eq!(gone.ram_sharing(now(), Some(now())), RamSharing::Disabled);
}

#[test]
fn a_ledger_survives_its_record_and_one_without_newer_fields_is_read() {
    let mut ledger = answered();
    let link = ledger.link.as_mut().unwrap();
    link.registered.insert("444455556666".into());
    link.asked.insert("SnsTopicArn".into());
    let json = serde_json::to_value(&ledger).unwrap();
    assert_eq!(serde_json::from_value::<Ledger>(json).unwrap(), ledger);
    let old = serde_json::json!({ "link": { "id": ID, "request_id": "created" } });
    assert_eq!(serde_json::from_value::<Ledger>(old).unwrap().link, Some(Link::begun(ID, "created")));
    assert_eq!(serde_json::from_str::<Ledger>("{}").unwrap(), Ledger::default());
}

#[test]
fn administrators_that_are_none_any_more_leave_the_record_and_unknown_ones_stay() {
    let mut ledger = answered();
    ledger.link.as_mut().unwrap().registered = ["444455556666".to_owned(), "555566667777".to_owned()].into();
    let learned = |administrators: Option<Vec<AccountId>>| {
        let mut ledger = ledger.clone();
        let seen = Observed { administrators, ..Observed::default() };
        crate::resource::org_link::ledger::learn(&mut ledger, &seen);
        ledger.link.unwrap().registered.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(learned(None).len(), 2);
    assert_eq!(learned(Some(vec![account("555566667777")])), ["555566667777"]);
    assert!(learned(Some(Vec::new())).is_empty());
}

#[test]
fn an_overtaken_create_takes_back_what_nobody_else_holds() {
    let own = answered();
    let mine = own.overtaken(&Ledger::default(), "created").link.unwrap();
    assert!(!mine.answered);
    assert!(own.overtaken(&own, "created").link.is_none());
    let newer = Ledger { link: Some(Link::begun(ID, "newer")), ..Ledger::default() };
    assert!(own.overtaken(&newer, "created").link.is_none());
    assert!(own.overtaken(&Ledger::default(), "an update").link.is_none());
}

fn steps(plan: &LinkPlan) -> String {
    plan.steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_update_that_links_is_on_record_until_it_succeeds_and_waits_for_the_share_when_it_comes_again() {
    let goal = present(desired(), false);
    let plan = planned(RequestType::Update, &goal, &answered(), &fresh());
    assert_eq!(plan.conclusion.link.unwrap().linked_by, None);
    assert_eq!(plan.intent.link.as_ref().unwrap().linked_by.as_deref(), Some("now"));
    let without = with_settings(linked(), |settings| settings.resource_share = None);
    let again = planned(RequestType::Update, &goal, &plan.intent, &without);
    expect!["wait for License Manager's resource share"].assert_eq(&steps(&again));
    let another = planned(RequestType::Update, &goal, &answered(), &without);
    expect!["look for License Manager's resource share"].assert_eq(&steps(&another));
}

#[test]
fn a_share_is_looked_for_ten_minutes_where_none_was_answered_or_the_link_may_be_new() {
    let until = |ledger: &Ledger, seen: &Observed| {
        let plan = planned(RequestType::Update, &present(desired(), false), ledger, seen);
        let found = plan.steps.into_iter().find_map(|step| match step {
            Step::LookForShare { until, .. } => Some(until),
            _ => None,
        });
        found.unwrap().duration_since(now()).unwrap()
    };
    let old = with_settings(linked(), |settings| settings.resource_share = None);
    let minute = Duration::from_secs(60);
    let trusted = LINK_PRINCIPALS.map(|principal| trust(principal, minute)).to_vec();
    let new = Observed { trusted: Some(trusted), ..old.clone() };
    let named = [("ResourceShareArn".to_owned(), "arn".to_owned())].into();
    let before = Ledger { link: Some(Link { named, ..answered().link.unwrap() }), ..Ledger::default() };
    let ten_minutes = Duration::from_secs(600);
    assert_eq!([until(&answered(), &old), until(&answered(), &new)], [ten_minutes; 2]);
    assert_eq!([until(&before, &old), until(&before, &new)], [Duration::ZERO, ten_minutes]);
}

/// A request that waits for its settings to show has not brought a share on its way.
#[test]
fn what_is_outstanding_is_read_back_and_a_share_that_is_gone_is_not_waited_for() {
    let change = SettingsChange { sns_topic: Some(TOPIC.into()), ..SettingsChange::default() };
    let outstanding = Some(Taken::new(change, now()).outstanding().into_iter().collect());
    let wanted = Desired { sns_topic: Some(TOPIC.into()), ..desired() };
    let goal = Goal::Present { desired: wanted, is_return: false, outstanding };
    let without = with_settings(linked(), |settings| settings.resource_share = None);
    let plan = planned(RequestType::Update, &goal, &answered(), &without);
    expect![[r#"
        read the settings back
        look for License Manager's resource share"#]]
    .assert_eq(&steps(&plan));
}
