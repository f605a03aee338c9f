//! The instant after which no AWS call may still run.

use std::time::Duration;
use tokio::time::Instant;

/// An instant of tokio's clock, which tests can pause. Calls that are under way then are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline at this instant.
    pub fn new(at: Instant) -> Self {
        Self(at)
    }

    /// The deadline this long from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The instant, for `tokio::time::timeout_at`.
    pub fn at(self) -> Instant {
        self.0
    }

    /// The time that is left; zero once it is over.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether no time is left.
    pub fn is_over(self) -> bool {
        self.remaining().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_runs_out_and_never_goes_below_zero() {
        let deadline = Deadline::after(Duration::from_secs(3));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(deadline.remaining(), Duration::from_secs(2));
        assert!(!deadline.is_over());
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert!(deadline.is_over());
    }
}
