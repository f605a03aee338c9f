//! What `Custom::LicenseConfigShare` may call, and on what (service authorization reference of AWS RAM and of AWS License
//! Manager; ram facts 5, license-manager facts 5).

use crate::resource::permission::{ASSUME_ACCEPTANCE_ROLES, Condition, Grant, Handler, Operation};

const LICENSE_CONFIGURATIONS_ONLY: Option<Condition> = Some(Condition {
    operator: "StringEqualsIfExists",
    key: "ram:RequestedResourceType",
    values: &["license-manager:LicenseConfiguration"],
});
const SHARES: &[&str] = &["arn:${AWS::Partition}:ram:${AWS::Region}:${AWS::AccountId}:resource-share/*"];

const READ_SHARES: Grant = Grant {
    sid: "ReadShares",
    resources: &["*"],
    condition: None,
    on: "`*`, IAM offers nothing narrower",
    purpose: "looking",
};
const MAKE_SHARES: Grant = Grant {
    sid: "MakeShares",
    resources: &["*"],
    condition: LICENSE_CONFIGURATIONS_ONLY,
    on: "`*`, where `ram:RequestedResourceType` is a license configuration",
    purpose: "making a share",
};
const ADD_MEMBERS: Grant = Grant {
    sid: "AddMembers",
    resources: SHARES,
    condition: LICENSE_CONFIGURATIONS_ONLY,
    on: "shares of this account and Region, same condition",
    purpose: "adding members",
};
const CHANGE_SHARES: Grant = Grant {
    sid: "ChangeShares",
    resources: SHARES,
    condition: None,
    on: "shares of this account and Region",
    purpose: "changing and deleting",
};
const FIND_LICENSE_CONFIGURATIONS: Grant = Grant {
    sid: "FindLicenseConfigurations",
    resources: &["*"],
    condition: None,
    on: "`*`",
    purpose: "checking that license configurations exist",
};
const READ_LICENSE_CONFIGURATIONS: Grant = Grant {
    sid: "ReadLicenseConfigurations",
    resources: &[
        "arn:${AWS::Partition}:license-manager:${AWS::Region}:${AWS::AccountId}:license-configuration:*",
    ],
    condition: None,
    on: "license configurations of this account and Region",
    purpose: "the same, one by one",
};

const ALWAYS: &[Handler] = Handler::ALL;
const PRESENT: &[Handler] = &[Handler::Create, Handler::Read, Handler::Update];
const MAKES: &[Handler] = &[Handler::Create, Handler::Update];
/// A Create that fails takes back what it did.
const CHANGES: &[Handler] = &[Handler::Create, Handler::Update, Handler::Delete];

/// The operations, by statement.
pub const OPERATIONS: &[Operation] = &[
    Operation { action: "ram:GetResourceShareAssociations", grant: &READ_SHARES, handlers: ALWAYS },
    Operation { action: "ram:GetResourceShares", grant: &READ_SHARES, handlers: ALWAYS },
    Operation { action: "ram:CreateResourceShare", grant: &MAKE_SHARES, handlers: MAKES },
    Operation { action: "ram:AssociateResourceShare", grant: &ADD_MEMBERS, handlers: MAKES },
    Operation { action: "ram:DeleteResourceShare", grant: &CHANGE_SHARES, handlers: CHANGES },
    Operation { action: "ram:DisassociateResourceShare", grant: &CHANGE_SHARES, handlers: CHANGES },
    Operation { action: "ram:TagResource", grant: &CHANGE_SHARES, handlers: CHANGES },
    Operation { action: "ram:UntagResource", grant: &CHANGE_SHARES, handlers: CHANGES },
    Operation { action: "ram:UpdateResourceShare", grant: &CHANGE_SHARES, handlers: CHANGES },
    Operation {
        action: "license-manager:ListLicenseConfigurations",
        grant: &FIND_LICENSE_CONFIGURATIONS,
        handlers: PRESENT,
    },
    Operation {
        action: "license-manager:GetLicenseConfiguration",
        grant: &READ_LICENSE_CONFIGURATIONS,
        handlers: PRESENT,
    },
    Operation { action: "sts:AssumeRole", grant: &ASSUME_ACCEPTANCE_ROLES, handlers: MAKES },
];
