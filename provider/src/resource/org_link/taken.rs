//! What License Manager took and does not show yet, as it goes from one invocation to the next.

use crate::domain::SettingsChange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Begins what is outstanding of it; JSON follows.
const SETTINGS: &str = "settings ";

/// What was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What was sent.
    pub change: SettingsChange,
    /// When the last of it was sent, in milliseconds since 1970.
    pub at: u64,
}

impl Taken {
    /// What was sent `at` a time.
    pub fn new(change: SettingsChange, at: SystemTime) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { change, at: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }

    /// How long ago it was sent.
    pub fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(Duration::from_millis(self.at))
    }

    /// What is outstanding while it is not shown.
    pub fn outstanding(&self) -> Option<String> {
        serde_json::to_string(self).ok().map(|json| format!("{SETTINGS}{json}"))
    }

    /// The one that is among what is `outstanding`.
    pub fn among(outstanding: &BTreeSet<String>) -> Option<Self> {
        let found = outstanding.iter().find_map(|name| name.strip_prefix(SETTINGS))?;
        serde_json::from_str(found).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_comes_through_the_queue() {
        let change = SettingsChange {
            sns_topic: Some("t".into()),
            discovery_source_regions: Some(vec!["a".into(), "b".into()]),
            ..SettingsChange::default()
        };
        let at = UNIX_EPOCH + Duration::from_millis(1_795_521_600_123);
        let taken = Taken::new(change, at);
        let outstanding = BTreeSet::from(["everything".to_owned(), taken.outstanding().unwrap()]);
        assert_eq!(Taken::among(&outstanding), Some(taken.clone()));
        assert_eq!(taken.age(at + Duration::from_secs(5)), Duration::from_secs(5));
        assert_eq!(taken.age(at - Duration::from_secs(5)), Duration::ZERO);
        assert_eq!(Taken::among(&BTreeSet::from(["settings of another kind".to_owned()])), None);
    }
}
