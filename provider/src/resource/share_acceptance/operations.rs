//! What `Custom::LicenseConfigShareAcceptance` may call, and on what (service authorization reference of AWS RAM and AWS STS;
//! ram facts 3 and 5). Where it acts through a role, the role must allow the calls to RAM instead.

use crate::resource::permission::{ASSUME_ACCEPTANCE_ROLES, Condition, Grant, Handler, Operation};

const READ_SHARES: Grant = Grant {
    sid: "ReadShares",
    resources: &["*"],
    condition: None,
    on: "`*`, IAM offers nothing narrower",
    purpose: "looking",
};
const SEE_INVITATIONS: Grant = Grant {
    sid: "SeeInvitations",
    resources: &["*"],
    condition: None,
    on: "`*`",
    purpose: "finding what is offered to this account, and what it has brought",
};
const ACCEPT_INVITATIONS: Grant = Grant {
    sid: "AcceptInvitations",
    resources: &["arn:${AWS::Partition}:ram:${AWS::Region}:*:resource-share-invitation/*"],
    condition: None,
    on: "invitations of any account in this Region",
    purpose: "accepting in this account",
};
const LEAVE_SHARES: Grant = Grant {
    sid: "LeaveShares",
    resources: &["arn:${AWS::Partition}:ram:${AWS::Region}:*:resource-share/*"],
    condition: Some(Condition {
        operator: "StringEqualsIfExists",
        key: "ram:Principal",
        values: &["${AWS::AccountId}", "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"],
    }),
    on: "shares of any account in this Region, where `ram:Principal` is this account",
    purpose: "leaving what was accepted",
};

const LOOKS: &[Handler] = &[Handler::Create, Handler::Read, Handler::Update];
const ACCEPTS: &[Handler] = &[Handler::Create, Handler::Update];
/// A Create that is overtaken leaves what it accepted.
const LEAVES: &[Handler] = &[Handler::Create, Handler::Update, Handler::Delete];

/// The operations, by statement.
pub const OPERATIONS: &[Operation] = &[
    Operation { action: "ram:GetResourceShares", grant: &READ_SHARES, handlers: LOOKS },
    Operation { action: "ram:GetResourceShareInvitations", grant: &SEE_INVITATIONS, handlers: LOOKS },
    Operation { action: "ram:ListResources", grant: &SEE_INVITATIONS, handlers: LOOKS },
    Operation { action: "ram:AcceptResourceShareInvitation", grant: &ACCEPT_INVITATIONS, handlers: ACCEPTS },
    Operation { action: "ram:DisassociateResourceShare", grant: &LEAVE_SHARES, handlers: LEAVES },
    Operation { action: "sts:AssumeRole", grant: &ASSUME_ACCEPTANCE_ROLES, handlers: Handler::ALL },
];
