//! Situations of the link: what is wanted, on record and there, in any combination; and what AWS makes of the steps of a
//! plan, told anew.

use crate::domain::{AccountId, Home, Organization, ServiceSettings, SettingsChange, TrustedService};
use crate::protocol::RequestType;
use crate::resource::org_link::desired::Desired;
use crate::resource::org_link::ledger::{Ledger, Link};
use crate::resource::org_link::look::Look;
use crate::resource::org_link::observed::{Candidate, LINK_PRINCIPALS, Observed, RAM_PRINCIPAL, Settings};
use crate::resource::org_link::properties::OnDelete;
use crate::resource::org_link::step::{ADMINISTRATOR, EVERYTHING, Step};
use crate::resource::org_link::taken::Taken;
use crate::resource::{Goal, Subject, Which};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) const ID: &str = "license-manager-org-link/111122223333/eu-west-1";
const NOON: Duration = Duration::from_secs(1_795_521_600);
const MANAGEMENT: &str = "111122223333";
const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b";
const TOPICS: [&str; 2] = [
    "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a",
    "arn:aws:sns:us-east-1:444455556666:aws-license-manager-service-b",
];
const BUCKETS: [&str; 2] =
    ["arn:aws:s3:::aws-license-manager-service-a", "arn:aws:s3:::aws-license-manager-service-b"];

/// What is to be decided.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    pub subject: Subject,
    pub goal: Goal<Desired>,
    pub ledger: Ledger,
    /// Everything that is there.
    pub truth: Observed,
}

/// What `look` shows of what is there.
pub(super) fn seen_by(truth: &Observed, look: &Look) -> Observed {
    let all = truth.clone();
    let asks_for_administrator = look.organization && look.administrator.is_some();
    Observed {
        settings: all.settings.filter(|_| look.settings),
        organization: all.organization.filter(|_| look.organization),
        trusted: all.trusted.filter(|_| look.organization),
        administrators: all.administrators.filter(|_| asks_for_administrator),
        candidate: all.candidate.filter(|_| asks_for_administrator),
        ram_role: all.ram_role.filter(|_| look.organization),
        named_elsewhere: all.named_elsewhere && look.elsewhere,
        has_begun_to_unlink: all.has_begun_to_unlink && look.unlinking.is_some(),
        holds_claim: all.holds_claim && look.claim,
        ..Observed::default()
    }
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn an_account() -> impl Strategy<Value = AccountId> {
    prop_oneof![9 => "(222233334444|333344445555)", 1 => Just(MANAGEMENT.to_owned())]
        .prop_map(|id| account(&id))
}

fn one_of(texts: [&'static str; 2]) -> impl Strategy<Value = Option<String>> {
    option::of(proptest::sample::select(texts.to_vec()).prop_map(str::to_owned))
}

fn regions() -> impl Strategy<Value = BTreeSet<String>> {
    btree_set("(eu-west-1|us-east-1|eu-west-2)", 0..3)
}

fn now() -> SystemTime {
    UNIX_EPOCH + NOON
}

fn asks() -> impl Strategy<Value = Subject> {
    let kind = prop_oneof![Just(RequestType::Create), Just(RequestType::Update), Just(RequestType::Delete)];
    let home = prop_oneof![9 => Just(MANAGEMENT), 1 => Just("777788889999")];
    (kind, home).prop_map(|(request_type, home)| Subject {
        stack_id: "stack".into(),
        logical_id: "Link".into(),
        request_id: "now".into(),
        request_type,
        physical_id: (request_type != RequestType::Create).then(|| ID.to_owned()),
        home: Home { partition: "aws".into(), region: "eu-west-1".into(), account: account(home) },
        now: now(),
    })
}

fn wanted() -> impl Strategy<Value = Desired> {
    let texts = (one_of(TOPICS), one_of(BUCKETS), regions());
    (any::<[bool; 3]>(), texts, option::of(an_account()), any::<bool>()).prop_map(
        |([search, sharing, waits], (sns_topic, s3_bucket, regions), administrator, unlinks)| Desired {
            inventory_search: search,
            sns_topic,
            s3_bucket,
            discovery_source_regions: regions,
            ram_sharing: sharing,
            delegated_administrator: administrator,
            wait_for_share: waits,
            on_delete: if unlinks { OnDelete::Unlink } else { OnDelete::Retain },
        },
    )
}

fn outstanding() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let change = SettingsChange { sns_topic: Some(TOPICS[0].to_owned()), ..SettingsChange::default() };
    let names = [
        EVERYTHING.to_owned(),
        ADMINISTRATOR.to_owned(),
        "trusted access".to_owned(),
        "trusted access 1795521600000".to_owned(),
        Taken::new(change, now()).outstanding().unwrap(),
    ];
    option::weighted(0.25, proptest::sample::subsequence(names.to_vec(), 0..4).prop_map(BTreeSet::from_iter))
}

fn request() -> impl Strategy<Value = String> {
    "(now|created|older)"
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        5 => prop_oneof![9 => Just(ID), 1 => Just("stack-Link-1ABC")]
            .prop_map(|id| Which::PhysicalId(id.to_owned())),
        2 => request().prop_map(Which::Request),
        2 => request().prop_map(Which::Unanswered),
        1 => Just(Which::Leftovers { except: "now".to_owned() }),
        1 => Just(Which::After {
            physical_id: ID.to_owned(),
            requests: vec!["created".to_owned(), "now".to_owned()],
            except: "now".to_owned(),
        }),
    ]
}

fn goal() -> impl Strategy<Value = Goal<Desired>> {
    let present = (wanted(), proptest::bool::weighted(0.3), outstanding())
        .prop_map(|(desired, is_return, outstanding)| Goal::Present { desired, is_return, outstanding });
    prop_oneof![3 => present, 2 => which().prop_map(Goal::Absent)]
}

fn ledger() -> impl Strategy<Value = Ledger> {
    let names = ["CrossAccountInventorySearch", "SnsTopicArn", "S3BucketArn", "EnableRamSharing", "Later"];
    let asked = proptest::sample::subsequence(names.to_vec(), 0..5);
    // Often it was the Create that began it which switched it on.
    let began = (request(), any::<bool>(), option::of(request()))
        .prop_map(|(id, same, other)| (id.clone(), if same { Some(id) } else { other }));
    let requests = (began, option::of(request()));
    let accounts = (btree_set(an_account(), 0..3), option::of(an_account()));
    let weighted = proptest::bool::weighted;
    let flags = (weighted(0.8), weighted(0.7), any::<bool>());
    (requests, flags, accounts, asked, any::<bool>()).prop_map(
        |(
            ((request_id, switched_on_by), linked_by),
            (answered, unlink, new),
            (registered, former),
            asked,
            named,
        )| {
            let mut link = Link {
                answered,
                switched_on_by,
                linked_by,
                unanswered: registered.iter().take(usize::from(new)).map(ToString::to_string).collect(),
                registered: registered.iter().map(ToString::to_string).collect(),
                former: former.map(|id| id.to_string()),
                unlink,
                asked: asked.into_iter().map(str::to_owned).collect(),
                ..Link::begun(ID, &request_id)
            };
            if named {
                link.named.insert("ResourceShareArn".to_owned(), SHARE.to_owned());
            }
            Ledger { link: Some(link), ..Ledger::default() }
        },
    )
}

fn settings() -> impl Strategy<Value = Option<Settings>> {
    let texts = (one_of(TOPICS), one_of(BUCKETS), vec("(us-east-1|eu-west-2)", 0..3), any::<bool>());
    let known = (any::<[bool; 2]>(), texts).prop_map(
        |([integration, search], (sns_topic, s3_bucket, regions, shares))| {
            Settings::Known(ServiceSettings {
                integration,
                cross_account_discovery: search,
                sns_topic,
                s3_bucket,
                resource_share: shares.then(|| SHARE.parse().unwrap()),
                discovery_source_regions: regions,
                ..ServiceSettings::default()
            })
        },
    );
    prop_oneof![9 => known, 1 => Just(Settings::RoleMissing)].prop_map(Some)
}

fn trusted() -> impl Strategy<Value = Option<Vec<TrustedService>>> {
    let [manager, in_members] = LINK_PRINCIPALS;
    let principals = proptest::sample::subsequence(vec![manager, in_members, RAM_PRINCIPAL], 0..=3);
    let ages = option::of(prop_oneof![Just(60_u64), Just(86_400)]);
    (principals, ages).prop_map(|(principals, age)| {
        let enabled_at = age.map(|age| now() - Duration::from_secs(age));
        let service = |principal: &str| TrustedService { principal: principal.to_owned(), enabled_at };
        Some(principals.into_iter().map(service).collect())
    })
}

fn organization() -> impl Strategy<Value = Option<Organization>> {
    let there = proptest::bool::weighted(0.9).prop_map(|all_features| Organization {
        id: "o-abcdefghij".into(),
        arn: "arn:aws:organizations::111122223333:organization/o-abcdefghij".into(),
        all_features,
        management_account: account(MANAGEMENT),
    });
    option::weighted(0.95, there)
}

fn truth() -> impl Strategy<Value = Observed> {
    let candidate = prop_oneof![
        8 => Just(Some(Candidate::Active)),
        1 => Just(Some(Candidate::Inactive)),
        1 => Just(Some(Candidate::Stranger)),
        1 => Just(None),
    ];
    let role = option::weighted(0.9, any::<bool>());
    (
        settings(),
        organization(),
        trusted(),
        btree_set(an_account(), 0..2),
        candidate,
        role,
        any::<[bool; 3]>(),
    )
        .prop_map(|(settings, organization, trusted, administrators, candidate, ram_role, flags)| {
            let [named_elsewhere, has_begun_to_unlink, holds_claim] = flags;
            let management = account(MANAGEMENT);
            let administrators = administrators.into_iter().filter(|id| *id != management).collect();
            Observed {
                settings,
                organization,
                trusted,
                administrators: Some(administrators),
                candidate,
                ram_role,
                named_elsewhere,
                has_begun_to_unlink,
                holds_claim,
                ..Observed::default()
            }
        })
}

/// Any situation.
pub(super) fn situation() -> impl Strategy<Value = Situation> {
    let ledger = prop_oneof![1 => Just(Ledger::default()), 3 => ledger()];
    (asks(), goal(), ledger, truth()).prop_map(|(mut subject, mut goal, ledger, truth)| {
        if let Goal::Present { is_return, .. } = &mut goal {
            if subject.request_type == RequestType::Delete {
                subject.request_type = RequestType::Update;
            }
            *is_return &= subject.request_type == RequestType::Update;
        }
        Situation { subject, goal, ledger, truth }.possible()
    })
}

impl Situation {
    /// Only a Create has on record that it switched the link on, and what the request itself began has no answer.
    fn possible(mut self) -> Self {
        let (this, request_type) = (&self.subject.request_id, self.subject.request_type);
        let Some(link) = &mut self.ledger.link else { return self };
        if request_type != RequestType::Create {
            let earlier = |id: &String| if id == this { "created".to_owned() } else { id.clone() };
            link.switched_on_by = link.switched_on_by.as_ref().map(earlier);
            link.request_id = earlier(&link.request_id);
        }
        link.answered &= link.request_id != *this;
        self
    }
}

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The next one follows.
    Done,
    /// The rest is for a new plan.
    Progress,
    /// What is waited for does not come about: the request fails.
    GivenUp,
}

pub(super) fn done(truth: &mut Observed, step: &Step) -> Ended {
    match step {
        Step::SettleTrustedAccess { .. } | Step::AwaitTrustedAccess
            if !truth.known().is_some_and(|settings| settings.integration) =>
        {
            return Ended::GivenUp;
        }
        Step::CreateServiceRole => {
            truth.settings = Some(Settings::Known(ServiceSettings::default()));
            return Ended::Progress;
        }
        Step::Yield | Step::ReadBack { .. } | Step::CheckShare(_) => {}
        Step::UpdateSettings(change) => update(truth, change),
        Step::SettleTrustedAccess { .. } | Step::AwaitTrustedAccess => {
            for principal in LINK_PRINCIPALS {
                trust(truth, principal);
            }
        }
        Step::EnableRamSharing => {
            trust(truth, RAM_PRINCIPAL);
            truth.ram_role = Some(true);
        }
        Step::Delegate { to, .. } => truth.administrators = Some(vec![to.clone()]),
        Step::Undelegate(account) => {
            let there = truth.administrators.iter_mut();
            there.for_each(|all| all.retain(|one| one != account));
        }
        Step::AwaitShare | Step::LookForShare { .. } => {
            if let Some(settings) = known(truth) {
                settings.resource_share = Some(SHARE.parse().unwrap());
            }
        }
        Step::Unlink { .. } => known(truth).into_iter().for_each(|settings| settings.integration = false),
    }
    Ended::Done
}

fn known(truth: &mut Observed) -> Option<&mut ServiceSettings> {
    match truth.settings.as_mut()? {
        Settings::Known(settings) => Some(settings),
        Settings::RoleMissing => None,
    }
}

/// Whoever sends true has let others go first, and holds the claim.
fn update(truth: &mut Observed, change: &SettingsChange) {
    truth.holds_claim |= change.integration == Some(true);
    let Some(settings) = known(truth) else { return };
    settings.integration = change.integration.unwrap_or(settings.integration);
    settings.cross_account_discovery =
        change.cross_account_discovery.unwrap_or(settings.cross_account_discovery);
    settings.sns_topic = change.sns_topic.clone().or_else(|| settings.sns_topic.take());
    settings.s3_bucket = change.s3_bucket.clone().or_else(|| settings.s3_bucket.take());
    let regions = change.discovery_source_regions.clone();
    settings.discovery_source_regions =
        regions.unwrap_or_else(|| std::mem::take(&mut settings.discovery_source_regions));
}

fn trust(truth: &mut Observed, principal: &str) {
    let trusted = truth.trusted.get_or_insert_default();
    if trusted.iter().all(|service| service.principal != principal) {
        trusted.push(TrustedService { principal: principal.to_owned(), enabled_at: Some(now()) });
        trusted.sort_by(|one, other| one.principal.cmp(&other.principal));
    }
}
