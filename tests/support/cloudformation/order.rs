//! Work on resources in the order of their dependencies, as many at once as can be.

use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeSet;
use std::pin::pin;

/// What became of the work.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub done: Vec<String>,
    pub failed: Vec<String>,
    /// At work when another one failed: whatever comes of it is not heard.
    pub cancelled: Vec<String>,
    /// Not begun.
    pub left: Vec<String>,
}

/// What happens to the others when one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtFailure {
    /// Those at work are cancelled, and none is begun.
    Cancel,
    /// All are done that do not wait for it.
    GoOn,
}

/// Does `work` on each name once what it waits for among `names` is done; it says whether it succeeded. What is at work
/// when `cancelled` comes true is cancelled.
pub async fn in_order(
    names: &[String],
    waits_for: impl Fn(&str) -> BTreeSet<String>,
    at_failure: AtFailure,
    cancelled: impl Future<Output = ()>,
    work: impl AsyncFn(&str) -> bool,
) -> Ran {
    let (mut ran, mut at_work) = (Ran { left: names.to_vec(), ..Ran::default() }, BTreeSet::new());
    let (mut running, mut cancelled, mut stopped) = (FuturesUnordered::new(), pin!(cancelled), false);
    loop {
        stopped |= at_failure == AtFailure::Cancel && !ran.failed.is_empty();
        for name in ready(&ran, names, &waits_for) {
            if !stopped {
                ran.left.retain(|left| *left != name);
                at_work.insert(name.clone());
                let work = &work;
                running.push(async move { (work(&name).await, name) });
            }
        }
        if stopped {
            ran.cancelled = at_work.into_iter().collect();
            return ran;
        }
        tokio::select! {
            biased;
            ended = running.next() => {
                let Some((succeeded, name)) = ended else { return ran };
                at_work.remove(&name);
                if succeeded { ran.done.push(name) } else { ran.failed.push(name) }
            }
            () = &mut cancelled => stopped = true,
        }
    }
}

fn ready(ran: &Ran, names: &[String], waits_for: impl Fn(&str) -> BTreeSet<String>) -> Vec<String> {
    let is_ready = |name: &&String| {
        waits_for(name).iter().all(|other| !names.contains(other) || ran.done.contains(other))
    };
    ran.left.iter().filter(is_ready).cloned().collect()
}
