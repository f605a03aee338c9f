//! Requests that are refused before anything is changed.

use super::world::{Event, MEMBER, World, own};
use expect_test::Expect;
use serde_json::Value;

/// Creates with `properties`, and updates a good share to them. Both are refused with `reason`, which on Create ends in
/// `(log stream ...)` like every other; nothing is written to AWS; the Delete of what was never made succeeds.
pub async fn refused(world: &World, properties: Value, reason: Expect) {
    world.later().await;
    let create = world.event("Create", None, "Share", properties.clone());
    let update = |id: &str| world.event("Update", Some(id), "Share", properties);
    refused_events(world, create, update, reason).await;
}

/// The same, with whole events.
pub async fn refused_events(
    world: &World,
    create: Event,
    update: impl FnOnce(&str) -> Event,
    reason: Expect,
) {
    let mark = world.mark();
    let created = world.answer(&create).await;
    assert!(!created.is_success(), "{}", created.bytes);
    reason.assert_eq(without_trailer(created.reason()));
    assert_eq!(created.physical_id(), format!("license-config-share/none/{}", create.request_id));
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(deleted.physical_id(), created.physical_id());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    refused_update(world, update, created.reason()).await;
}

async fn refused_update(world: &World, update: impl FnOnce(&str) -> Event, reason: &str) {
    world.later().await;
    let good = world.create("Share", own("good", &[], &[MEMBER])).await;
    assert!(good.is_success(), "{}", good.reason());
    let (mark, members) = (world.mark(), world.members(good.physical_id()));
    world.later().await;
    let updated = world.answer(&update(good.physical_id())).await;
    assert!(!updated.is_success(), "{}", updated.bytes);
    let expected = reason.replace("creating", "updating");
    assert_eq!(without_trailer(updated.reason()), without_trailer(&expected));
    assert_eq!(updated.physical_id(), good.physical_id());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.members(good.physical_id()), members);
    let deleted = world.delete(good.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert!(!world.live_shares().contains(&"good".to_owned()));
}

/// A Reason without where to find more, which it must end in.
pub fn without_trailer(reason: &str) -> &str {
    const STREAM: &str = "log stream 2026/11/24/[$LATEST]";
    let (end, number) =
        reason.rsplit_once(STREAM).unwrap_or_else(|| panic!("no log stream at the end of {reason}"));
    assert!(number.len() == 5 && number.ends_with(')'), "{reason}");
    let (message, ids) = end.rsplit_once(" (").unwrap();
    assert!(ids.is_empty() || ids.starts_with("AWS request id "), "{reason}");
    message
}
