//! Situations of a share: what is wanted, on record and there, in any combination. What is there is a truth of which a
//! look shows what it asks for, as [`observe`](crate::resource::config_share::observe) does.

use crate::domain::{
    Association, AssociationStatus, Home, LicenseConfiguration, LicenseConfigurationArn,
    LicenseConfigurationStatus, Member, Share, ShareArn, ShareStatus,
};
use crate::protocol::RequestType;
use crate::resource::config_share::desired::{Desired, OwnShare, Target};
use crate::resource::config_share::ledger::{Former, Holding, Ledger, Origin, as_member};
use crate::resource::config_share::look::{Aim, Look};
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::ownership::{self, Owner};
use crate::resource::config_share::physical_id::attachment;
use crate::resource::{Goal, Subject, Which};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b";
const OTHER: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0c2d";
const OWNER: &str = "111122223333";
/// All members but those of a crowd.
const SEATS: usize = 10;
/// Keys of tags that a template has, or somebody else.
const KEYS: [&str; 4] = ["team", "cost", "stage", "note"];

/// What is to be decided.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    pub subject: Subject,
    pub goal: Goal<Desired>,
    pub ledger: Ledger,
    pub truth: Truth,
}

/// Everything that is there.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub share: Option<Share>,
    pub members: BTreeMap<Member, Association>,
    /// License configurations that are not there any more.
    deleted: BTreeSet<String>,
    replaced: Vec<Association>,
    namesakes: usize,
    named_elsewhere: BTreeSet<String>,
    is_owned_elsewhere: bool,
    former_holding: Option<Holding>,
    former_owner_is_gone: bool,
}

impl Truth {
    /// What `look` shows of it.
    pub(super) fn seen_by(&self, look: &Look, subject: &Subject) -> Observed {
        let found = self.share.clone().filter(|share| match &look.aim {
            Aim::Share(arn) => share.arn == *arn,
            Aim::CreatedBy(request_id) => {
                share.tags.get(ownership::REQUEST_ID) == Some(request_id)
                    && ownership::owner(share, subject) == Owner::Subject
            }
            Aim::New => look.namesakes.as_ref() == Some(&share.name) && self.namesakes == 1,
        });
        let handed_over = look.handed_over
            && found
                .as_ref()
                .is_some_and(|share| matches!(ownership::owner(share, subject), Owner::SameStack { .. }));
        let adopts = look.aim == Aim::New && found.is_some();
        let elsewhere = look.elsewhere || handed_over || adopts;
        Observed {
            dead: BTreeSet::new(),
            members: if found.is_some() && (look.members || handed_over) {
                self.members.clone()
            } else {
                BTreeMap::new()
            },
            license_configurations: look
                .license_configurations
                .iter()
                .map(|arn| (arn.clone(), self.license_configuration(arn)))
                .collect(),
            replaced: if look.replaces.is_some() { self.replaced.clone() } else { Vec::new() },
            namesakes: match (&look.namesakes, &self.share) {
                (Some(_), Some(share)) if self.namesakes > 1 => vec![share.clone(); self.namesakes],
                _ => Vec::new(),
            },
            named_elsewhere: if elsewhere { self.named_elsewhere.clone() } else { BTreeSet::new() },
            is_owned_elsewhere: look.handed_over && found.is_none() && self.is_owned_elsewhere,
            former_holding: self.former_holding.clone().filter(|_| adopts),
            staying: BTreeSet::new(),
            former_owner_is_gone: look.former_owner.is_some() && self.former_owner_is_gone,
            share: found,
        }
    }
}

impl Truth {
    fn license_configuration(&self, arn: &LicenseConfigurationArn) -> LicenseConfiguration {
        let status = if self.deleted.contains(arn.as_str()) { "DELETED" } else { "AVAILABLE" };
        LicenseConfiguration {
            arn: arn.clone(),
            name: arn.to_string(),
            owner: Some(OWNER.parse().unwrap()),
            status: LicenseConfigurationStatus::from(status),
        }
    }
}

/// The member in a seat: four license configurations, two accounts of the organization, two outside, a unit, the
/// organization.
fn seat(n: usize) -> String {
    match n {
        0..4 => format!("arn:aws:license-manager:eu-west-1:{OWNER}:license-configuration:lic-{n}"),
        4 => "222233334444".to_owned(),
        5 => "333344445555".to_owned(),
        6 | 7 => format!("99990000{n:04}"),
        8 => "arn:aws:organizations::111122223333:ou/o-abc123defg/ou-ab12-34567890".to_owned(),
        _ => "arn:aws:organizations::111122223333:organization/o-abc123defg".to_owned(),
    }
}

/// Whether an account is outside of the organization.
pub(super) fn is_outside(member: &Member) -> bool {
    member.is_account() && member.id.starts_with("9999")
}

/// Members beside those in seats, more than fit in one call, or than may be invited at once.
fn crowd(kind: u8) -> Vec<String> {
    match kind {
        0 => (0..30).map(|n| format!("99991111{n:04}")).collect(),
        1 => (0..130)
            .map(|n| format!("arn:aws:license-manager:eu-west-1:{OWNER}:license-configuration:lic-c{n:03}"))
            .collect(),
        2 => (0..110).map(|n| format!("55551111{n:04}")).collect(),
        _ => Vec::new(),
    }
}

fn chosen(mask: u16) -> BTreeSet<String> {
    (0..SEATS).filter(|n| mask & (1 << n) != 0).map(seat).collect()
}

fn mask() -> impl Strategy<Value = u16> {
    0..1_u16 << SEATS
}

/// Few of the seats.
fn thin() -> impl Strategy<Value = u16> {
    (mask(), mask()).prop_map(|(a, b)| a & b)
}

fn arn(text: &str) -> ShareArn {
    text.parse().unwrap()
}

fn share_arn() -> impl Strategy<Value = ShareArn> {
    prop_oneof![7 => Just(arn(SHARE)), 1 => Just(arn(OTHER))]
}

fn subject(request_type: RequestType, physical_id: Option<String>) -> Subject {
    Subject {
        stack_id: "stack".into(),
        logical_id: "Share".into(),
        request_id: "now".into(),
        request_type,
        physical_id,
        home: Home { partition: "aws".into(), region: "eu-west-1".into(), account: OWNER.parse().unwrap() },
        now: std::time::UNIX_EPOCH,
    }
}

fn asks() -> impl Strategy<Value = Subject> {
    let kind = prop_oneof![Just(RequestType::Create), Just(RequestType::Update), Just(RequestType::Delete)];
    (kind, physical_id()).prop_map(|(kind, id)| {
        let id = Some(id).filter(|_| kind != RequestType::Create);
        subject(kind, id)
    })
}

fn physical_id() -> impl Strategy<Value = String> {
    let any = subject(RequestType::Create, None);
    prop_oneof![
        4 => share_arn().prop_map(|arn| arn.to_string()),
        3 => share_arn().prop_map(move |arn| attachment(&arn, &any)),
        1 => Just("license-config-share/none/created".to_owned()),
        1 => Just("stack-Share-1ABCDEF".to_owned()),
    ]
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    vec((0..KEYS.len(), "[xy]"), 0..4)
        .prop_map(|tags| tags.into_iter().map(|(key, value)| (KEYS[key].to_owned(), value)).collect())
}

fn wanted() -> impl Strategy<Value = Desired> {
    let own = ("licenses|renamed", any::<[bool; 3]>(), tags()).prop_map(
        |(name, [external, retain, only], tags)| {
            Target::Own(OwnShare {
                name,
                allow_external_principals: external || retain,
                retain_sharing: retain && external,
                tags,
                exclusive_membership: only,
            })
        },
    );
    let target = prop_oneof![3 => own, 2 => share_arn().prop_map(Target::Existing)];
    let crowds = prop_oneof![9 => Just(9_u8), 1 => 0..3_u8];
    (target, mask(), crowds, any::<[bool; 2]>(), proptest::option::weighted(0.3, Just("accept"))).prop_map(
        |(target, members, crowded, [adopt_existing, wait_for_acceptance], role)| {
            let ids: Vec<String> = chosen(members).into_iter().chain(crowd(crowded)).collect();
            let is_license = |id: &&String| id.contains(":license-manager:");
            Desired {
                target,
                license_configurations: ids.iter().filter(is_license).map(|id| id.parse().unwrap()).collect(),
                principals: ids.iter().filter(|id| !is_license(id)).map(|id| id.parse().unwrap()).collect(),
                adopt_existing,
                acceptance_role: role.map(|role| role.parse().unwrap()),
                wait_for_acceptance,
            }
        },
    )
}

/// What a request that was handed over may still write for.
fn outstanding() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let ids = (mask(), any::<bool>(), 0..4_u32).prop_map(|(ids, share, one_by_one)| {
        let mut ids = chosen(ids);
        ids.extend(crowd(0).into_iter().take(15).chain(share.then(|| SHARE.to_owned())));
        ids.extend((one_by_one > 0).then(|| format!("one by one, try {one_by_one}")));
        ids
    });
    proptest::option::weighted(0.2, ids)
}

fn request() -> impl Strategy<Value = String> {
    "now|created|older"
}

fn which() -> impl Strategy<Value = Which> {
    let requests = || ["older", "created", "now"].map(str::to_owned).to_vec();
    prop_oneof![
        3 => physical_id().prop_map(Which::PhysicalId),
        2 => request().prop_map(Which::Request),
        2 => request().prop_map(Which::Unanswered),
        1 => physical_id().prop_map(move |physical_id| Which::After {
            physical_id,
            requests: requests(),
            except: "now".to_owned(),
        }),
        1 => Just(Which::Leftovers { except: "now".to_owned() }),
    ]
}

fn goal() -> impl Strategy<Value = Goal<Desired>> {
    let present = (wanted(), proptest::bool::weighted(0.3), outstanding())
        .prop_map(|(desired, is_return, outstanding)| Goal::Present { desired, is_return, outstanding });
    prop_oneof![3 => present, 2 => which().prop_map(Goal::Absent)]
}

fn origin(deep: bool) -> BoxedStrategy<Origin> {
    let inherited = if deep {
        proptest::option::of(holding(false).prop_map(Box::new)).boxed()
    } else {
        Just(None).boxed()
    };
    let former = ("licenses|before", any::<[bool; 3]>(), tags(), thin(), inherited).prop_map(
        move |(name, [external, retain, renamed], tags, members, inherited)| Former {
            name,
            allow_external_principals: external,
            retain_sharing: retain && external,
            tags: tags.into_iter().map(|(key, value)| (key, Some(value).filter(|v| v == "x"))).collect(),
            members: chosen(members),
            logical_id: (renamed && deep).then(|| "Old".to_owned()),
            inherited: inherited.filter(|_| renamed),
        },
    );
    prop_oneof![
        any::<bool>().prop_map(|retain_sharing| Origin::Made { retain_sharing }),
        former.prop_map(Origin::Adopted),
        Just(Origin::Attached),
    ]
    .boxed()
}

fn holding(deep: bool) -> BoxedStrategy<Holding> {
    let share = prop_oneof![8 => share_arn().prop_map(Some), 1 => Just(None)];
    let members = (mask(), thin(), thin(), thin());
    (request(), share, origin(deep), proptest::bool::weighted(0.7), members, tags())
        .prop_map(|(request_id, share, origin, answered, (first, later, adopted, found), tags)| {
            let mut holding = Holding::begun(&request_id, share.as_ref(), origin);
            let is_unknown = holding.share.is_none();
            if is_unknown && !matches!(holding.origin, Origin::Made { .. }) {
                holding.share = Some(SHARE.to_owned());
            }
            holding.answered = answered && !is_unknown;
            holding.add("older", chosen(first).iter().map(String::as_str));
            holding.add(&request_id, chosen(later).iter().map(String::as_str));
            let free = |id: &String| !chosen(first | later).contains(id);
            holding.adopted = chosen(adopted).into_iter().filter(free).collect();
            if holding.is_own() {
                holding.found = chosen(found & !adopted).into_iter().filter(free).collect();
                holding.tag_keys = tags.into_keys().collect();
            }
            holding
        })
        .boxed()
}

fn ledger() -> impl Strategy<Value = Ledger> {
    let holdings = prop_oneof![1 => Just(Vec::new()), 3 => vec(holding(true), 1..3)];
    holdings.prop_map(|holdings| holdings.into_iter().fold(Ledger::default(), |ledger, one| ledger.with(one)))
}

fn status() -> impl Strategy<Value = Option<AssociationStatus>> {
    const WORDS: [&str; 6] = ["FAILED", "DISASSOCIATING", "DISASSOCIATED", "SUSPENDED", "RESTORING", "NEW"];
    prop_oneof![
        5 => Just(None),
        6 => Just(Some("ASSOCIATED")),
        2 => Just(Some("ASSOCIATING")),
        3 => proptest::sample::select(&WORDS[..]).prop_map(Some),
    ]
    .prop_map(|word| word.map(AssociationStatus::from))
}

fn members() -> impl Strategy<Value = BTreeMap<Member, Association>> {
    let pending = prop_oneof![9 => Just(0_usize), 1 => 10..21_usize];
    (vec(status(), SEATS), pending).prop_map(|(statuses, pending)| {
        let seated = statuses.into_iter().enumerate().filter_map(|(n, status)| Some((seat(n), status?)));
        let invited = crowd(0).into_iter().take(pending).map(|id| (id, AssociationStatus::Associating));
        let found = seated.chain(invited).map(|(id, status)| {
            let member = as_member(&id);
            let external = is_outside(&member);
            (member.clone(), Association { member, status, external, message: None, updated: None })
        });
        found.collect()
    })
}

/// Whose tags are on the share: mostly this resource's.
fn owners_tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let ours = |logical_id: &str, origin: &str, request_id: &str| {
        [
            (ownership::STACK_ID, "stack"),
            (ownership::LOGICAL_ID, logical_id),
            (ownership::ORIGIN, origin),
            (ownership::REQUEST_ID, request_id),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
    };
    let one = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
    prop_oneof![
        6 => ("made|adopted", request()).prop_map(move |(origin, id)| ours("Share", &origin, &id)),
        2 => "made|adopted".prop_map(move |origin| ours("Old", &origin, "older")),
        2 => Just(BTreeMap::new()),
        2 => Just(one(ownership::STACK_ID, "another")),
        1 => Just(one(ownership::CLOUDFORMATION_STACK_ID, "another")),
        1 => Just(one("Service", "LicenseManager")),
    ]
}

fn share() -> impl Strategy<Value = Share> {
    let status = prop_oneof![
        9 => Just("ACTIVE"),
        3 => proptest::sample::select(&["PENDING", "FAILED", "DELETING", "DELETED", "NEW"][..]),
    ];
    ("licenses|before", status, any::<[bool; 2]>(), tags(), owners_tags()).prop_map(
        |(name, status, [external, retain], tags, owners)| Share {
            arn: arn(SHARE),
            name,
            owner: OWNER.parse().unwrap(),
            status: ShareStatus::from(status),
            status_message: None,
            allow_external_principals: external || retain,
            retain_sharing: retain && external,
            tags: tags.into_iter().chain(owners).collect(),
            updated: None,
        },
    )
}

fn deleted() -> impl Strategy<Value = BTreeSet<String>> {
    prop_oneof![5 => Just(0_u16), 1 => thin()].prop_map(chosen)
}

fn truth() -> impl Strategy<Value = Truth> {
    let elsewhere = prop_oneof![2 => Just(0_u16), 1 => thin()];
    let others = (elsewhere, any::<bool>(), proptest::option::of(holding(false)), any::<bool>());
    (proptest::option::weighted(0.85, share()), members(), deleted(), members(), 1..3_usize, others).prop_map(
        |(share, members, deleted, replaced, namesakes, others)| {
            let (elsewhere, is_owned_elsewhere, former_holding, former_owner_is_gone) = others;
            Truth {
                members: if share.is_some() { members } else { BTreeMap::new() },
                share,
                deleted,
                replaced: replaced
                    .into_values()
                    .filter(|a| a.member.is_account() && a.status.is_present())
                    .collect(),
                namesakes,
                named_elsewhere: chosen(elsewhere),
                is_owned_elsewhere,
                former_holding: former_holding.filter(Holding::is_own),
                former_owner_is_gone,
            }
        },
    )
}

/// Any situation.
pub(super) fn situation() -> impl Strategy<Value = Situation> {
    (asks(), goal(), ledger(), truth()).prop_map(|(mut subject, goal, ledger, truth)| {
        if matches!(goal, Goal::Present { .. }) && subject.request_type == RequestType::Delete {
            subject.request_type = RequestType::Update;
        }
        Situation { subject, goal, ledger, truth }.possible()
    })
}

impl Holding {
    fn set_retain(&mut self, retain: bool) {
        match &mut self.origin {
            Origin::Made { retain_sharing } => *retain_sharing = retain,
            Origin::Adopted(former) => {
                former.retain_sharing = retain;
                if let Some(inherited) = &mut former.inherited {
                    inherited.set_retain(retain);
                }
            }
            Origin::Attached => {}
        }
    }

    fn may_be_begun_for(&self, target: &Target) -> bool {
        match target {
            Target::Own(_) => self.is_own(),
            Target::Existing(share) => self.is_of(share) && !self.is_own(),
        }
    }
}

impl Situation {
    /// `RetainSharingOnAccountLeaveOrganization` never changes: it is on record as it is in the share, and a request that
    /// began a share asked for it so.
    fn possible(mut self) -> Self {
        if let Goal::Present { is_return, .. } = &mut self.goal {
            *is_return &= self.subject.request_type == RequestType::Update;
        }
        let this = self.subject.request_id.clone();
        let goal = &self.goal;
        // An id that CloudFormation sends is older than what the request begins.
        let given = self.subject.physical_id.clone().unwrap_or_default();
        let is_given =
            |holding: &Holding| holding.share.as_ref().is_some_and(|share| given.starts_with(share));
        self.ledger.holdings.retain(|holding| match goal {
            Goal::Present { desired, .. } if holding.request_id == this => {
                holding.may_be_begun_for(&desired.target) && !is_given(holding)
            }
            _ => true,
        });
        // A share that is taken over has a former owner until it is: that one goes afterwards.
        let had_one = self.ledger.holdings.iter().any(|holding| holding.former_owner().is_some());
        self.truth.former_owner_is_gone &= had_one;
        let of_share = self.truth.share.as_ref().map(|share| share.retain_sharing);
        for holding in self.ledger.holdings.iter_mut().filter(|holding| holding.is_own()) {
            let is_there = holding.share.as_deref().is_none_or(|share| share == SHARE);
            let retain = of_share.filter(|_| is_there).unwrap_or_else(|| holding.retain_sharing());
            holding.set_retain(retain);
        }
        if let (Some(former), Some(retain)) = (&mut self.truth.former_holding, of_share) {
            former.set_retain(retain);
        }
        let begun = self.ledger.of_request(&self.subject.request_id).filter(|holding| holding.is_own());
        if let (None, Some(share)) = (begun, &mut self.truth.share) {
            // What this request is going to make is on record before.
            let tags = share.tags.iter_mut().filter(|(key, _)| *key == ownership::REQUEST_ID);
            tags.for_each(|(_, request_id)| *request_id = request_id.replace("now", "older"));
        }
        if let (Some(begun), Goal::Present { desired, .. }) = (begun, &mut self.goal)
            && let Target::Own(own) = &mut desired.target
        {
            own.retain_sharing = begun.retain_sharing();
            own.allow_external_principals |= own.retain_sharing;
        }
        self.welcome();
        self
    }

    /// RAM takes accounts from outside only where the share allows external principals.
    fn welcome(&mut self) {
        let Goal::Present { desired, .. } = &mut self.goal else { return };
        if !desired.members().iter().any(|id| is_outside(&as_member(id))) {
            return;
        }
        match (&mut desired.target, &mut self.truth.share) {
            (Target::Own(own), _) => own.allow_external_principals = true,
            (Target::Existing(_), Some(share)) => share.allow_external_principals = true,
            (Target::Existing(_), None) => {}
        }
    }
}
