//! Many cases side by side, each on a runtime of its own that ends with it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A case spends more than half of its time waiting for other processes.
const AT_ONCE: usize = 4;

/// Runs a case for each of `inputs`; in their order, what came of it or the words of its panic.
pub fn run<I: Sync, O: Send>(inputs: &[I], case: impl AsyncFn(&I) -> O + Sync) -> Vec<Result<O, String>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<O, String>)>> = Mutex::default();
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let Some(input) = inputs.get(number) else { return };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(case(input))));
            done.lock().unwrap().push((number, ended.map_err(|panic| words(&*panic))));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, ended)| ended).collect()
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}
