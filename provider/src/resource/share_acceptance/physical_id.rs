//! `license-config-share-acceptance/<account>/<share uuid>`: an account is in a share once.

use crate::domain::{AccountId, ShareArn};
use crate::resource::Subject;

const PREFIX: &str = "license-config-share-acceptance/";

/// The id of the acceptance of `share` in the account of the stack that asks.
pub(crate) fn of(subject: &Subject, share: &ShareArn) -> String {
    format!("{PREFIX}{}/{}", account(subject), share.id())
}

/// The account of the stack that asks: the one to act for.
pub(crate) fn account(subject: &Subject) -> AccountId {
    let asks = subject.stack().and_then(|stack| stack.account().parse().ok());
    asks.unwrap_or_else(|| subject.home.account.clone())
}

/// Whether `id` is one of an acceptance; a `none` id is not.
pub(crate) fn names(id: &str) -> bool {
    account_in(id).is_some()
}

/// The account in `id`.
pub(crate) fn account_in(id: &str) -> Option<AccountId> {
    let (account, share) = id.strip_prefix(PREFIX)?.split_once('/')?;
    account.parse().ok().filter(|_| !share.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_account_and_a_none_id_names_nothing() {
        let account = |id| account_in(id).map(|account| account.to_string());
        assert_eq!(
            account("license-config-share-acceptance/012345678901/7ab63972").as_deref(),
            Some("012345678901")
        );
        for id in [
            "license-config-share-acceptance/none/r1",
            "license-config-share-acceptance/012345678901/",
            "license-config-share-acceptance/012345678901",
            "arn:aws:ram:eu-west-1:012345678901:resource-share/7ab63972",
            "",
        ] {
            assert!(!names(id), "{id}");
        }
    }
}
