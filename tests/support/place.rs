//! Another account or Region than the one that tests are mostly set in.

use super::world::{ACCOUNT, REGION};
use serde_json::Value;

/// Where a provider acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub account: String,
    pub region: String,
}

impl Default for Place {
    fn default() -> Self {
        Self { account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }
}

impl Place {
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// What is written for the usual account and Region, as it is here.
    pub fn text(&self, text: &str) -> String {
        let bare = |region: &str| region.replace('-', "");
        text.replace(ACCOUNT, &self.account)
            .replace(REGION, &self.region)
            .replace(&bare(REGION), &bare(&self.region))
    }

    /// The same of JSON.
    pub fn json(&self, json: &Value) -> Value {
        serde_json::from_str(&self.text(&json.to_string())).unwrap()
    }
}
