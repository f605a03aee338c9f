//! How old a request is, and when its last word is due.
//!
//! CloudFormation waits for an answer for `ServiceTimeout` seconds (1 to 3,600, by default 3,600) from when it sent the
//! request; a request carries no time but `X-Amz-Date` in its response URL. Source: CloudFormation user guide,
//! aws-resource-cloudformation-customresource; cfn-protocol facts 1.6.

use std::time::{Duration, SystemTime};

/// How far the clock that signed the URL and ours may be apart.
const SKEW: Duration = Duration::from_secs(60);
/// What is kept back of every ServiceTimeout for the answer's way, and the most that is.
const LEAST_RESERVE: Duration = Duration::from_secs(20);
const MOST_RESERVE: Duration = Duration::from_secs(120);
/// A ServiceTimeout under 30 s would leave no time for the work at all: half of it is left, up to this.
const LEAST_WORK: Duration = Duration::from_secs(10);

/// True where CloudFormation no longer waits for the answer, so that nothing must be done in its name.
///
/// `sent` is when the URL was signed; a date in the future is never given up.
pub fn given_up(sent: SystemTime, now: SystemTime, service_timeout: Duration) -> bool {
    now.duration_since(sent).is_ok_and(|age| age > service_timeout.saturating_add(SKEW))
}

/// Whether the URL was signed so much later than now that it is not CloudFormation's: a request that is dated ahead would
/// be the newest one for ever.
pub fn is_ahead(sent: SystemTime, now: SystemTime) -> bool {
    sent.duration_since(now).is_ok_and(|ahead| ahead > SKEW)
}

/// When the answer must go out at the latest: ServiceTimeout after `sent`, minus the larger of 20 s and a tenth of it,
/// at most 120 s.
pub fn last_word(sent: SystemTime, service_timeout: Duration) -> SystemTime {
    let reserve = (service_timeout / 10).clamp(LEAST_RESERVE, MOST_RESERVE);
    let work = service_timeout.saturating_sub(reserve).max(LEAST_WORK.min(service_timeout / 2));
    sent.checked_add(work).unwrap_or(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_request_is_given_up_a_minute_after_its_service_timeout() {
        for (now, timeout, expected) in [
            (1_000, 3_600, false),
            (4_600, 3_600, false),
            (4_660, 3_600, false),
            (4_661, 3_600, true),
            (1_090, 30, false),
            (1_091, 30, true),
            (900, 30, false),
            (0, 1, false),
        ] {
            let found = given_up(at(1_000), at(now), Duration::from_secs(timeout));
            assert_eq!(found, expected, "now {now}, timeout {timeout}");
        }
    }

    #[test]
    fn a_request_may_be_dated_a_minute_ahead() {
        for (now, expected) in [(2_000, false), (1_000, false), (940, false), (939, true), (0, true)] {
            assert_eq!(is_ahead(at(1_000), at(now)), expected, "now {now}");
        }
    }

    #[test]
    fn the_last_word_keeps_a_tenth_back_between_20_and_120_seconds() {
        for (timeout, after) in [
            (3_600, 3_480),
            (1_200, 1_080),
            (600, 540),
            (200, 180),
            (100, 80),
            (60, 40),
            (30, 10),
            (20, 10),
            (4, 2),
        ] {
            assert_eq!(last_word(at(1_000), Duration::from_secs(timeout)), at(1_000 + after), "{timeout}");
        }
    }
}
