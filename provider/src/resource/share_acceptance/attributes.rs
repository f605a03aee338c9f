//! What `Fn::GetAtt` gives. Every one is a text and is there on every success, empty where there is nothing to say.

use crate::resource::Attribute;

/// The attributes of `Custom::LicenseConfigShareAcceptance`, in the order in which they are answered.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "ResourceShareArn", description: "ARN of the resource share." },
    Attribute { name: "ResourceShareId", description: "The id at the end of that ARN." },
    Attribute {
        name: "ResourceShareName",
        description: "Name of the resource share; empty until it is visible here.",
    },
    Attribute { name: "OwnerAccountId", description: "Account that owns the resource share." },
    Attribute {
        name: "Status",
        description: "Status of the resource share in AWS RAM, such as `ACTIVE`; `UNKNOWN` where it is not visible here, \
                      which `Warnings` explains.",
    },
    Attribute {
        name: "AcceptedBy",
        description: "`Invitation`, where an invitation was accepted, by this resource or before; `Organization`, where \
                      none was needed (or one was accepted more than about seven days before: AWS RAM forgets it).",
    },
    Attribute {
        name: "LicenseConfigurationArns",
        description: "License configurations that are visible here through the share, comma-separated.",
    },
    Attribute { name: "LicenseConfigurationArnsCount", description: "How many those are." },
    Attribute {
        name: "Warnings",
        description: "What could not be done or is worth a look, in sentences; empty when there is nothing.",
    },
];
