//! `license-manager-org-link/<account>/<region>`: there is one link an account and Region.

use crate::domain::{AccountId, Home};

const PREFIX: &str = "license-manager-org-link/";

/// The id of the link of `home`.
pub(crate) fn of(home: &Home) -> String {
    format!("{PREFIX}{}/{}", home.account, home.region)
}

/// Whether `id` is one of a link; a `none` id is not.
pub(crate) fn names(id: &str) -> bool {
    let parts = id.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(account, region)| account.parse::<AccountId>().is_ok() && !region.is_empty())
}
