//! The tags by which a share names the resource that made it.

use super::ledger::Origin;
use crate::domain::Share;
use crate::resource::Subject;
use std::collections::BTreeMap;

/// The whole ARN of the stack.
pub(super) const STACK_ID: &str = "license-manager-provider:stack-id";
/// The resource's name in the stack's template.
pub(super) const LOGICAL_ID: &str = "license-manager-provider:logical-id";
/// The request that created or adopted the share.
pub(super) const REQUEST_ID: &str = "license-manager-provider:request-id";
/// How the share came to that resource, `made` or `adopted`: tells whether it may be deleted where the record is lost.
pub(super) const ORIGIN: &str = "license-manager-provider:origin";
/// The provider's own tags, as many as it keeps room for.
pub(super) const KEYS: [&str; 4] = [STACK_ID, LOGICAL_ID, REQUEST_ID, ORIGIN];
const MADE: &str = "made";
/// CloudFormation's own: the share is an `AWS::RAM::ResourceShare` of some stack.
pub(super) const CLOUDFORMATION_STACK_ID: &str = "aws:cloudformation:stack-id";

/// The provider's own tags for a share that the request of `subject` creates or adopts.
pub(super) fn tags(subject: &Subject, origin: &Origin) -> BTreeMap<String, String> {
    let origin = if matches!(origin, Origin::Made { .. }) { MADE } else { "adopted" };
    BTreeMap::from([
        (STACK_ID.to_owned(), subject.stack_id.clone()),
        (LOGICAL_ID.to_owned(), subject.logical_id.clone()),
        (REQUEST_ID.to_owned(), subject.request_id.clone()),
        (ORIGIN.to_owned(), origin.to_owned()),
    ])
}

/// Whether the value of [`ORIGIN`] says that the provider made the share. One that says nothing may be anybody's.
pub(super) fn says_made(origin: Option<&String>) -> bool {
    origin.is_some_and(|origin| origin == MADE)
}

/// Whose a share is, by its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// This resource's.
    Subject,
    /// Another resource's of the same stack.
    SameStack {
        /// Its name in the template.
        logical_id: String,
    },
    /// A resource's of another stack, through this provider.
    OtherStack {
        /// The stack's ARN.
        stack_id: String,
    },
    /// An `AWS::RAM::ResourceShare`.
    CloudFormation {
        /// The stack's ARN.
        stack_id: String,
    },
    /// License Manager itself.
    LicenseManager,
    /// Nobody that says so.
    Nobody,
}

/// Reads the owner from the tags of `share`.
pub(super) fn owner(share: &Share, subject: &Subject) -> Owner {
    let tag = |key: &str| share.tags.get(key).cloned();
    if let Some(stack_id) = tag(CLOUDFORMATION_STACK_ID) {
        return Owner::CloudFormation { stack_id };
    }
    if tag("Service").as_deref() == Some("LicenseManager") {
        return Owner::LicenseManager;
    }
    match (tag(STACK_ID), tag(LOGICAL_ID)) {
        (None, _) => Owner::Nobody,
        (Some(stack_id), _) if stack_id != subject.stack_id => Owner::OtherStack { stack_id },
        (Some(_), Some(logical_id)) if logical_id != subject.logical_id => Owner::SameStack { logical_id },
        (Some(_), _) => Owner::Subject,
    }
}
