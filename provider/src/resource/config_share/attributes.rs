//! What `Fn::GetAtt` gives. Every one is a text and is there on every success, empty where there is nothing to say.

use crate::resource::Attribute;

/// The attributes of `Custom::LicenseConfigShare`, in the order in which they are answered.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "ResourceShareArn", description: "ARN of the resource share." },
    Attribute { name: "ResourceShareId", description: "The id at the end of that ARN." },
    Attribute { name: "ResourceShareName", description: "Name of the resource share." },
    Attribute { name: "OwnerAccountId", description: "Account that owns the resource share." },
    Attribute {
        name: "Status",
        description: "Status of the resource share in AWS RAM: `ACTIVE`, or `DELETED` where a rollback found the share gone.",
    },
    Attribute {
        name: "PendingAccounts",
        description: "Accounts that were invited and have not accepted yet, comma-separated.",
    },
    Attribute { name: "PendingAccountsCount", description: "How many those are." },
    Attribute {
        name: "UnmanagedMembers",
        description: "Principals and resources that the share has and this template does not name, comma-separated.",
    },
    Attribute { name: "UnmanagedMembersCount", description: "How many those are." },
    Attribute {
        name: "Warnings",
        description: "What could not be done or is worth a look, in sentences; empty when there is nothing.",
    },
];
