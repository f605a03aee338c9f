//! Faults by rule: what goes wrong on the way to a service, in it, or on the way back.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The service does nothing and answers this error.
    Error {
        /// HTTP status: that of an error, 400 to 599, where a rule is read from JSON.
        #[serde(deserialize_with = "error_status")]
        status: u16,
        /// The error's code: letters, digits and `.`, `_`, `:`, `#`, `-`, where a rule is read from JSON.
        #[serde(deserialize_with = "error_code")]
        code: String,
        /// Its message.
        message: String,
    },
    /// The answer comes so much later; everything else is as usual. In JSON: seconds.
    Latency(#[serde(with = "crate::settings::seconds")] Duration),
    /// The service does nothing and the connection is reset.
    Reset,
    /// The service does nothing and never answers.
    Hang,
    /// The service does what was asked, then the connection is reset.
    LostAnswer,
    /// The service does what was asked, and the answer's body is cut off in the middle.
    Malformed,
}

/// A 1xx, which is no answer, or a 2xx would leave the client waiting or believing.
fn error_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(deserializer)?;
    if (400..600).contains(&status) {
        Ok(status)
    } else {
        Err(D::Error::custom(format!("{status} is no HTTP status of an error")))
    }
}

/// Other signs are in no code of AWS, and some of them cannot be told in a header.
fn error_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = String::deserialize(deserializer)?;
    if code.chars().all(|c| c.is_ascii_alphanumeric() || "._:#-".contains(c)) {
        Ok(code)
    } else {
        Err(D::Error::custom(format!("{code:?} is no error code")))
    }
}

/// When which fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Signing name of the service; `*` for any.
    pub service: String,
    /// The operation; `*` for any.
    pub operation: String,
    /// The caller's account; any where None.
    #[serde(default)]
    pub account: Option<String>,
    /// How often it strikes; always where None.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many calls that meet the rule pass first.
    #[serde(default)]
    pub after_calls: u32,
    /// What goes wrong.
    pub kind: FaultKind,
}

impl FaultRule {
    /// A rule that strikes every call of an operation.
    pub fn always(service: impl Into<String>, operation: impl Into<String>, kind: FaultKind) -> Self {
        let (service, operation) = (service.into(), operation.into());
        Self { service, operation, account: None, times: None, after_calls: 0, kind }
    }

    /// A rule that strikes the next call of an operation.
    pub fn once(service: impl Into<String>, operation: impl Into<String>, kind: FaultKind) -> Self {
        Self { times: Some(1), ..Self::always(service, operation, kind) }
    }

    fn meets(&self, service: &str, operation: &str, account: &str) -> bool {
        is(&self.service, service)
            && is(&self.operation, operation)
            && self.account.as_deref().is_none_or(|wanted| wanted == account)
    }

    /// Counts a call that meets the rule, and tells whether it strikes.
    fn strikes(&mut self) -> bool {
        if self.after_calls > 0 {
            self.after_calls -= 1;
            return false;
        }
        match &mut self.times {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

fn is(wanted: &str, actual: &str) -> bool {
    wanted == "*" || wanted == actual
}

/// What a call meets: latencies add up, and of the rest the first strikes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) latency: Duration,
    pub(crate) kind: Option<FaultKind>,
}

/// The rules, in the order they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    pub(crate) fn strike(&mut self, service: &str, operation: &str, account: &str) -> Strike {
        let mut strike = Strike::default();
        for rule in self.rules.iter_mut().filter(|rule| rule.meets(service, operation, account)) {
            match &rule.kind {
                FaultKind::Latency(latency) => {
                    let latency = *latency;
                    if rule.strikes() {
                        strike.latency += latency;
                    }
                }
                _ if strike.kind.is_some() => {}
                kind => {
                    let kind = kind.clone();
                    if rule.strikes() {
                        strike.kind = Some(kind);
                    }
                }
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_after_some_calls_and_so_often_and_no_more() {
        let mut faults = Faults::default();
        let rule =
            FaultRule { after_calls: 1, times: Some(2), ..FaultRule::always("ram", "*", FaultKind::Reset) };
        faults.add(rule);
        let struck: Vec<bool> =
            (0..5).map(|_| faults.strike("ram", "ListResources", "1").kind.is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
    }

    #[test]
    fn a_rule_keeps_to_its_service_operation_and_account() {
        let mut faults = Faults::default();
        let rule = FaultRule::always("ram", "TagResource", FaultKind::Hang);
        faults.add(FaultRule { account: Some("1".to_owned()), ..rule });
        assert!(faults.strike("ram", "TagResource", "1").kind.is_some());
        for (service, operation, account) in
            [("sts", "TagResource", "1"), ("ram", "UntagResource", "1"), ("ram", "TagResource", "2")]
        {
            assert_eq!(faults.strike(service, operation, account), Strike::default());
        }
    }

    #[test]
    fn latencies_add_up_beside_another_fault() {
        let mut faults = Faults::default();
        let second = Duration::from_secs(1);
        faults.add(FaultRule::always("*", "*", FaultKind::Latency(second)));
        faults.add(FaultRule::once("*", "*", FaultKind::Reset));
        faults.add(FaultRule::always("*", "*", FaultKind::Latency(second)));
        let strike = faults.strike("ram", "ListResources", "1");
        assert_eq!(strike, Strike { latency: 2 * second, kind: Some(FaultKind::Reset) });
    }

    #[test]
    fn rules_are_read_from_json() {
        let json = r#"{"service": "ram", "operation": "*", "times": 1, "kind": {"latency": 1.5}}"#;
        let rule: FaultRule = serde_json::from_str(json).unwrap();
        assert_eq!(rule, FaultRule::once("ram", "*", FaultKind::Latency(Duration::from_millis(1_500))));
        let json = r#"{"service": "ram", "operation": "*", "kind": "lost_answer"}"#;
        assert_eq!(serde_json::from_str::<FaultRule>(json).unwrap().kind, FaultKind::LostAnswer);
    }

    #[test]
    fn an_error_has_the_status_of_one() {
        let read = |status: u16| {
            let kind = serde_json::json!({"error": {"status": status, "code": "X", "message": "m"}});
            serde_json::from_value::<FaultKind>(kind)
        };
        for status in [400, 429, 503, 599] {
            assert!(matches!(read(status), Ok(FaultKind::Error { status: found, .. }) if found == status));
        }
        for status in [0, 100, 147, 200, 399, 600] {
            let error = read(status).unwrap_err().to_string();
            assert!(error.contains("is no HTTP status of an error"), "{error}");
        }
    }

    #[test]
    fn an_error_has_a_code_that_can_be_told() {
        let read = |code: &str| {
            let kind = serde_json::json!({"error": {"status": 400, "code": code, "message": "m"}});
            serde_json::from_value::<FaultKind>(kind)
        };
        for code in ["ThrottlingException", "AWS.SimpleQueueService.NonExistentQueue", "com.amazon#Fault", ""]
        {
            assert!(read(code).is_ok(), "{code}");
        }
        for code in ["two words", "\u{7f}", "\"", "a\nb", "Füll", "\u{fffd}X,"] {
            let error = read(code).unwrap_err().to_string();
            assert!(error.contains("is no error code"), "{error}");
        }
    }
}
