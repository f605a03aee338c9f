//! The physical id of a Create that made nothing lasting: `<type in kebab case>/none/<RequestId>`.
//!
//! CloudFormation wants an id with every answer, also of a failure, at most 1 KB, and sends it back in the Delete that
//! follows. Source: CloudFormation user guide, crpg-ref-responses; cfn-protocol facts 1.4.

use super::budget::start_within;

/// Longest kebab-case type in an id, in bytes. CloudFormation's own limit of a type name is 60 characters.
const TYPE_BYTES: usize = 128;
/// Longest RequestId in an id, in bytes; `request` refuses longer ones.
const REQUEST_BYTES: usize = 512;
const MARK: &str = "/none/";

/// The id of a Create that made nothing lasting. Takes any texts and stays under 1 KB.
pub fn none_id(resource_type: &str, request_id: &str) -> String {
    let kind = kebab_case(resource_type);
    let kind = start_within(&kind, TYPE_BYTES).trim_end_matches('-');
    format!("{kind}{MARK}{}", start_within(request_id, REQUEST_BYTES))
}

/// The RequestId in a `none` id; `None` for any other id, those that CloudFormation makes up included.
pub fn request_of_none_id(id: &str) -> Option<&str> {
    let (kind, request_id) = id.split_once(MARK)?;
    let is_kind =
        !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (is_kind && !request_id.is_empty() && !request_id.contains('/')).then_some(request_id)
}

/// The last part of a type name in kebab case: `Custom::LicenseConfigShare` is `license-config-share`.
///
/// Runs of capitals stay together (`Custom::SSMParameter` is `ssm-parameter`), all that is no ASCII letter or digit
/// parts words, and a name without any is `resource`.
pub fn kebab_case(resource_type: &str) -> String {
    let name: Vec<char> = resource_type.rsplit("::").next().unwrap_or_default().chars().collect();
    let mut kebab = String::with_capacity(name.len() + 8);
    for (i, c) in name.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| name.get(i));
        if begins_word(before, *c, name.get(i + 1)) && !kebab.is_empty() && !kebab.ends_with('-') {
            kebab.push('-');
        }
        if c.is_ascii_alphanumeric() {
            kebab.push(c.to_ascii_lowercase());
        }
    }
    match kebab.trim_end_matches('-') {
        "" => "resource".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// True for a separator, for a capital after a small letter or digit, and for the last capital of a run that a small
/// letter follows.
fn begins_word(before: Option<&char>, c: char, after: Option<&char>) -> bool {
    let small_before = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let last_of_run =
        before.is_some_and(char::is_ascii_uppercase) && after.is_some_and(char::is_ascii_lowercase);
    !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && (small_before || last_of_run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn type_names_become_kebab_case() {
        for (name, kebab) in [
            ("Custom::LicenseConfigShare", "license-config-share"),
            ("Custom::LicenseManagerOrgLink", "license-manager-org-link"),
            ("Custom::LicenseConfigShareAcceptance", "license-config-share-acceptance"),
            ("AWS::CloudFormation::CustomResource", "custom-resource"),
            ("Custom::SSMParameterV2", "ssm-parameter-v2"),
            ("Custom::V2Share", "v2-share"),
            ("Custom::My_Type@X-1", "my-type-x-1"),
            ("Custom::__a__", "a"),
            ("Custom::", "resource"),
            ("Custom::Größe", "gr-e"),
            ("", "resource"),
            ("plain", "plain"),
        ] {
            assert_eq!(kebab_case(name), kebab, "{name:?}");
        }
    }

    #[test]
    fn a_none_id_gives_its_request_back() {
        let id = none_id("Custom::LicenseConfigShare", "4f6c1b0e-5c2a-4a86-9f55-7a2f1d3f9d10");
        assert_eq!(id, "license-config-share/none/4f6c1b0e-5c2a-4a86-9f55-7a2f1d3f9d10");
        assert_eq!(request_of_none_id(&id), Some("4f6c1b0e-5c2a-4a86-9f55-7a2f1d3f9d10"));
    }

    #[test]
    fn other_ids_are_no_none_ids() {
        for id in [
            "",
            "none",
            "/none/x",
            "license-config-share/none/",
            "license-config-share/none/a/b",
            "Upper/none/x",
            "arn:aws:ram:us-east-1:111122223333:resource-share/none/x",
            "stack-Share-1ABCDEFGHIJKL",
            "2026/11/24/[$LATEST]0123456789abcdef",
        ] {
            assert_eq!(request_of_none_id(id), None, "{id:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::laws::config(256))]

        #[test]
        fn any_type_gives_a_short_id_with_its_request(
            kind in any::<String>(),
            request_id in "[!-.0-~]{1,128}",
        ) {
            let id = none_id(&kind.repeat(20), &request_id);
            prop_assert!(id.len() <= 1_024);
            prop_assert_eq!(request_of_none_id(&id), Some(request_id.as_str()));
        }
    }
}
