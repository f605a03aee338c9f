//! Whether the license configurations that are to be added exist.

use super::Case;
use crate::domain::Member;
use crate::resource::Refusal;
use std::collections::BTreeSet;

/// Checks the license configurations among `missing`, the members that are to be added, and answers those that a return
/// must do without.
///
/// # Errors
/// Those that do not exist, all in one; one made a moment ago in the same stack may appear on a second look.
pub(super) fn check(
    case: &Case<'_>,
    missing: &BTreeSet<Member>,
    warnings: &mut Vec<String>,
) -> Result<BTreeSet<Member>, Refusal> {
    let is_absent = |member: &&Member| {
        case.desired
            .license_configurations
            .iter()
            .any(|arn| arn.as_str() == member.id && !case.seen.exists(arn))
    };
    let absent: BTreeSet<Member> = missing.iter().filter(is_absent).cloned().collect();
    if absent.is_empty() {
        return Ok(absent);
    }
    let names: Vec<&str> = absent.iter().map(|member| member.id.as_str()).collect();
    if case.is_return {
        warnings.push(format!("left out, deleted meanwhile: {}", names.join(", ")));
        return Ok(absent);
    }
    Err(Refusal {
        text: format!(
            "License Manager has no such license configuration, or has deleted it: {}. Nothing was changed. Check the \
             ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first",
            names.join(", ")
        ),
        may_settle: true,
    })
}
