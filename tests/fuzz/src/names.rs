//! Any text as an ARN, an account, a principal, a stack id.

use crate::properties::home;
use provider::domain::{AccountId, Arn, LicenseConfigurationArn, Principal, RoleArn, ShareArn};
use provider::protocol::StackId;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// What is accepted prints as it was given, has the form that AWS gives it, and is one thing alone.
pub fn names(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let arn = Arn::parse(&text);
    if let Some(Arn { partition, service, region, account, resource }) = &arn {
        assert_eq!(format!("arn:{partition}:{service}:{region}:{account}:{resource}"), text);
        assert!(!text.contains([' ', '\n', '\t', '\0', '\u{7f}']));
        assert!(partition.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{partition}");
    }
    let of_arns = [share(&text), license_configuration(&text), role(&text)];
    assert!(arn.is_some() || !of_arns.contains(&true), "no ARN, and yet one of a kind");
    // A stack of a partition that is not AWS's is read, too, and refused for its partition.
    let others = [kept::<AccountId>(&text).is_some(), stack(&text)];
    let count = of_arns.iter().chain(&others).filter(|is| **is).count();
    assert!(count <= 1, "{count} things at once");
    principal(&text);
}

/// Parses and prints.
fn kept<T: FromStr<Err: Display> + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string(), text);
            assert_eq!(value.to_string().parse::<T>().ok().as_ref(), Some(&value));
            Some(value)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

fn stack(text: &str) -> bool {
    let Some(stack) = kept::<StackId>(text) else { return false };
    let (partition, region, account) = (stack.partition(), stack.region(), stack.account());
    let (name, guid) = (stack.stack_name(), stack.guid());
    assert_eq!(text, format!("arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{guid}"));
    assert!(is_account(account) && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
    true
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

fn share(text: &str) -> bool {
    let Some(share) = kept::<ShareArn>(text) else { return false };
    assert!(text.ends_with(&format!(":resource-share/{}", share.id())), "{text}");
    let here = text.starts_with("arn:aws:ram:eu-west-1:111122223333:");
    assert_eq!(share.is_at(&home()).is_ok(), here, "{text}");
    regional(text, "ram")
}

fn license_configuration(text: &str) -> bool {
    let Some(arn) = kept::<LicenseConfigurationArn>(text) else { return false };
    // AWS's own pattern does not ask for `lic-` (license-manager facts 2.1).
    let here = text.starts_with("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:");
    assert_eq!(arn.is_at(&home()).is_ok(), here, "{text}");
    regional(text, "license-manager")
}

/// An ARN with a region and an account in it.
fn regional(text: &str, service: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [_, _, found, region, account, ..] = parts.as_slice() else { panic!("{text} has not enough parts") };
    assert!(*found == service && !region.is_empty() && is_account(account), "{text}");
    true
}

fn role(text: &str) -> bool {
    let Some(role) = kept::<RoleArn>(text) else { return false };
    let rest = text.split_once(":iam::").map(|(_, rest)| rest).unwrap_or_default();
    assert!(rest.starts_with(&format!("{}:role/", role.account())), "{text}");
    assert!(text.is_ascii() && !text.ends_with('/'), "{text}");
    true
}

fn principal(text: &str) {
    let Some(principal) = kept::<Principal>(text) else { return };
    let fits = principal.fits(&home()).is_ok();
    match principal {
        Principal::Account(id) => assert!(is_account(text) && fits == (id != home().account), "{text}"),
        Principal::OrganizationalUnit(_) => {
            assert!(text.contains(":ou/o-") && text.contains("/ou-"), "{text}");
        }
        Principal::Organization(_) => assert!(text.contains(":organization/o-"), "{text}"),
    }
    if !is_account(text) {
        let (before, rest) = text.split_once(":organizations::").unwrap_or_default();
        assert!(before.starts_with("arn:aws") && rest.split(':').next().is_some_and(is_account), "{text}");
        assert_eq!(fits, before == "arn:aws", "{text}");
    }
}
