//! Physical ids: an own share's ARN; `<share ARN>#<hash of StackId and LogicalResourceId>` for an attachment to an
//! existing share, so that two attachments to one share are two resources.

use crate::domain::ShareArn;
use crate::resource::Subject;
use uuid::Uuid;

/// Any namespace does, as long as it never changes: it is part of every id that was ever given out.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c69_6365_6e73_652d_6d61_6e61_6765_7201);

/// A physical id that names a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PhysicalId {
    /// The share.
    pub share: ShareArn,
    /// The hash, for an attachment.
    pub attachment: Option<String>,
}

impl PhysicalId {
    /// Reads an id; `None` for `none` ids, and for those that CloudFormation invented.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (share, attachment) = match id.split_once('#') {
            Some((share, hash)) => (share, Some(hash.to_owned())),
            None => (id, None),
        };
        Some(Self { share: share.parse().ok()?, attachment })
    }

    /// Whether it is about members of a share that is not the resource's own.
    pub(super) fn is_attachment(&self) -> bool {
        self.attachment.is_some()
    }

    /// Whether an attachment's hash is that of `subject`; an own share's id has none to compare.
    pub(super) fn is_of(&self, subject: &Subject) -> bool {
        self.attachment.as_ref().is_none_or(|hash| *hash == hash_of(subject))
    }
}

/// The id of an attachment of `subject` to `share`.
pub(super) fn attachment(share: &ShareArn, subject: &Subject) -> String {
    format!("{share}#{}", hash_of(subject))
}

fn hash_of(subject: &Subject) -> String {
    let name = format!("{}\n{}", subject.stack_id, subject.logical_id);
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).simple().to_string()
}
