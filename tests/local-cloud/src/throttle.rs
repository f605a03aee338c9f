//! Throttling: a token bucket for each account, Region and operation.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ServiceError;
use crate::wire::Service;

/// How often an operation may be called. AWS publishes no rates for RAM and License Manager.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleRule {
    /// Signing name of the service; `*` for any.
    pub service: String,
    /// The operation; `*` for each (every operation has its own bucket).
    pub operation: String,
    /// Calls a second that the bucket gains.
    pub per_second: f64,
    /// Calls that a full bucket lets through at once.
    pub burst: f64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

/// Account, Region, service and operation.
type Key = (String, String, &'static str, String);

/// The rules and their buckets. Of the rules that meet a call the first counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttles {
    rules: Vec<ThrottleRule>,
    buckets: BTreeMap<Key, Bucket>,
}

impl Throttles {
    pub(crate) fn add(&mut self, rule: ThrottleRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.buckets.clear();
    }

    pub(crate) fn rules(&self) -> &[ThrottleRule] {
        &self.rules
    }

    /// Takes a call out of its bucket, or refuses it.
    pub(crate) fn admit(
        &mut self,
        service: Service,
        operation: &str,
        account: &str,
        region: &str,
        now: Duration,
    ) -> Result<(), ServiceError> {
        let meets = |wanted: &str, actual: &str| wanted == "*" || wanted == actual;
        let mut rules = self.rules.iter();
        let found =
            rules.find(|rule| meets(&rule.service, service.name()) && meets(&rule.operation, operation));
        let Some(rule) = found else { return Ok(()) };
        let key = (account.to_owned(), region.to_owned(), service.name(), operation.to_owned());
        let bucket = self.buckets.entry(key).or_insert(Bucket { tokens: rule.burst, at: now });
        let gained = now.saturating_sub(bucket.at).as_secs_f64() * rule.per_second;
        bucket.tokens = (bucket.tokens + gained).min(rule.burst);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return Err(refusal(service));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

/// Each service's own throttling error (botocore's service models; STS and IAM: AWS query API, common errors).
fn refusal(service: Service) -> ServiceError {
    let (status, code) = match service {
        Service::Ram => (429, "ThrottlingException"),
        Service::LicenseManager => (400, "RateLimitExceededException"),
        Service::Organizations => (400, "TooManyRequestsException"),
        Service::Sts | Service::Iam => (400, "Throttling"),
    };
    ServiceError::new(status, code, "Rate exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttles() -> Throttles {
        let mut throttles = Throttles::default();
        let rule =
            ThrottleRule { service: "*".to_owned(), operation: "*".to_owned(), per_second: 5.0, burst: 2.0 };
        throttles.add(rule);
        throttles
    }

    fn admit(throttles: &mut Throttles, operation: &str, account: &str, millis: u64) -> bool {
        let now = Duration::from_millis(millis);
        throttles.admit(Service::Ram, operation, account, "eu-west-1", now).is_ok()
    }

    #[test]
    fn a_bucket_empties_and_fills_again_with_time() {
        let mut throttles = throttles();
        let admitted: Vec<bool> =
            [0, 0, 0, 199, 200, 200, 2_000].map(|at| admit(&mut throttles, "a", "1", at)).to_vec();
        assert_eq!(admitted, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn each_operation_and_account_has_its_own_bucket() {
        let mut throttles = throttles();
        assert!(admit(&mut throttles, "a", "1", 0) && admit(&mut throttles, "a", "1", 0));
        assert!(!admit(&mut throttles, "a", "1", 0));
        assert!(admit(&mut throttles, "b", "1", 0) && admit(&mut throttles, "a", "2", 0));
    }

    #[test]
    fn each_service_refuses_in_its_own_way() {
        let refused = Service::ALL.map(|service| (refusal(service).status, refusal(service).code));
        let expected = [
            (429, "ThrottlingException"),
            (400, "RateLimitExceededException"),
            (400, "TooManyRequestsException"),
            (400, "Throttling"),
            (400, "Throttling"),
        ];
        assert_eq!(refused, expected);
    }
}
