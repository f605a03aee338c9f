//! Associations that are made to fail, by rule.

use serde::{Deserialize, Serialize};

/// An association that fails when it would have become ASSOCIATED.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailAssociation {
    /// The owner of the share; any where None.
    #[serde(default)]
    pub account: Option<String>,
    /// The principal or resource; `*` for any.
    pub entity: String,
    /// The association's statusMessage.
    pub message: String,
    /// How often; always where None.
    #[serde(default)]
    pub times: Option<u32>,
}

impl FailAssociation {
    /// A rule for one entity in whichever account's share, always.
    pub fn of(entity: impl Into<String>, message: impl Into<String>) -> Self {
        Self { account: None, entity: entity.into(), message: message.into(), times: None }
    }

    fn meets(&self, account: &str, entity: &str) -> bool {
        self.account.as_deref().is_none_or(|wanted| wanted == account)
            && (self.entity == "*" || self.entity == entity)
            && self.times != Some(0)
    }
}

/// The rules, in the order they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Failures {
    rules: Vec<FailAssociation>,
}

impl Failures {
    pub(super) fn add(&mut self, rule: FailAssociation) {
        self.rules.push(rule);
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The message of the first rule that meets the association, which counts it.
    pub(super) fn take(&mut self, account: &str, entity: &str) -> Option<String> {
        let rule = self.rules.iter_mut().find(|rule| rule.meets(account, entity))?;
        rule.times = rule.times.map(|left| left.saturating_sub(1));
        Some(rule.message.clone())
    }
}
