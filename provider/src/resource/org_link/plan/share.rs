//! License Manager's own share: waited for where this request has brought it on its way, and looked for where nothing
//! tells when the link was made: the settings have no date, and trusted access is that of all Regions. Somebody may have
//! deleted the share, and nothing says that License Manager makes it anew by itself.

use super::Case;
use crate::protocol::RequestType;
use crate::resource::org_link::outcome::RESOURCE_SHARE_ARN;
use crate::resource::org_link::step::Step;
use std::time::Duration;

/// How long from the request's coming a share is looked for that may be on its way. License Manager makes it about two
/// minutes after the link (License Manager user guide, share page).
const COMES: Duration = Duration::from_secs(10 * 60);

/// What is done before anything is changed: a share that does not come by itself is no use to wait for.
pub(super) fn sought(case: &Case<'_>) -> Option<Step> {
    if !is_missing(case) || is_on_its_way(case) {
        return None;
    }
    let before = case.link.named.get(RESOURCE_SHARE_ARN).cloned();
    let now = case.subject.now;
    let may_come = before.is_none() || case.seen.is_just_linked(now);
    let until = now.checked_add(COMES).filter(|_| may_come).unwrap_or(now);
    Some(Step::LookForShare { before, until })
}

/// What is done once the link is whole.
pub(super) fn awaited(case: &Case<'_>) -> Option<Step> {
    (is_missing(case) && is_on_its_way(case)).then_some(Step::AwaitShare)
}

/// RAM is asked about the share where a Create finds it, or where an Update `does` something anyway: one without effect
/// reads in one round, in which the ARN is not known yet.
pub(super) fn checked(case: &Case<'_>, does: bool) -> Option<Step> {
    let share = case.seen.known()?.resource_share.clone()?;
    (does || case.subject.request_type == RequestType::Create).then_some(Step::CheckShare(share))
}

/// Whether the settings name none, and the template wants one.
fn is_missing(case: &Case<'_>) -> bool {
    let share = case.seen.known().and_then(|settings| settings.resource_share.as_ref());
    case.desired.wait_for_share && share.is_none()
}

/// Where this request links or repairs, or was going to in an earlier delivery.
fn is_on_its_way(case: &Case<'_>) -> bool {
    case.link.linked_by.as_ref() == Some(&case.subject.request_id) || !case.seen.is_linked()
}
