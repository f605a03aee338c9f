//! A newer request comes while an older one is still at work, or before it has even begun.

use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::points::{Points, Run};
use crate::support::scenes::{Scene, rollback};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{Event, World};
use local_cloud::Settings;
use serde_json::Value;
use std::time::Duration;

const INVENTED: &str = "licenses-Share-1ABCDEF";

/// What becomes of the older delivery once the newer one is over.
#[derive(Clone, Copy, Debug)]
enum Then {
    GoesOn,
    Dies,
    /// The call that was on its way is done, and then it dies.
    DiesAfterOneMore,
}

const ALL: [Then; 3] = [Then::GoesOn, Then::Dies, Then::DiesAfterOneMore];

fn points(at: usize, then: Then) -> Points {
    match then {
        Then::GoesOn | Then::Dies => Points::held_at(at),
        Then::DiesAfterOneMore => Points::held_then_dead_at(at),
    }
}

/// How an older delivery met a newer request.
struct Met {
    /// Where the older one was.
    place: String,
    /// What was there once it had come to its end: Lambda need not deliver it again then.
    at_its_end: Option<Vec<Shape>>,
}

/// Delivers `older` up to its `at`-th point, then what `newer` says, then the rest of `older`, and `older` once more.
/// `None` where `older` had ended before.
async fn overtake(
    world: &World,
    older: &Event,
    at: usize,
    then: Then,
    newer: impl AsyncFnOnce(&World),
) -> Option<Met> {
    let points = points(at, then);
    let process = world.process(&points, &[]);
    let mut delivery = Box::pin(world.deliver_to(&process, older));
    if let Run::Ended(_) = points.until_stopped(&mut delivery).await {
        return None;
    }
    let place = points.last();
    world.later().await;
    newer(world).await;
    let mut at_its_end = None;
    match then {
        Then::Dies => drop(delivery),
        Then::GoesOn | Then::DiesAfterOneMore => {
            points.release();
            if let Run::Ended(Ok(())) = points.until_stopped(&mut delivery).await {
                at_its_end = Some(shapes(world));
            }
            drop(delivery);
        }
    }
    world.later().await;
    let _ = world.deliver_anew(older).await;
    Some(Met { place, at_its_end })
}

/// The id that CloudFormation sends in a Delete: that of the answer which it took, else one that it invents.
fn id_for_delete(world: &World, create: &Event) -> String {
    world
        .s3
        .answer_to(&create.request_id)
        .map_or(INVENTED.to_owned(), |answer| answer.physical_id().to_owned())
}

async fn cancel(world: &World, create: &Event) {
    let id = id_for_delete(world, create);
    let delete = world.event("Delete", Some(&id), "Share", properties(create));
    world.deliver_anew(&delete).await.unwrap();
    let answer = world.s3.answer_to(&delete.request_id).expect("an answer to the Delete");
    assert!(answer.is_success(), "{}", answer.reason());
    assert_eq!(answer.physical_id(), id);
}

fn properties(event: &Event) -> Value {
    event.json["ResourceProperties"].clone()
}

fn slow() -> Settings {
    let mut settings = Settings::default();
    let times = &mut settings.ram.times;
    times.share_pending = Duration::from_millis(400);
    times.associate_resource = Duration::from_millis(1_500);
    times.associate_account = Duration::from_secs(2);
    times.disassociate_resource = Duration::from_millis(2_500);
    times.disassociate_principal = Duration::from_secs(1);
    settings
}

/// What is not as it was, at the end of the older delivery and after it came again.
fn differences(world: &World, before: &[Shape], met: Met) -> impl Iterator<Item = String> {
    let found = met.at_its_end.into_iter().chain([shapes(world)]).filter(move |found| found != before);
    found.map(move |found| format!("overtaken {}: {found:?}, before: {before:?}", met.place))
}

async fn create_is_overtaken(scene: Scene, settings: &Settings, then: Then) {
    let (mut found, mut overtaken) = (Vec::new(), 0);
    for at in scene.points(&World::with(settings.clone())).await {
        let world = World::with(settings.clone());
        let create = scene.set(&world).await;
        let before = shapes(&world);
        let met = overtake(&world, &create, at, then, async |world| cancel(world, &create).await).await;
        let Some(met) = met else { break };
        found.extend(differences(&world, &before, met));
        overtaken += 1;
    }
    assert_eq!(found, Vec::<String>::new(), "{scene:?} overtaken, {then:?}");
    assert!(overtaken >= 6, "{scene:?} was overtaken {overtaken} times only");
}

#[tokio::test(start_paused = true)]
async fn a_delete_overtakes_a_create_that_goes_on_and_nothing_is_left() {
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        create_is_overtaken(scene, &Settings::default(), Then::GoesOn).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_overtakes_a_create_that_dies_and_nothing_is_left() {
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        create_is_overtaken(scene, &Settings::default(), Then::Dies).await;
        create_is_overtaken(scene, &Settings::default(), Then::DiesAfterOneMore).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_overtakes_a_create_while_ram_is_at_work_and_nothing_is_left() {
    for then in ALL {
        create_is_overtaken(Scene::Create, &slow(), then).await;
    }
}

/// What CloudFormation does when an Update is taken back while it may still run: the rollback, and the Delete of the id
/// that is no longer the resource's.
async fn roll_back(world: &World, update: &Event) {
    let old = update.json["PhysicalResourceId"].as_str().unwrap().to_owned();
    let taken = world.s3.answer_to(&update.request_id).map(|answer| answer.physical_id().to_owned());
    let given = taken.unwrap_or(old);
    let back = rollback(world, update, &given);
    world.deliver_anew(&back).await.unwrap();
    let answer = world.s3.answer_to(&back.request_id).expect("an answer to the rollback");
    assert!(answer.is_success(), "{}", answer.reason());
    if answer.physical_id() != given {
        let deleted = world.delete(&given, "Share").await;
        assert!(deleted.is_success(), "{}", deleted.reason());
    }
}

async fn update_is_overtaken(scene: Scene, settings: &Settings, then: Then) {
    let (mut found, mut overtaken) = (Vec::new(), 0);
    for at in scene.points(&World::with(settings.clone())).await {
        let world = World::with(settings.clone());
        let update = scene.set(&world).await;
        let before = shapes(&world);
        let met = overtake(&world, &update, at, then, async |world| roll_back(world, &update).await).await;
        let Some(met) = met else { break };
        found.extend(differences(&world, &before, met));
        overtaken += 1;
    }
    assert_eq!(found, Vec::<String>::new(), "{scene:?} overtaken, {then:?}");
    assert!(overtaken >= 6, "{scene:?} was overtaken {overtaken} times only");
}

const UPDATES: [Scene; 9] = [
    Scene::AddMembers,
    Scene::RemoveMembers,
    Scene::SwapMembers,
    Scene::Rename,
    Scene::Retag,
    Scene::AllowExternal,
    Scene::ChangeAttached,
    Scene::ReplaceByShare,
    Scene::ReplaceByAttachment,
];

#[tokio::test(start_paused = true)]
async fn a_rollback_overtakes_an_update_that_goes_on_and_all_is_as_before() {
    for scene in UPDATES {
        update_is_overtaken(scene, &Settings::default(), Then::GoesOn).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_overtakes_an_update_that_dies_and_all_is_as_before() {
    for scene in UPDATES {
        update_is_overtaken(scene, &Settings::default(), Then::Dies).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_overtakes_an_update_that_dies_with_a_call_on_its_way_and_all_is_as_before() {
    for scene in UPDATES {
        update_is_overtaken(scene, &Settings::default(), Then::DiesAfterOneMore).await;
    }
}

/// The record is asked before the first write, also where it has nothing new to say.
#[tokio::test(start_paused = true)]
async fn an_update_that_is_overtaken_while_it_looks_writes_nothing() {
    for scene in UPDATES {
        let mut asked = false;
        for at in scene.points(&World::new()).await {
            let world = World::new();
            let update = scene.set(&world).await;
            let points = Points::held_at(at);
            let process = world.process(&points, &[]);
            let mut delivery = Box::pin(world.deliver_to(&process, &update));
            assert!(matches!(points.until_stopped(&mut delivery).await, Run::Stopped), "{scene:?} {at}");
            let place = points.last();
            world.later().await;
            roll_back(&world, &update).await;
            let mark = world.mark();
            points.release();
            delivery.await.unwrap();
            assert_eq!(world.written_since(mark), Vec::<String>::new(), "{scene:?} overtaken {place}");
            asked = place == "before record save";
            if asked {
                break;
            }
        }
        assert!(asked, "{scene:?}");
    }
}

/// Holds an older Update at a point until the rollback has looked, and has its answer still to record: the older one goes
/// on meanwhile. Both end, and neither comes again. What is not as it was; `None` where the Update had ended before.
async fn meets_a_rollback_at_work(scene: Scene, at: usize) -> Option<Option<String>> {
    let world = World::new();
    let update = scene.set(&world).await;
    let before = shapes(&world);
    let points = Points::held_at(at);
    let process = world.process(&points, &[]);
    let mut delivery = Box::pin(world.deliver_to(&process, &update));
    if let Run::Ended(_) = points.until_stopped(&mut delivery).await {
        return None;
    }
    let place = points.last();
    world.later().await;
    let old = update.json["PhysicalResourceId"].as_str().unwrap();
    let back = rollback(&world, &update, old);
    let slow = [RecordRule::always("end", RecordFault::Slow(Duration::from_secs(20)))];
    let newer = world.process(&Points::default(), &slow);
    let release = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        points.release();
    };
    let (older, newer, ()) = tokio::join!(delivery, world.deliver_to(&newer, &back), release);
    older.and(newer).unwrap();
    if world.s3.answer_to(&update.request_id).is_none() {
        let answer = world.s3.answer_to(&back.request_id).expect("an answer to the rollback");
        assert!(answer.is_success(), "{}", answer.reason());
    }
    let found = shapes(&world);
    Some((found != before).then(|| format!("overtaken {place}: {found:?}, before: {before:?}")))
}

#[tokio::test(start_paused = true)]
async fn an_update_that_goes_on_while_its_rollback_is_still_at_work_leaves_all_as_before() {
    for scene in UPDATES {
        let (mut found, mut overtaken) = (Vec::new(), 0);
        for at in scene.points(&World::new()).await {
            let Some(difference) = meets_a_rollback_at_work(scene, at).await else { break };
            found.extend(difference);
            overtaken += 1;
        }
        assert_eq!(found, Vec::<String>::new(), "{scene:?}");
        assert!(overtaken >= 6, "{scene:?} was overtaken {overtaken} times only");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_comes_after_its_delete_makes_nothing() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let before = shapes(&world);
    world.later().await;
    cancel(&world, &create).await;
    let mark = world.mark();
    world.deliver(&create).await.unwrap();
    assert_eq!(shapes(&world), before);
    assert_eq!(world.s3.answer_to(&create.request_id), None);
    let writes = world.calls_since(mark).into_iter().filter(|call| !is_read(&call.operation)).count();
    assert_eq!(writes, 0);
}

fn is_read(operation: &str) -> bool {
    operation.starts_with("Get") || operation.starts_with("List")
}
