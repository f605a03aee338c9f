//! What `Fn::GetAtt` gives. Every one is a text and is there on every success, empty where there is nothing to say.

use crate::resource::Attribute;

/// The attributes of `Custom::LicenseManagerOrgLink`, in the order in which they are answered.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "OrganizationId", description: "Id of the organization, `o-...`." },
    Attribute { name: "OrganizationArn", description: "ARN of the organization: a principal to share with." },
    Attribute { name: "ManagementAccountId", description: "The organization's management account." },
    Attribute {
        name: "ResourceShareArn",
        description: "ARN of the resource share that License Manager made itself; empty until it is there.",
    },
    Attribute {
        name: "TrustedAccess",
        description: "Trusted access of License Manager in AWS Organizations: `Enabled`, `Partial` (one of its two \
                      service principals) or `Disabled`.",
    },
    Attribute {
        name: "RamSharing",
        description: "Sharing with the organization in AWS RAM: `Enabled`; `JustEnabled` (organization principals may \
                      be refused for up to six hours); `WithoutRole` (switched on through AWS Organizations, which \
                      does not make RAM's role: organization principals are refused); `Disabled`.",
    },
    Attribute { name: "CrossAccountInventorySearch", description: "`true` or `false`." },
    Attribute { name: "SnsTopicArn", description: "The topic that License Manager has." },
    Attribute { name: "S3BucketArn", description: "The bucket that License Manager has." },
    Attribute {
        name: "DelegatedAdministratorAccountId",
        description: "License Manager's delegated administrator, where this template names one.",
    },
    Attribute {
        name: "Warnings",
        description: "What could not be done or is worth a look, in sentences; empty when there is nothing.",
    },
];
