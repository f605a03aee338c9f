//! Client tokens: RAM's model does not fill them in, so a call that is sent again after a lost answer would be done
//! twice without (ram facts 1.1).

use super::observed::Observed;
use crate::domain::{AssociationStatus, Member};
use uuid::Uuid;

/// Any namespace does, as long as all deliveries of a request share it.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c69_6365_6e73_652d_6d61_6e61_6765_7202);

/// UUIDv5 of the request, the step and what was seen of the members it touches: the same for every delivery of a
/// request that sees the same, another once something has changed.
pub(super) fn client_token(request_id: &str, step: &str, members: &[Member], seen: &Observed) -> String {
    let mut name = format!("{request_id}\n{step}");
    if let Some(share) = &seen.share {
        name.extend(["\n", share.arn.as_str(), " ", share.status.as_str()]);
    }
    for member in members {
        let status = seen.members.get(member).map_or("-", |a| AssociationStatus::as_str(&a.status));
        name.extend(["\n", &member.id, " ", status]);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// A token for a call that stands in for the one that `token` was for.
pub(super) fn derived(token: &str, part: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{token}\n{part}").as_bytes()).to_string()
}
