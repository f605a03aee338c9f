//! Client tokens: RAM's model does not fill them in, so a call that is sent again after a lost answer would be done
//! twice without (ram facts 1.1).

use super::observed::Observed;
use crate::domain::{AssociationStatus, Member, Share};
use uuid::Uuid;

/// Any namespace does, as long as all deliveries of a request share it.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c69_6365_6e73_652d_6d61_6e61_6765_7202);

/// UUIDv5 of the request, the step and what was seen of the members it touches: the same for every delivery of a
/// request that sees the same, another once something has changed, also where it has been changed back since: RAM would
/// answer the same token as before and do nothing. When a member was updated tells, and that a share was deleted which
/// the request had made.
pub(super) fn client_token(request_id: &str, step: &str, members: &[Member], seen: &Observed) -> String {
    let mut name = format!("{request_id}\n{step}");
    if let Some(share) = &seen.share {
        name.extend(["\n", share.arn.as_str(), " ", share.status.as_str()]);
    }
    for member in members {
        let found = seen.members.get(member);
        let status = found.map_or("-", |a| AssociationStatus::as_str(&a.status));
        let updated = found.and_then(|a| a.updated).map(|at| at.to_string()).unwrap_or_default();
        name.extend(["\n", &member.id, " ", status, " ", &updated]);
    }
    name.extend(seen.dead.iter().flat_map(|share| ["\ndead ", share.as_str()]));
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// A token for a change of what `share` is like. When it was updated tells what has been changed and changed back.
pub(super) fn configuration_token(request_id: &str, change: &str, share: &Share, seen: &Observed) -> String {
    client_token(request_id, &format!("{change} as of {:?}", share.updated), &[], seen)
}

/// A token for a call that stands in for the one that `token` was for.
pub(super) fn derived(token: &str, part: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{token}\n{part}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ShareStatus;
    use std::collections::BTreeMap;

    #[test]
    fn a_share_that_was_changed_and_changed_back_asks_with_another_token() {
        let share = |updated| Share {
            arn: "arn:aws:ram:eu-west-1:111122223333:resource-share/u".parse().unwrap(),
            name: "licenses".to_owned(),
            owner: "111122223333".parse().unwrap(),
            status: ShareStatus::Active,
            status_message: None,
            allow_external_principals: false,
            retain_sharing: false,
            tags: BTreeMap::new(),
            updated,
        };
        let token = |updated| configuration_token("r", "external", &share(updated), &Observed::default());
        assert_eq!(token(Some(1)), token(Some(1)));
        assert_ne!(token(Some(1)), token(Some(2)));
    }
}
