//! What a record keeps beside a type's ledger: which request is at work, and what requests that were overtaken at work
//! had on record. Pure.
//!
//! A request that dies with a call on its way may still change AWS after a newer request has looked. When it is
//! delivered again, this is all that tells what it may have made.

use crate::resource::Resource;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The margin of a record's ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Margin {
    /// The request that has begun to write and has not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<String>,
    /// Oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overtaken: Vec<Overtaken>,
}

/// A request that was overtaken at work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Overtaken {
    request_id: String,
    /// When, in seconds since 1970.
    #[serde(default)]
    at: u64,
    /// Its ledger as it was on record then.
    ledger: Value,
}

/// A stack operation sends a resource three requests at most.
const KEPT: usize = 3;

/// For how many seconds: Lambda keeps an event for six hours.
const KEPT_FOR: u64 = 7 * 3600;

impl Margin {
    /// Reads the margin of a record's ledger. One that cannot be read is empty: the ledger itself says what is wrong.
    pub(super) fn of(ledger: &Value) -> Self {
        Self::deserialize(ledger).unwrap_or_default()
    }

    /// The margin for a request that runs now, in seconds since 1970: another one that was at work is overtaken, and
    /// those that cannot come again are forgotten.
    pub(super) fn for_run(ledger: &Value, request_id: &str, now: u64) -> Self {
        let mut margin = Self::of(ledger);
        margin.overtaken.retain(|overtaken| now.saturating_sub(overtaken.at) <= KEPT_FOR);
        if let Some(open) = margin.open.take().filter(|open| open != request_id) {
            margin.overtaken.push(Overtaken { request_id: open, at: now, ledger: bare(ledger) });
            let surplus = margin.overtaken.len().saturating_sub(KEPT);
            margin.overtaken.drain(..surplus);
        }
        margin
    }

    /// What `request_id` had on record when it was overtaken at work; `None` where it was not.
    pub(super) fn ledger_of<R: Resource>(&self, request_id: &str, current: &Value) -> Option<R::Ledger> {
        if self.open.as_deref() == Some(request_id) {
            return R::Ledger::deserialize(current).ok();
        }
        let found = self.overtaken.iter().rev().find(|overtaken| overtaken.request_id == request_id)?;
        R::Ledger::deserialize(&found.ledger).ok()
    }

    /// A ledger as it goes on record while `request_id` is at work.
    pub(super) fn at_work(&self, ledger: &impl Serialize, request_id: &str) -> Value {
        self.clone().with(Some(request_id)).beside(ledger)
    }

    /// A ledger as it goes on record at the end of a request.
    pub(super) fn at_end(&self, ledger: &impl Serialize) -> Value {
        self.clone().with(None).beside(ledger)
    }

    fn with(mut self, open: Option<&str>) -> Self {
        self.open = open.map(str::to_owned);
        self
    }

    fn beside(&self, ledger: &impl Serialize) -> Value {
        let mut members = object(serde_json::to_value(ledger).unwrap_or_default());
        members.extend(object(serde_json::to_value(self).unwrap_or_default()));
        Value::Object(members)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A ledger without its margin.
fn bare(ledger: &Value) -> Value {
    let mut members = object(ledger.clone());
    members.remove("open");
    members.remove("overtaken");
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::config_share::{Holding, Ledger, LicenseConfigShare, Origin};
    use serde_json::json;

    fn ledger(request_id: &str) -> Ledger {
        Ledger { holdings: vec![Holding::begun(request_id, None, Origin::Attached)] }
    }

    fn of(margin: &Margin, request_id: &str, current: &Value) -> Option<Ledger> {
        margin.ledger_of::<LicenseConfigShare>(request_id, current)
    }

    #[test]
    fn a_request_that_was_overtaken_at_work_keeps_what_it_had_on_record() {
        let first = Margin::for_run(&Value::Null, "first", 0).at_work(&ledger("first"), "first");
        assert_eq!(of(&Margin::of(&first), "first", &first), Some(ledger("first")));
        let second = Margin::for_run(&first, "second", 0).at_end(&ledger("second"));
        assert_eq!(of(&Margin::of(&second), "first", &second), Some(ledger("first")));
        assert_eq!(of(&Margin::of(&second), "second", &second), None);
    }

    #[test]
    fn a_request_that_ended_or_runs_again_is_not_overtaken() {
        let ended = Margin::for_run(&Value::Null, "first", 0).at_end(&ledger("first"));
        assert_eq!(Margin::for_run(&ended, "second", 0), Margin::default());
        let at_work = Margin::default().at_work(&ledger("first"), "first");
        assert_eq!(Margin::for_run(&at_work, "first", 0), Margin::default());
    }

    #[test]
    fn what_an_overtaken_request_had_on_record_is_kept_for_as_long_as_it_may_come_again() {
        let first = Margin::default().at_work(&ledger("first"), "first");
        let second = Margin::for_run(&first, "second", 100).at_end(&ledger("second"));
        let third = |now| Margin::for_run(&second, "third", now).at_end(&ledger("third"));
        let [last, later] = [third(100 + KEPT_FOR), third(101 + KEPT_FOR)];
        assert_eq!(of(&Margin::of(&last), "first", &last), Some(ledger("first")));
        assert_eq!(of(&Margin::of(&later), "first", &later), None);
    }

    #[test]
    fn the_ledger_is_read_as_ever_and_only_a_few_overtaken_requests_are_kept() {
        let mut value = json!({});
        for n in 0..9 {
            let id = format!("r{n}");
            value = Margin::for_run(&value, &id, 0).at_work(&ledger(&id), &id);
            assert_eq!(serde_json::from_value::<Ledger>(value.clone()).unwrap(), ledger(&id));
        }
        assert_eq!(Margin::of(&value).overtaken.len(), KEPT);
        assert!(of(&Margin::of(&value), "r5", &value).is_some());
        assert_eq!(of(&Margin::of(&value), "r4", &value), None);
    }
}
