//! How long to wait: between looks at something that settles by itself, and before a call is sent again.
//!
//! Pure but for the randomness.

use std::hash::{BuildHasher, RandomState};
use std::iter;
use std::time::Duration;

/// Seconds between looks; the last one repeats.
const LOOKS: [f64; 5] = [0.3, 1.0, 2.0, 4.0, 8.0];

/// Seconds, at least and at most, before a refused call is sent again; the last one repeats.
///
/// Many stacks start in the same moment and RAM's write rates are low, so the waits spread out quickly: one refusal
/// costs less than two seconds at the median, yet 100 callers against 5 calls a second (burst 5) are refused 1.7 times
/// each, where full jitter up to 8 s is refused 3 to 5 times (simulated; 500 callers: 2.9 against 13). The first three
/// waits add up to less than 80 s, in which 100 callers are to be served; the fourth keeps 500 apart.
const REFUSED: [(f64, f64); 5] = [(0.2, 3.4), (3.0, 33.0), (10.0, 42.0), (27.0, 77.0), (2.0, 40.0)];

/// The first and the longest wait before a failed call (5xx, reset, hang) is sent again, in seconds; it doubles.
const FAILED: (f64, f64) = (0.25, 8.0);

/// What must be left for a try more before the deadline.
const LAST_TRY: Duration = Duration::from_secs(1);

/// No wait of this module is longer.
pub(super) const LONGEST: Duration = Duration::from_secs(77);

/// Draws this thread's waits from the system's randomness from now on. Else they are drawn from time and thread, which
/// many functions that start in the same moment may have in common.
pub fn scatter() {
    fastrand::seed(RandomState::new().hash_one(()));
}

/// The waits between looks at something that settles by itself: 0.3, 1, 2, 4, 8, 8, ... seconds, each 20 % more or
/// less. It never ends; the caller's deadline does.
pub fn looks() -> impl Iterator<Item = Duration> {
    let last = LOOKS.last().copied().unwrap_or_default();
    LOOKS.into_iter().chain(iter::repeat(last)).map(|seconds| between(seconds * 0.8, seconds * 1.2))
}

/// The wait after the `refusals`-th (from 1) throttled answer, with a last try inside the time that is left.
pub(super) fn after_refusal(refusals: u32, left: Duration) -> Duration {
    let index = usize::try_from(refusals.saturating_sub(1)).unwrap_or(usize::MAX);
    let (least, most) = REFUSED.get(index).or(REFUSED.last()).copied().unwrap_or_default();
    inside(between(least, most), left)
}

/// The wait after the `failures`-th (from 1) failure that was no refusal, with a last try inside the time that is left.
pub(super) fn after_failure(failures: u32, left: Duration) -> Duration {
    let doublings = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
    let (first, longest) = FAILED;
    inside(between(0.0, (first * 2_f64.powi(doublings)).min(longest)), left)
}

/// A wait that would outlast the time that is left becomes a shorter one, for a last try, unless less than
/// [`LAST_TRY`] is left: tries must not crowd before the deadline.
fn inside(wait: Duration, left: Duration) -> Duration {
    if wait < left || left < LAST_TRY {
        return wait;
    }
    let left = left.as_secs_f64();
    between(left * 0.5, left * 0.9)
}

/// A random time between the two, in seconds. Where they are no duration, zero.
fn between(least: f64, most: f64) -> Duration {
    Duration::try_from_secs_f64(least + (most - least) * fastrand::f64()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: Duration = Duration::from_secs(1_000);

    fn assert_between(wait: Duration, least: f64, most: f64) {
        let wait = wait.as_secs_f64();
        assert!((least - 1e-6..=most + 1e-6).contains(&wait), "{wait} is not in {least}..={most}");
    }

    #[test]
    fn scattered_waits_do_not_follow_from_what_was_drawn_before() {
        let drawn = |scattered: bool| {
            fastrand::seed(7);
            if scattered {
                scatter();
            }
            between(0.0, 1.0)
        };
        assert_eq!(drawn(false), drawn(false));
        assert_ne!(drawn(true), drawn(false));
        assert_ne!(drawn(true), drawn(true));
    }

    #[test]
    fn looks_grow_to_eight_seconds_and_stay_there_with_a_fifth_of_jitter() {
        let waits: Vec<_> = looks().take(50).collect();
        for (wait, seconds) in
            waits.iter().zip([0.3, 1.0, 2.0, 4.0, 8.0].into_iter().chain(iter::repeat(8.0)))
        {
            assert_between(*wait, seconds * 0.8, seconds * 1.2);
        }
        assert!(waits.windows(2).skip(5).any(|pair| pair[0] != pair[1]), "{waits:?}");
    }

    #[test]
    fn a_single_refusal_costs_less_than_two_seconds_at_the_median() {
        let mut waits: Vec<_> = (0..2_001).map(|_| after_refusal(1, PLENTY)).collect();
        waits.sort();
        assert!(waits[1_000] < Duration::from_secs(2), "{:?}", waits[1_000]);
        assert_between(waits[0], 0.2, 3.4);
        assert_between(waits[2_000], 0.2, 3.4);
    }

    #[test]
    fn waits_spread_with_each_refusal_and_double_with_each_failure() {
        for (refusals, (least, most)) in (1..).zip(REFUSED) {
            assert_between(after_refusal(refusals, PLENTY), least, most);
        }
        assert_between(after_refusal(99, PLENTY), 2.0, 40.0);
        for (failures, most) in (1..).zip([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]) {
            assert_between(after_failure(failures, PLENTY), 0.0, most);
        }
        assert_between(after_failure(u32::MAX, PLENTY), 0.0, 8.0);
    }

    #[test]
    fn a_wait_ends_before_the_deadline_while_a_second_is_left() {
        let left = Duration::from_millis(1_500);
        for turn in 1..20 {
            assert!(after_refusal(turn, left) < left);
            assert!(after_failure(turn, left) < left);
            assert!(after_refusal(turn, PLENTY) <= LONGEST);
            assert!(after_refusal(turn.max(2), Duration::from_millis(999)) > left);
        }
    }

    /// Calls a server that grants `rate` a second (burst as large), all at once; returns the refusals a caller and
    /// the second in which the last one was served.
    fn crowd(callers: u32, rate: f64) -> (f64, f64) {
        let mut queue: Vec<(f64, u32)> = (0..callers).map(|n| (f64::from(n) * 1e-3, 0)).collect();
        let (mut tokens, mut last, mut refused) = (rate, 0.0, 0_u32);
        while !queue.is_empty() {
            let next = (0..queue.len()).min_by(|a, b| queue[*a].0.total_cmp(&queue[*b].0)).unwrap();
            let (now, refusals) = queue.swap_remove(next);
            tokens = f64::min(rate, tokens + (now - last) * rate);
            last = now;
            if tokens >= 1.0 {
                tokens -= 1.0;
            } else {
                refused += 1;
                queue.push((now + after_refusal(refusals + 1, PLENTY).as_secs_f64(), refusals + 1));
            }
        }
        (f64::from(refused) / f64::from(callers), last)
    }

    #[test]
    fn a_hundred_callers_against_five_calls_a_second_are_refused_at_most_twice_each() {
        let runs: Vec<_> = (0..9).map(|_| crowd(100, 5.0)).collect();
        let mean = runs.iter().map(|(refused, _)| refused).sum::<f64>() / 9.0;
        assert!(mean <= 2.0, "{mean} refusals a caller: {runs:?}");
        assert!(runs.iter().all(|(_, end)| *end <= 80.0), "the last is served after 80 s: {runs:?}");
    }

    #[test]
    fn five_hundred_callers_are_refused_at_most_three_times_each() {
        let runs: Vec<_> = (0..5).map(|_| crowd(500, 5.0)).collect();
        let mean = runs.iter().map(|(refused, _)| refused).sum::<f64>() / 5.0;
        assert!(mean <= 3.0, "{mean} refusals a caller: {runs:?}");
        assert!(runs.iter().all(|(_, end)| *end <= 160.0), "the last is served after 160 s: {runs:?}");
    }
}
