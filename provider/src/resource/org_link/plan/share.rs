//! License Manager's own share: waited for where it is on its way, and looked for where it should have been there long
//! ago. Somebody may have deleted it, and nothing says that License Manager makes it anew by itself.

use super::Case;
use crate::protocol::RequestType;
use crate::resource::org_link::outcome::RESOURCE_SHARE_ARN;
use crate::resource::org_link::step::Step;

/// What is done before anything is changed: a share that does not come by itself is no use to wait for.
pub(super) fn sought(case: &Case<'_>) -> Option<Step> {
    let sought = is_missing(case) && !is_on_its_way(case);
    let before = case.link.named.get(RESOURCE_SHARE_ARN).cloned();
    sought.then_some(Step::LookForShare { before })
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
pub(super) fn is_missing(case: &Case<'_>) -> bool {
    let share = case.seen.known().and_then(|settings| settings.resource_share.as_ref());
    case.desired.wait_for_share && share.is_none()
}

/// Where this request links or repairs, or did so in an earlier delivery, and where somebody linked a moment ago.
fn is_on_its_way(case: &Case<'_>) -> bool {
    let this = case.link.switched_on_by.as_ref() == Some(&case.subject.request_id) && !case.link.answered;
    this || !case.seen.is_linked() || case.seen.is_just_linked(case.subject.now)
}
