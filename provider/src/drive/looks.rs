//! When a request that waits in the queue is looked at again. Pure.

use std::time::{Duration, SystemTime};

/// In the first two minutes most things settle, and a person watches the stack.
const EARLY: Duration = Duration::from_secs(120);
const EARLY_INTERVAL: Duration = Duration::from_secs(15);
/// With the queue's and the function's own time a change is noticed within a minute.
const INTERVAL: Duration = Duration::from_secs(55);
/// The last look must have time to take back what failed and to answer.
const LAST_LOOK: Duration = Duration::from_secs(20);
/// A look sooner than this would not find anything new.
const SHORTEST: Duration = Duration::from_secs(5);
/// More looks than an hour has room for: the end of any chain, whatever the clocks say.
const MOST: u32 = 100;

/// How long from `now` the look with `number` is due, for a request sent at `sent`: every 15 s in the first 2 minutes,
/// then every 55 s, the last one shortly before the last word. Whole seconds, as the queue counts them. `None`: there
/// is no time for it before `last_word`.
pub(super) fn next(
    number: u32,
    sent: SystemTime,
    now: SystemTime,
    last_word: SystemTime,
) -> Option<Duration> {
    let age = now.duration_since(sent).unwrap_or_default();
    let interval = if age < EARLY { EARLY_INTERVAL } else { INTERVAL };
    let room = last_word.duration_since(now).unwrap_or_default().saturating_sub(LAST_LOOK);
    let delay = Duration::from_secs(interval.min(room).as_secs());
    (number <= MOST && delay >= SHORTEST).then_some(delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn delay(now: u64, last_word: u64) -> Option<u64> {
        next(1, at(0), at(now), at(last_word)).map(|delay| delay.as_secs())
    }

    #[test]
    fn looks_are_15_s_apart_for_two_minutes_and_then_55() {
        for (now, expected) in [(0, 15), (100, 15), (119, 15), (120, 55), (3_000, 55)] {
            assert_eq!(delay(now, 3_480), Some(expected), "{now}");
        }
    }

    #[test]
    fn the_last_look_comes_before_the_last_word_with_time_to_answer() {
        assert_eq!(delay(3_405, 3_480), Some(55));
        assert_eq!(delay(3_430, 3_480), Some(30));
        assert_eq!(delay(3_455, 3_480), Some(5));
        for now in [3_456, 3_470, 3_480, 9_000] {
            assert_eq!(delay(now, 3_480), None, "{now}");
        }
    }

    #[test]
    fn a_request_from_a_clock_ahead_of_ours_is_new() {
        assert_eq!(next(1, at(300), at(0), at(3_480)), Some(Duration::from_secs(15)));
    }

    #[test]
    fn delays_are_whole_seconds_that_end_in_time() {
        let now = at(3_430) + Duration::from_millis(700);
        assert_eq!(next(1, at(0), now, at(3_480)), Some(Duration::from_secs(29)));
    }

    #[test]
    fn fifty_minutes_take_at_most_62_looks_and_no_chain_has_more_than_a_hundred() {
        let (mut now, mut looks) = (30, 0);
        while now < 3_000 {
            now += delay(now, 3_480).unwrap();
            looks += 1;
        }
        assert!((50..=62).contains(&looks), "{looks}");
        assert_eq!(next(MOST, at(0), at(0), at(3_480)), Some(EARLY_INTERVAL));
        assert_eq!(next(MOST + 1, at(0), at(0), at(3_480)), None);
    }
}
