//! What `Custom::LicenseManagerOrgLink` may call, and on what (service authorization references; license-manager facts 3
//! and 5, ram facts 5).

use crate::resource::permission::{Condition, Grant, Handler, Operation};

const READ_ORGANIZATION: Grant = Grant {
    sid: "ReadOrganization",
    resources: &["*"],
    condition: None,
    on: "`*`",
    purpose: "checking before linking",
};
const READ_ACCOUNTS: Grant = Grant {
    sid: "ReadAccounts",
    resources: ACCOUNTS,
    condition: None,
    on: "accounts of the organization",
    purpose: "whether the delegated administrator can be one",
};
const READ_SHARES: Grant = Grant {
    sid: "ReadShares",
    resources: &["*"],
    condition: None,
    on: "`*`, IAM offers nothing narrower",
    purpose: "whether the share that License Manager made is active",
};
const LINK: Grant = Grant {
    sid: "LinkLicenseManager",
    resources: &["*"],
    condition: None,
    on: "`*`",
    purpose: "linking, topic, bucket, search",
};
const SHARE: Grant = Grant {
    sid: "ShareWithOrganization",
    resources: &["*"],
    condition: None,
    on: "`*`",
    purpose: "`EnableRamSharing`",
};
const TRUST: Grant = Grant {
    sid: "GiveTrustedAccess",
    resources: &["*"],
    condition: Some(Condition {
        operator: "StringEquals",
        key: "organizations:ServicePrincipal",
        values: &[
            "license-manager.amazonaws.com",
            "license-manager.member-account.amazonaws.com",
            "ram.amazonaws.com",
        ],
    }),
    on: "`*`, for License Manager's two service principals and RAM's",
    purpose: "what linking and sharing do on the caller's behalf, and repairing a half link",
};
const DELEGATE: Grant = Grant {
    sid: "Delegate",
    resources: ACCOUNTS,
    condition: Some(Condition {
        operator: "StringEquals",
        key: "organizations:ServicePrincipal",
        values: &["license-manager.amazonaws.com"],
    }),
    on: "accounts of the organization, for License Manager",
    purpose: "the delegated administrator",
};
const SEE_ROLE: Grant = Grant {
    sid: "SeeServiceLinkedRoles",
    resources: SEEN,
    condition: None,
    on: "the service-linked roles of License Manager (three) and RAM, with their path and without",
    purpose: "whether sharing with the organization, where it is on, has the role that it needs; and which role is \
              missing where License Manager's share or trusted access does not come about",
};
const MAKE_ROLES: Grant = Grant {
    sid: "MakeServiceLinkedRoles",
    resources: ROLES,
    condition: Some(Condition {
        operator: "StringEquals",
        key: "iam:AWSServiceName",
        values: &[
            "license-manager.amazonaws.com",
            "license-manager.master-account.amazonaws.com",
            "license-manager.member-account.amazonaws.com",
            "ram.amazonaws.com",
        ],
    }),
    on: "the service-linked roles of License Manager (three) and RAM",
    purpose: "the role without which License Manager answers nothing, and those that linking and sharing make on the \
              caller's behalf",
};

const ACCOUNTS: &[&str] = &["arn:${AWS::Partition}:organizations::${AWS::AccountId}:account/o-*/*"];
const ROLES: &[&str] = &[
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.amazonaws.com/AWSServiceRoleForAWSLicenseManagerRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.master-account.amazonaws.com/AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.member-account.amazonaws.com/AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/ram.amazonaws.com/AWSServiceRoleForResourceAccessManager",
];
/// IAM does not know the path of a role that is not there. That it asks then for the name alone is UNCONFIRMED: with both
/// allowed, the answer is NoSuchEntity either way.
const SEEN: &[&str] = &[
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.amazonaws.com/AWSServiceRoleForAWSLicenseManagerRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.master-account.amazonaws.com/AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/license-manager.member-account.amazonaws.com/AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/ram.amazonaws.com/AWSServiceRoleForResourceAccessManager",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AWSServiceRoleForAWSLicenseManagerRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AWSServiceRoleForResourceAccessManager",
];

const LOOKS: &[Handler] = &[Handler::Create, Handler::Read, Handler::Update];
const LINKS: &[Handler] = &[Handler::Create, Handler::Update];
/// `OnDelete: Unlink` looks at the settings and changes them.
const SETTINGS: &[Handler] = Handler::ALL;
const CHANGES: &[Handler] = &[Handler::Create, Handler::Update, Handler::Delete];

/// The operations, by statement.
pub const OPERATIONS: &[Operation] = &[
    Operation { action: "organizations:DescribeOrganization", grant: &READ_ORGANIZATION, handlers: LOOKS },
    Operation {
        action: "organizations:ListAWSServiceAccessForOrganization",
        grant: &READ_ORGANIZATION,
        handlers: LOOKS,
    },
    Operation {
        action: "organizations:ListDelegatedAdministrators",
        grant: &READ_ORGANIZATION,
        handlers: LOOKS,
    },
    Operation { action: "organizations:DescribeAccount", grant: &READ_ACCOUNTS, handlers: LOOKS },
    Operation { action: "license-manager:GetServiceSettings", grant: &LINK, handlers: SETTINGS },
    Operation { action: "license-manager:UpdateServiceSettings", grant: &LINK, handlers: CHANGES },
    Operation { action: "ram:GetResourceShares", grant: &READ_SHARES, handlers: LOOKS },
    Operation { action: "ram:EnableSharingWithAwsOrganization", grant: &SHARE, handlers: LINKS },
    Operation { action: "organizations:EnableAWSServiceAccess", grant: &TRUST, handlers: LINKS },
    Operation {
        action: "organizations:DeregisterDelegatedAdministrator",
        grant: &DELEGATE,
        handlers: CHANGES,
    },
    Operation { action: "organizations:RegisterDelegatedAdministrator", grant: &DELEGATE, handlers: LINKS },
    Operation { action: "iam:GetRole", grant: &SEE_ROLE, handlers: LOOKS },
    Operation { action: "iam:CreateServiceLinkedRole", grant: &MAKE_ROLES, handlers: LINKS },
];
