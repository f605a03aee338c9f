//! A process that dies, and dies again, under a strict CloudFormation and the times of the provider's template: the request
//! is answered while CloudFormation waits.

use crate::support::cloudformation::function::{Function, InProcess};
use crate::support::cloudformation::lambda::{Delivery, Lambda};
use crate::support::cloudformation::messages::Sender;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::Resource;
use crate::support::world::{MEMBER, World, own, with};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use local_cloud::Settings;
use serde_json::json;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// What dies.
#[derive(Clone, Debug)]
struct Deaths {
    /// Looks out of the wait queue, or else invocations with CloudFormation's own events.
    looks: bool,
    /// Which of them, from 0.
    which: Range<usize>,
    /// After so long.
    after: Duration,
}

const AT_ONCE: Duration = Duration::ZERO;
/// The function's time-out.
const AT_THE_END: Duration = Duration::from_secs(120);

fn events(which: Range<usize>, after: Duration) -> Deaths {
    Deaths { looks: false, which, after }
}

fn looks(which: Range<usize>, after: Duration) -> Deaths {
    Deaths { looks: true, which, after }
}

/// A function whose process dies, before it has done anything.
#[derive(Debug)]
struct Dying {
    function: Arc<dyn Function>,
    deaths: Deaths,
    counted: AtomicUsize,
}

impl Function for Dying {
    fn invoke(&self, event: String) -> BoxFuture<'_, Result<(), String>> {
        let is_look = event.starts_with(r#"{"Records""#);
        if is_look != self.deaths.looks {
            return self.function.invoke(event);
        }
        let nth = self.counted.fetch_add(1, Ordering::SeqCst);
        if !self.deaths.which.contains(&nth) {
            return self.function.invoke(event);
        }
        async {
            sleep(self.deaths.after).await;
            Err("Runtime.ExitError".to_owned())
        }
        .boxed()
    }
}

/// The Reason of a Create that waits for a member for as long as it may, and how long after the request it came.
async fn reason(deaths: &Deaths, seconds: u64) -> (String, Duration) {
    let mut settings = Settings::default();
    settings.ram.times.associate_account = Duration::from_secs(7_200);
    let world = Arc::new(World::with(settings));
    let licenses = world.license_configurations(1);
    let function = |queue: Sender| -> Arc<dyn Function> {
        let queue = Arc::new(queue);
        let function =
            Arc::new(InProcess::new(&world, move |world| world.new_process().with_queue(queue.clone())));
        Arc::new(Dying { function, deaths: deaths.clone(), counted: AtomicUsize::new(0) })
    };
    let rescue = InProcess::new(&world, |world| world.rescue(&[], |_| {}));
    let lambda = Lambda::deployed(world.place(), function, Arc::new(rescue), Delivery::default());
    let cloudformation = CloudFormation::of(&world, lambda);
    let properties = with(own("licenses", &licenses, &[MEMBER]), "ServiceTimeout", json!(seconds));
    let template = vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)];
    let began = tokio::time::Instant::now();
    let stack = cloudformation.create_stack("licenses", template).await;
    assert_eq!(stack.status(), StackStatus::RollbackComplete, "{deaths:?}: {:?}", stack.events());
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new(), "{deaths:?}");
    assert_eq!(world.live_shares(), Vec::<String>::new(), "{deaths:?}");
    (stack.reasons("CREATE_FAILED").concat(), began.elapsed())
}

/// In the Reason that the rescue function gives.
const RESCUED: &str = "ended without an answer";
/// In the provider's own.
const WAITED: &str = "AWS RAM has not settled";

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_each_time_is_answered_for_while_cloudformation_waits() {
    for (deaths, seconds) in [
        (events(0..3, AT_ONCE), 240),
        (events(0..3, AT_ONCE), 900),
        (events(0..3, AT_THE_END), 600),
        (looks(0..99, AT_ONCE), 600),
        (looks(0..99, AT_THE_END), 600),
        (looks(0..99, AT_ONCE), 900),
        (looks(0..99, AT_THE_END), 3_600),
        (looks(30..99, AT_ONCE), 3_600),
        (looks(50..99, AT_ONCE), 3_600),
    ] {
        let (reason, after) = reason(&deaths, seconds).await;
        assert!(reason.contains(RESCUED), "{deaths:?} of {seconds} s, after {after:?}: {reason}");
        assert!(after < Duration::from_secs(seconds + 60), "{deaths:?} of {seconds} s: {after:?}");
    }
}

/// Wherever one process dies, but in the last minutes.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_once_costs_nothing_but_time() {
    for nth in 0..30 {
        for after in [AT_ONCE, AT_THE_END] {
            let deaths = looks(nth..nth + 1, after);
            let (reason, _) = reason(&deaths, 1_800).await;
            assert!(reason.contains(WAITED), "{deaths:?}: {reason}");
        }
    }
}
