//! The one place that reads the wall clock.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// A wall clock that keeps pace with tokio's: in tests with paused time it is as virtual as the timers.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: SystemTime,
    at: Instant,
}

impl Clock {
    /// A clock that shows the time of day from now on. Taken anew for every invocation: between two the process is
    /// frozen, and the monotonic clock may be with it.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the wall clock")]
    pub fn system() -> Self {
        Self::starting_at(SystemTime::now())
    }

    /// A clock that shows `wall` now.
    pub fn starting_at(wall: SystemTime) -> Self {
        Self { wall, at: Instant::now() }
    }

    /// The time of day.
    pub fn now(&self) -> SystemTime {
        self.wall + self.at.elapsed()
    }

    /// The instant at which this clock will show `wall`; now, where that is past.
    pub fn instant(&self, wall: SystemTime) -> Instant {
        Instant::now() + wall.duration_since(self.now()).unwrap_or(Duration::ZERO)
    }
}
