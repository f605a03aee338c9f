//! Runs of a flow: undisturbed, and killed once, twice, or each time that Lambda delivers it.

use super::abandoned::{WAIT_DEAD_LETTERS, killed};
use super::crash_flows::{Flow, Ready};
use super::gate::{PUT, Passage, Point, SEND};
use super::instance::Instance;
use super::s3::Answer;
use super::shape::Everything;
use super::sqs::event_from;
use super::stage::{OnRecord, Stage};
use super::world::Event;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// How a flow ends.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    pub answer: Value,
    pub there: Everything,
    pub record: Option<OnRecord>,
    /// After the Delete of what the request left.
    pub deleted: Everything,
    pub record_deleted: Option<OnRecord>,
}

/// A flow as it is without a crash.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub flow: Flow,
    /// Its requests to AWS and the bucket, in order.
    pub passages: Vec<Passage>,
    pub end: End,
}

/// A place where a flow is killed.
#[derive(Clone, Debug)]
pub struct Case {
    pub recorded: Recorded,
    pub point: Point,
}

impl Case {
    /// Which no other case has.
    pub fn name(&self) -> String {
        self.at(&self.point)
    }

    /// The same for another point of its flow.
    pub fn at(&self, point: &Point) -> String {
        format!("{:?} {point}", self.recorded.flow)
    }
}

impl Recorded {
    /// Before and after each request.
    pub fn cases(&self) -> impl Iterator<Item = Case> {
        let points = self.passages.iter().flat_map(Point::both);
        points.map(|point| Case { recorded: self.clone(), point })
    }
}

/// Runs a flow without a crash.
pub async fn record(flow: &Flow) -> Recorded {
    let flow = *flow;
    let stage = Stage::new().await;
    let mut instance = stage.start().await;
    let ready = flow.set(&stage, &mut instance).await;
    instance.gate.watch(Vec::new());
    instance.deliver(&ready.delivery).await;
    let passages = instance.gate.passed();
    let end = end(flow, &stage, instance, &ready).await;
    assert_eq!(end.answer["Status"], "SUCCESS", "{flow:?}: {}", end.answer);
    Recorded { flow, passages, end }
}

/// What is there where the request was never sent, and what was before it is deleted.
async fn without(flow: Flow) -> Everything {
    let stage = Stage::new().await;
    let mut instance = stage.start().await;
    let ready = flow.set(&stage, &mut instance).await;
    match ready.event.json["PhysicalResourceId"].as_str() {
        Some(id) => delete(flow, &stage, &mut instance, id).await,
        None if ready.message.is_some() => delete(flow, &stage, &mut instance, "stack-Share-1ABCDEF").await,
        None => {}
    }
    stage.end(instance).await;
    stage.everything()
}

/// What is there after a delivery has come to its end, and after the Delete that follows.
async fn end(flow: Flow, stage: &Stage, mut instance: Instance, ready: &Ready) -> End {
    if flow.hands_over() {
        flow.comes(&stage.world, &ready.event).await;
    }
    stage.run_queue(&mut instance).await;
    let answer = stage.answer_to(&ready.event);
    let (there, record) = (stage.everything(), stage.on_record(&ready.event).await);
    clean_up(flow, stage, &mut instance, &ready.event, &answer).await;
    stage.end(instance).await;
    let (deleted, record_deleted) = (stage.everything(), stage.on_record(&ready.event).await);
    End { answer: answer.json, there, record, deleted, record_deleted }
}

/// Deletes what a replacement left behind, and the resource.
async fn clean_up(flow: Flow, stage: &Stage, instance: &mut Instance, event: &Event, answer: &Answer) {
    let id = answer.physical_id();
    if let Some(old) = event.json["PhysicalResourceId"].as_str().filter(|old| *old != id) {
        delete(flow, stage, instance, old).await;
    }
    delete(flow, stage, instance, id).await;
}

async fn delete(flow: Flow, stage: &Stage, instance: &mut Instance, id: &str) {
    let event = flow.request(stage, "Delete", Some(id), json!({}));
    let answer = stage.answer(instance, &event).await;
    assert!(answer.is_success() && answer.physical_id() == id, "{flow:?}: {}", answer.bytes);
}

/// Fails with the lines in which the two differ.
fn same<T: Debug + PartialEq>(case: &Case, found: &T, expected: &T) {
    let lines = |value: &T| format!("{value:#?}").lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (found_lines, expected_lines) = (lines(found), lines(expected));
    let found_alone: Vec<_> = found_lines.difference(&expected_lines).collect();
    let expected_alone: Vec<_> = expected_lines.difference(&found_lines).collect();
    assert!(found == expected, "{}: {found_alone:#?} and not {expected_alone:#?}", case.name());
}

/// Where processes of a case were killed, in order.
pub type Kills = Vec<Point>;

/// A delivery is killed at the case's point; Lambda delivers it again.
pub async fn once(case: &Case) -> Kills {
    let flow = case.recorded.flow;
    let (stage, ready, kill) = killed_once(case).await;
    let mut instance = stage.start().await;
    instance.deliver(&ready.delivery).await;
    same(case, &end(flow, &stage, instance, &ready).await, &case.recorded.end);
    vec![kill]
}

async fn killed_once(case: &Case) -> (Stage, Ready, Point) {
    let flow = case.recorded.flow;
    let stage = Stage::new().await;
    let mut instance = stage.start().await;
    let ready = flow.set(&stage, &mut instance).await;
    let died = stage.kill_at(instance, &ready.delivery, vec![case.point.clone()]).await;
    assert_eq!(died.as_ref(), Some(&case.point), "{flow:?} never came to {}", case.point);
    (stage, ready, died.unwrap())
}

/// The redelivery is killed at the same point or, where it does not come to it, before it ends.
async fn killed_again(case: &Case, stage: &Stage, ready: &Ready) -> Point {
    let stops = vec![case.point.clone(), Point::before(PUT), Point::before(SEND)];
    let died = stage.kill_at(stage.start().await, &ready.delivery, stops).await;
    died.unwrap_or_else(|| panic!("{:?}, killed {}, was not killed again", case.recorded.flow, case.point))
}

/// The first delivery and the second are killed; the third is not.
pub async fn twice(case: &Case) -> Kills {
    let flow = case.recorded.flow;
    let (stage, ready, kill) = killed_once(case).await;
    let kills = vec![kill, killed_again(case, &stage, &ready).await];
    let mut instance = stage.start().await;
    instance.deliver(&ready.delivery).await;
    same(case, &end(flow, &stage, instance, &ready).await, &case.recorded.end);
    kills
}

/// All three deliveries are killed: the rescue function answers, and CloudFormation rolls back. The rescue function is
/// killed too, at one of these points, and its message comes again.
pub async fn each_time(case: &Case) -> Kills {
    let flow = case.recorded.flow;
    let (stage, ready, kill) = killed_once(case).await;
    let mut kills = vec![kill];
    for _ in 0..2 {
        kills.push(killed_again(case, &stage, &ready).await);
    }
    let abandoned = match &ready.message {
        Some(body) => event_from(WAIT_DEAD_LETTERS, 1, body),
        None => killed(&ready.event),
    };
    let died = stage.kill_at(stage.start_rescue().await, &abandoned, rescue_stops(case)).await;
    let died = died.unwrap_or_else(|| panic!("{flow:?} {}: the rescue function was not killed", case.point));
    kills.push(died);
    let mut rescue = stage.start_rescue().await;
    rescue.deliver(&abandoned).await;
    stage.end(rescue).await;
    let answer = stage.answer_to(&ready.event);
    let mut instance = stage.start().await;
    stage.run_queue(&mut instance).await;
    if answer.is_success() {
        same(case, &answer.json, &case.recorded.end.answer);
        clean_up(flow, &stage, &mut instance, &ready.event, &answer).await;
        stage.end(instance).await;
        same(case, &stage.everything(), &case.recorded.end.deleted);
        return kills;
    }
    take_back(flow, &stage, &mut instance, &ready, &answer).await;
    stage.end(instance).await;
    let (found, without) = (stage.everything(), without(flow).await);
    let expected = flow.taken_back(&found, &without, &case.recorded.end.deleted);
    same(case, &flow.lasting(found), &expected);
    kills
}

/// One of the points of the rescue function, which reads and writes its record and sends: another one for each request
/// of the flow, and the PUT where it has no more to write.
fn rescue_stops(case: &Case) -> Vec<Point> {
    let at = case.recorded.passages.iter().position(|passage| *passage == case.point.passage);
    let operation = ["UpdateItem", PUT][at.unwrap_or_default() % 2];
    let passage = Passage { operation: operation.to_owned(), nth: 1 };
    vec![Point { passage, side: case.point.side }, Point::before(PUT)]
}

/// What CloudFormation does about a request that has failed.
async fn take_back(flow: Flow, stage: &Stage, instance: &mut Instance, ready: &Ready, answer: &Answer) {
    let id = answer.physical_id();
    if ready.event.json["RequestType"] == "Update" {
        assert_eq!(ready.event.json["PhysicalResourceId"], id);
        let rollback = flow.request(stage, "Update", Some(id), ready.before.clone());
        let back = stage.answer(instance, &rollback).await;
        assert!(back.is_success(), "{flow:?}: {}", back.reason());
        if back.physical_id() != id {
            delete(flow, stage, instance, id).await;
        }
        return delete(flow, stage, instance, back.physical_id()).await;
    }
    delete(flow, stage, instance, id).await;
}
