//! Roles that can be assumed: whom they trust, and what their sessions may do.
//!
//! Source: AWS IAM user guide, "AWS JSON policy elements: Principal" (an account, its root, a role), "How to use external
//! IDs". What is not here: conditions other than the external id, denials (see [`crate::policy`]), session policies.

use serde::{Deserialize, Serialize};

/// A role that can be assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// `arn:<partition>:iam::<account>:role/<path and name>`.
    pub arn: String,
    /// Accounts (12 digits) that the role trusts: whoever calls from them.
    #[serde(default)]
    pub trusted_accounts: Vec<String>,
    /// Principals of the trust policy, as they stand there: `arn:<partition>:iam::<account>:root`, which is the whole
    /// account, or the ARN of one role.
    #[serde(default)]
    pub trusted_principals: Vec<String>,
    /// The external id that the role demands.
    #[serde(default)]
    pub external_id: Option<String>,
    /// More of them: any of these and the one above will do.
    #[serde(default)]
    pub external_ids: Vec<String>,
    /// What the role's sessions may do; everything where None.
    #[serde(default)]
    pub permissions: Option<Vec<Permission>>,
}

/// A statement that allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Actions as IAM names them, such as `ram:Get*`.
    pub actions: Vec<String>,
    /// ARNs, with `*` and `?`; everything where it is left out.
    #[serde(default = "everything")]
    pub resources: Vec<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// Who wants to assume a role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applicant<'a> {
    /// 12 digits.
    pub(crate) account: &'a str,
    /// The ARN of the role whose session it is; None for a user.
    pub(crate) role: Option<&'a str>,
    /// The external id that it gives.
    pub(crate) external_id: Option<&'a str>,
}

impl Role {
    /// Whether the trust policy lets somebody in.
    pub(crate) fn trusts(&self, who: &Applicant<'_>) -> bool {
        let named = |text: &String| {
            let whole = text.strip_suffix(":root").and_then(|rest| rest.rsplit(':').next());
            whole == Some(who.account) || who.role == Some(text)
        };
        let trusted = self.trusted_accounts.iter().any(|account| account == who.account)
            || self.trusted_principals.iter().any(named);
        let mut demanded = self.external_id.iter().chain(&self.external_ids).peekable();
        trusted && (demanded.peek().is_none() || demanded.any(|id| who.external_id == Some(id)))
    }

    /// Whether the role's sessions may take an action on a resource.
    pub(crate) fn allows(&self, action: &str, resource: &str) -> bool {
        let Some(permissions) = &self.permissions else { return true };
        permissions.iter().any(|permission| {
            let action = action.to_ascii_lowercase();
            permission.actions.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
                && permission.resources.iter().any(|pattern| matches(pattern, resource))
        })
    }
}

/// Whether a text is as an IAM pattern says: `*` is any number of characters, `?` one.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    loop {
        let Some(wanted) = pattern.next() else { return text.next().is_none() };
        if wanted == '*' {
            let rest = pattern.as_str();
            let mut left = text.as_str();
            while !matches(rest, left) {
                let mut shorter = left.chars();
                if shorter.next().is_none() {
                    return false;
                }
                left = shorter.as_str();
            }
            return true;
        }
        match text.next() {
            Some(found) if wanted == '?' || wanted == found => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "arn:aws:iam::111111111111:role/path/provider";

    fn role(principals: &[&str], external_id: Option<&str>) -> Role {
        Role {
            trusted_principals: principals.iter().map(|text| (*text).to_owned()).collect(),
            external_id: external_id.map(str::to_owned),
            ..Role::default()
        }
    }

    fn applicant<'a>(account: &'a str, role: Option<&'a str>, external_id: Option<&'a str>) -> Applicant<'a> {
        Applicant { account, role, external_id }
    }

    #[test]
    fn the_root_stands_for_the_account_and_a_role_for_itself() {
        let (provider, other) = ("111111111111", "222222222222");
        let whole = role(&["arn:aws:iam::111111111111:root"], None);
        let one = role(&[PROVIDER], None);
        assert!(whole.trusts(&applicant(provider, None, None)));
        assert!(whole.trusts(&applicant(provider, Some(PROVIDER), Some("unasked"))));
        assert!(!whole.trusts(&applicant(other, None, None)));
        assert!(one.trusts(&applicant(provider, Some(PROVIDER), None)));
        assert!(!one.trusts(&applicant(provider, None, None)));
        assert!(!one.trusts(&applicant(provider, Some("arn:aws:iam::111111111111:role/provider"), None)));
    }

    #[test]
    fn an_external_id_is_demanded_of_everybody() {
        let role = role(&[PROVIDER], Some("secret"));
        assert!(role.trusts(&applicant("111111111111", Some(PROVIDER), Some("secret"))));
        assert!(!role.trusts(&applicant("111111111111", Some(PROVIDER), Some("Secret"))));
        assert!(!role.trusts(&applicant("111111111111", Some(PROVIDER), None)));
    }

    #[test]
    fn a_role_without_permissions_may_do_everything_and_one_with_an_empty_list_nothing() {
        assert!(Role::default().allows("ram:GetResourceShares", "*"));
        let none = Role { permissions: Some(Vec::new()), ..Role::default() };
        assert!(!none.allows("ram:GetResourceShares", "*"));
    }

    #[test]
    fn actions_match_in_any_case_and_resources_as_they_are() {
        let json = r#"{"arn": "a", "permissions": [
            {"actions": ["ram:Get*"]},
            {"actions": ["ram:AcceptResourceShareInvitation"], "resources": ["arn:*:ram:*:111111111111:resource-share-invitation/*"]}
        ]}"#;
        let role: Role = serde_json::from_str(json).unwrap();
        assert!(role.allows("RAM:getResourceShares", "*"));
        let invitation =
            |account: &str| format!("arn:aws:ram:eu-west-1:{account}:resource-share-invitation/1");
        assert!(role.allows("ram:AcceptResourceShareInvitation", &invitation("111111111111")));
        assert!(!role.allows("ram:AcceptResourceShareInvitation", &invitation("999999999999")));
        assert!(!role.allows("ram:RejectResourceShareInvitation", &invitation("111111111111")));
    }

    #[test]
    fn patterns_are_matched_whole() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*b*", "abab", true),
            ("*b*b*", "ab", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn any_of_the_external_ids_that_a_role_demands_lets_in() {
        let several = Role { external_ids: vec!["a".into(), "b".into()], ..role(&[PROVIDER], None) };
        let trusts = |external_id| {
            several.trusts(&Applicant { account: "111111111111", role: Some(PROVIDER), external_id })
        };
        assert_eq!([Some("a"), Some("b"), Some("c"), None].map(trusts), [true, true, false, false]);
    }
}
