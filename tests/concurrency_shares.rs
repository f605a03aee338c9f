//! Two stacks that add members to one existing share and remove them from it at the same time, also the same member: each
//! has what it asks for, whatever the other does meanwhile, and once both are gone the share is as before.

use crate::support::console::{BARE, ByHand, Look};
use crate::support::flows::succeeded;
use crate::support::points::{Points, Run};
use crate::support::s3::Answer;
use crate::support::trailing::TrailingRecords;
use crate::support::world::{ACCOUNT, Event, MEMBER, OTHER_STACK, REGION, STACK, World, attached, with};
use futures_util::future::join;
use local_cloud::fault::{FaultKind, FaultRule};
use provider::record::Records;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What a stack does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    /// A Create that names the common members.
    Create,
    /// An Update that begins to name them.
    Add,
    /// An Update that no longer names them.
    Drop,
    Delete,
}

const MOVES: [Move; 4] = [Move::Create, Move::Add, Move::Drop, Move::Delete];

impl Move {
    /// Whether the stack names the common members before.
    fn has(self) -> bool {
        matches!(self, Self::Drop | Self::Delete)
    }

    /// Whether it names them afterwards.
    fn wants(self) -> bool {
        matches!(self, Self::Create | Self::Add)
    }
}

/// How they meet.
#[derive(Clone, Copy, Debug)]
struct How {
    /// Whether both have `AdoptExisting`.
    adopts: bool,
    /// How long the index of the records trails them.
    trails: Duration,
}

/// Two stacks and what they meet on.
struct Meeting {
    world: World,
    share: String,
    before: Look,
    /// The first is in the share by hand, the next two are each stack's own, the last is common.
    licenses: Vec<String>,
    adopts: bool,
}

/// One of the stacks, as CloudFormation sees it.
#[derive(Clone, Debug)]
struct Stack {
    number: usize,
    /// The id that CloudFormation knows.
    id: Option<String>,
    /// Whether the properties in force name the common members; `None` where the resource is not there.
    common: Option<bool>,
}

impl Meeting {
    async fn new(adopts: bool) -> Self {
        let world = World::new();
        let mut licenses = world.license_configurations(3);
        licenses.insert(0, world.cloud().create_license_configuration(ACCOUNT, REGION, "by-hand"));
        let share = world.share_by_hand(ByHand { resources: &licenses[..1], ..BARE }).await;
        let before = world.settled(&share).await;
        Self { world, share, before, licenses, adopts }
    }

    fn properties(&self, number: usize, common: bool) -> Value {
        let own = self.licenses[1 + number].clone();
        let properties = if common {
            attached(&self.share, &[own, self.licenses[3].clone()], &[MEMBER])
        } else {
            attached(&self.share, &[own], &[])
        };
        with(properties, "AdoptExisting", json!(self.adopts))
    }

    fn event(&self, stack: &Stack, request_type: &str, properties: Value) -> Event {
        let arn = [STACK, OTHER_STACK][stack.number];
        self.world.event_of(arn, request_type, stack.id.as_deref(), "Members", properties)
    }

    /// Both stacks, as they are before they move. Where both name the common members, both have added them.
    async fn set(&self, moves: [Move; 2]) -> [Stack; 2] {
        let stack = |number| Stack { number, id: None, common: None };
        let mut stacks = [stack(0), stack(1)];
        let create = |stack: &Stack| {
            let makes = moves[stack.number];
            let event = self.event(stack, "Create", self.properties(stack.number, makes.has()));
            async move {
                if makes == Move::Create { None } else { Some(succeeded(self.world.answer(&event).await)) }
            }
        };
        let latency = FaultKind::Latency(Duration::from_millis(50));
        self.world.cloud().add_fault(FaultRule::always("ram", "*", latency));
        let (first, second) = join(create(&stacks[0]), create(&stacks[1])).await;
        self.world.cloud().clear_faults();
        for (stack, created) in stacks.iter_mut().zip([first, second]) {
            stack.common = created.as_ref().map(|_| moves[stack.number].has());
            stack.id = created.map(|answer| answer.physical_id().to_owned());
        }
        self.world.later().await;
        stacks
    }

    fn request(&self, stack: &Stack, moves: Move) -> Event {
        match moves {
            Move::Create => self.event(stack, "Create", self.properties(stack.number, true)),
            Move::Add | Move::Drop => {
                self.event(stack, "Update", self.properties(stack.number, moves.wants()))
            }
            Move::Delete => self.event(stack, "Delete", json!({})),
        }
    }

    /// What CloudFormation does with the answer: it deletes a Create that failed, and rolls an Update back.
    async fn goes_on(&self, stack: &mut Stack, moves: Move, answer: &Answer, met: &str) {
        self.world.later().await;
        stack.id = Some(answer.physical_id().to_owned());
        match (moves, answer.is_success()) {
            (Move::Delete | Move::Drop, false) => panic!("{met}: {}", answer.reason()),
            (Move::Delete, true) => stack.common = None,
            (Move::Create | Move::Add | Move::Drop, true) => stack.common = Some(moves.wants()),
            (Move::Create | Move::Add, false) => {
                // The other one is held for longer than this one may wait.
                let why = if self.adopts { "is letting go of" } else { "not through this resource" };
                assert!(answer.reason().contains(why), "{met}: {}", answer.reason());
                if moves == Move::Create {
                    self.delete(stack, met).await;
                } else {
                    let back = self.event(stack, "Update", self.properties(stack.number, false));
                    let back = self.world.answer(&back).await;
                    assert!(back.is_success(), "{met}, rolled back: {}", back.reason());
                }
            }
        }
    }

    async fn delete(&self, stack: &mut Stack, met: &str) {
        self.world.later().await;
        let delete = self.event(stack, "Delete", json!({}));
        let answer = self.world.answer(&delete).await;
        assert!(answer.is_success(), "{met}: {}", answer.reason());
        stack.common = None;
    }

    /// What is not as the stacks have it now. Whoever adopted a member leaves it in place.
    async fn difference(&self, stacks: &[Stack; 2], when: &str) -> Option<String> {
        let found: BTreeSet<String> = self.world.settled(&self.share).await.members.into_keys().collect();
        let mut wanted: BTreeSet<String> = self.before.members.keys().cloned().collect();
        let there = stacks.iter().filter(|stack| stack.common.is_some());
        wanted.extend(there.map(|stack| self.licenses[1 + stack.number].clone()));
        let common = BTreeSet::from([self.licenses[3].clone(), MEMBER.to_owned()]);
        let named = stacks.iter().any(|stack| stack.common == Some(true));
        if named {
            wanted.extend(common.clone());
        }
        let may_stay = if self.adopts { &common } else { &BTreeSet::new() };
        let is_right =
            found.is_superset(&wanted) && found.difference(&wanted).all(|id| may_stay.contains(id));
        (!is_right).then(|| format!("{when}: {found:?}, and not {wanted:?}"))
    }

    /// Where it makes a difference to hold the first stack.
    async fn points(moves: [Move; 2], adopts: bool) -> Vec<usize> {
        let (meeting, points) = (Self::new(adopts).await, Points::default());
        let stacks = meeting.set(moves).await;
        let event = meeting.request(&stacks[0], moves[0]);
        meeting.world.deliver_to(&meeting.world.process(&points, &[]), &event).await.unwrap();
        points.that_differ()
    }
}

/// One stack is held at a point of its request, and the other's runs meanwhile. `None` where the first has ended before.
async fn meets_at(at: usize, moves: [Move; 2], how: How, deleted: usize) -> Option<Vec<String>> {
    let How { adopts, trails } = how;
    let meeting = Meeting::new(adopts).await;
    let world = &meeting.world;
    let mut stacks = meeting.set(moves).await;
    let events = [0, 1].map(|n| meeting.request(&stacks[n], moves[n]));
    let points = Points::held_at(at);
    let records: Arc<dyn Records> = Arc::new(TrailingRecords::new(world.records.clone(), trails));
    let process = world.process_over(records.clone(), &points, &[]);
    let mut held = Box::pin(world.deliver_to(&process, &events[0]));
    if let Run::Ended(ended) = points.until_stopped(&mut held).await {
        ended.unwrap();
        return None;
    }
    let met = format!("{:?} held {} (point {at}), {:?} meanwhile", moves[0], points.last(), moves[1]);
    world.deliver_to(&world.process_on(records), &events[1]).await.unwrap();
    points.release();
    held.await.unwrap();
    for (stack, event) in stacks.iter_mut().zip(&events) {
        let answer = world.s3.answer_to(&event.request_id).unwrap_or_else(|| panic!("{met}: no answer"));
        meeting.goes_on(stack, moves[stack.number], &answer, &met).await;
    }
    let mut wrong: Vec<String> = meeting.difference(&stacks, &met).await.into_iter().collect();
    for n in [deleted, 1 - deleted] {
        if stacks[n].common.is_some() {
            meeting.delete(&mut stacks[n], &met).await;
            wrong.extend(meeting.difference(&stacks, &format!("{met}, then stack {n} deleted")).await);
        }
    }
    if !adopts && meeting.world.settled(&meeting.share).await != meeting.before {
        wrong.push(format!("{met}: the share is not as before"));
    }
    Some(wrong)
}

async fn meet_everywhere(how: How) {
    let (mut wrong, mut met) = (Vec::new(), 0);
    for (first, second) in MOVES.into_iter().flat_map(|first| MOVES.map(|second| (first, second))) {
        let points = Meeting::points([first, second], how.adopts).await;
        assert!(points.len() >= 5, "{first:?} has {} points only", points.len());
        for (n, at) in points.into_iter().enumerate() {
            let Some(found) = meets_at(at, [first, second], how, n % 2).await else { break };
            wrong.extend(found);
            met += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {met}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(met >= 140, "{met}");
}

#[tokio::test(start_paused = true)]
async fn two_stacks_that_meet_anywhere_on_one_share_leave_each_other_s_members() {
    meet_everywhere(How { adopts: false, trails: Duration::ZERO }).await;
}

#[tokio::test(start_paused = true)]
async fn two_stacks_that_adopt_and_meet_anywhere_on_one_share_leave_each_other_s_members() {
    meet_everywhere(How { adopts: true, trails: Duration::ZERO }).await;
}

/// By less than the provider takes it to.
const TRAILS: Duration = Duration::from_millis(1900);

#[tokio::test(start_paused = true)]
async fn two_stacks_that_adopt_agree_although_the_index_of_the_records_trails_them() {
    meet_everywhere(How { adopts: true, trails: TRAILS }).await;
}
