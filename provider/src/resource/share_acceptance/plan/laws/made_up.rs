//! Situations of an acceptance: what is wanted, on record and there, in any combination; and what AWS RAM makes of the
//! steps of a plan, told anew.

use crate::domain::{Invitation, InvitationStatus, ResourceStatus, Share, ShareStatus, SharedResource};
use crate::protocol::RequestType;
use crate::resource::share_acceptance::desired::Desired;
use crate::resource::share_acceptance::ledger::{Holding, Ledger};
use crate::resource::share_acceptance::look::Look;
use crate::resource::share_acceptance::observed::{Means, Observed};
use crate::resource::share_acceptance::properties::OnDelete;
use crate::resource::share_acceptance::step::{ACCEPT, Step};
use crate::resource::share_acceptance::testing::{ID, OWNER, SHARE, STACK, subject};
use crate::resource::{Goal, Subject, Which};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

const OTHER_ID: &str = "license-config-share-acceptance/999988887777/0b";
const STRANGE_ID: &str = "license-config-share-acceptance/444455556666/0a";
const LICENSE: &str = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-";
const ROLE: &str = "arn:aws:iam::999988887777:role/accept";

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
    match look {
        Look::Present { .. } => Observed { named_elsewhere: false, ..truth.clone() },
        Look::Absent { elsewhere, .. } => {
            Observed { named_elsewhere: *elsewhere && truth.named_elsewhere, ..Observed::default() }
        }
    }
}

fn request() -> impl Strategy<Value = String> {
    "(r1|created|older)"
}

fn asks() -> impl Strategy<Value = Subject> {
    let kind = prop_oneof![Just(RequestType::Create), Just(RequestType::Update), Just(RequestType::Delete)];
    (kind, prop_oneof![4 => Just(STACK), 1 => Just(OWNER)]).prop_map(|(kind, home)| subject(kind, home))
}

fn license() -> impl Strategy<Value = String> {
    "[abc]".prop_map(|name| format!("{LICENSE}{name}"))
}

fn goal() -> impl Strategy<Value = Goal<Desired>> {
    let outstanding = option::weighted(0.3, any::<bool>())
        .prop_map(|accepts| accepts.map(|on| on.then(|| ACCEPT.to_owned()).into_iter().collect()));
    let flags = (any::<[bool; 2]>(), proptest::bool::weighted(0.3));
    let present = (flags, btree_set(license(), 0..3), outstanding).prop_map(
        |(([role, leaves], is_return), ids, outstanding)| {
            let desired = Desired {
                share: SHARE.parse().unwrap(),
                role: role.then(|| ROLE.parse().unwrap()),
                license_configurations: ids.iter().map(|id| id.parse().unwrap()).collect(),
                on_delete: if leaves { OnDelete::Leave } else { OnDelete::Retain },
            };
            Goal::Present { desired, is_return, outstanding }
        },
    );
    prop_oneof![3 => present, 2 => which().prop_map(Goal::Absent)]
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![8 => Just(ID), 1 => Just(OTHER_ID), 1 => Just(STRANGE_ID)].prop_map(str::to_owned)
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        4 => id().prop_map(Which::PhysicalId),
        2 => request().prop_map(Which::Request),
        3 => request().prop_map(Which::Unanswered),
        1 => Just(Which::Leftovers { except: "r1".to_owned() }),
        1 => id().prop_map(|physical_id| Which::After {
            physical_id,
            requests: ["older", "created", "r1"].map(str::to_owned).to_vec(),
            except: "r1".to_owned(),
        }),
    ]
}

fn holding() -> impl Strategy<Value = Holding> {
    let share = prop_oneof![15 => Just(SHARE), 1 => Just("unreadable")];
    let role = prop_oneof![4 => Just(None), 2 => Just(Some(ROLE)), 1 => Just(Some("unreadable"))];
    let of_request = (option::of(request()), btree_set("i[1-4]", 0..3));
    (id(), share, request(), any::<[bool; 4]>(), option::weighted(0.7, "i[1-4]"), role, of_request).prop_map(
        |(id, share, request_id, [answered, visible, leave, overtaken], accepted, role, (looked, passed))| {
            Holding {
                answered,
                visible,
                leave,
                overtaken: overtaken && !answered,
                by: accepted.as_ref().filter(|_| visible).map(|_| Means::Invitation),
                accepted,
                role: role.map(str::to_owned),
                looked,
                passed,
                ..Holding::begun(id, share, &request_id)
            }
        },
    )
}

fn ledger() -> impl Strategy<Value = Ledger> {
    let holdings = prop_oneof![1 => Just(Vec::new()), 3 => vec(holding(), 1..3)];
    holdings.prop_map(|holdings| holdings.into_iter().fold(Ledger::default(), |ledger, one| ledger.with(one)))
}

fn invitation(name: &str, status: &str, sent: u64) -> Invitation {
    Invitation {
        arn: name.to_owned(),
        status: InvitationStatus::from(status),
        sender: OWNER.parse().unwrap(),
        sent_at: Some(UNIX_EPOCH + Duration::from_secs(sent)),
    }
}

/// At most one of them is pending, the newest; the request came in the 1,000th second.
fn invitations() -> impl Strategy<Value = Vec<Invitation>> {
    let over = proptest::sample::select(&["ACCEPTED", "REJECTED", "EXPIRED", "NEW"][..]);
    let sent = prop_oneof![4 => 900..1_000_u64, 1 => 1_001..1_010_u64];
    (vec((over, sent), 0..3), option::of(Just(1_050))).prop_map(|(over, pending)| {
        let numbered = over.iter().enumerate();
        let over = numbered.map(|(n, (status, sent))| invitation(&format!("i{}", n + 1), status, *sent));
        over.chain(pending.map(|sent| invitation("i4", "PENDING", sent))).collect()
    })
}

fn share(status: &str) -> Share {
    Share {
        arn: SHARE.parse().unwrap(),
        name: "partner".to_owned(),
        owner: OWNER.parse().unwrap(),
        status: ShareStatus::from(status),
        status_message: None,
        allow_external_principals: true,
        retain_sharing: false,
        tags: BTreeMap::new(),
        updated: None,
    }
}

fn truth() -> impl Strategy<Value = Observed> {
    let status = proptest::sample::select(&["ACTIVE", "ACTIVE", "ACTIVE", "PENDING", "DELETING"][..]);
    let usable = prop_oneof![3 => Just(None), 1 => Just(Some("AVAILABLE")), 1 => Just(Some("PENDING"))];
    let resources = vec((license(), usable), 0..4);
    let refused = option::weighted(0.1, Just("the account cannot be looked at".to_owned()));
    (invitations(), option::of(status), resources, refused, any::<bool>()).prop_map(
        |(invitations, status, resources, refused, named_elsewhere)| {
            let resource = |(arn, status): &(String, Option<&str>)| SharedResource {
                arn: arn.parse().unwrap(),
                status: status.map(ResourceStatus::from),
            };
            Observed {
                of: Some(SHARE.parse().unwrap()),
                invitations,
                share: status.map(share),
                resources: resources.iter().map(resource).collect(),
                refused,
                named_elsewhere,
                ..Observed::default()
            }
        },
    )
}

/// Any situation.
pub(super) fn situation() -> impl Strategy<Value = Situation> {
    (asks(), goal(), ledger(), truth()).prop_map(|(mut subject, mut goal, mut ledger, truth)| {
        if let Goal::Present { is_return, .. } = &mut goal {
            if subject.request_type == RequestType::Delete {
                subject.request_type = RequestType::Update;
            }
            *is_return &= subject.request_type == RequestType::Update;
        }
        // What a request begins has no answer before the request has one.
        for holding in ledger.holdings.iter_mut().filter(|holding| holding.request_id == subject.request_id) {
            holding.answered = false;
        }
        Situation { subject, goal, ledger, truth }
    })
}

/// Whether the steps go on; false where the rest is for a new plan.
pub(super) fn done(truth: &mut Observed, step: &Step) -> bool {
    match step {
        Step::Accept { invitation, .. } => {
            let accepted = truth.invitations.iter_mut().filter(|one| one.arn == *invitation);
            accepted.for_each(|one| one.status = InvitationStatus::Accepted);
        }
        Step::AwaitInvitation { .. } => {
            if truth.pending().is_none() {
                truth.invitations.push(invitation("later", "PENDING", 1_100));
            }
            return false;
        }
        Step::AwaitVisible { license_configurations, .. } => {
            if truth.visible().is_none() {
                truth.share = Some(share("ACTIVE"));
            }
            let usable: BTreeSet<_> = truth.usable().into_iter().cloned().collect();
            let missing = license_configurations.iter().filter(|arn| !usable.contains(*arn));
            let shown: Vec<_> =
                missing.map(|arn| SharedResource { arn: arn.clone(), status: None }).collect();
            truth.resources.extend(shown);
        }
        Step::Leave { .. } => truth.share = None,
    }
    true
}
