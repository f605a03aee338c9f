//! Looks at a share again and again while something goes on.

use super::console::Look;
use super::world::World;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::sleep;

/// Does `work`, and looks at the share every 50 ms meanwhile.
pub async fn watched<T>(world: &World, share: &str, work: impl Future<Output = T>) -> (T, Vec<Look>) {
    let looks = Mutex::new(Vec::new());
    let watch = async {
        loop {
            sleep(Duration::from_millis(50)).await;
            let look = world.settled_now(share).await;
            looks.lock().unwrap().push(look);
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = watch => unreachable!("it never ends"),
    };
    (done, looks.into_inner().unwrap())
}

impl Look {
    /// Whether `member` is in one of these statuses.
    pub fn has(&self, member: &str, statuses: &[&str]) -> bool {
        self.members.get(member).is_some_and(|status| statuses.contains(&status.as_str()))
    }
}
