//! The properties as a template writes them: the one source of names, types, limits, defaults and descriptions.

use crate::domain::{LicenseConfigurationArn, RoleArn, ShareArn};
use crate::resource::property_error::PropertyError;
use crate::resource::wire::parsed;
use crate::resource::{At, Field, Wire};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

/// Accepts, in this account, the invitation to a resource share of another account, and waits until what it shares is
/// visible here. A share that needs no invitation is only looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(extend("examples" = examples()))]
pub struct Properties {
    /// ARN of another account's resource share, in the same Region.
    #[schemars(extend("x-update" = "replacement", "examples" =
        ["arn:aws:ram:eu-west-1:444455556666:resource-share/7ab63972-b505-7e2a-420d-6f5d3f3a0f8e"]))]
    pub resource_share_arn: Field<ShareArn>,

    /// ARN of a role in the stack's own account through which the provider acts. Required where the provider runs in
    /// another account than the stack.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" =
        ["arn:aws:iam::111122223333:role/license-share-acceptance"]))]
    pub role_arn: Field<RoleArn>,

    /// ARNs of license configurations of the share's owner that must become visible here. Without any, a share that is
    /// accepted and not visible by the end of the wait is a success with a warning.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [
        ["arn:aws:license-manager:eu-west-1:444455556666:license-configuration:lic-0123456789abcdef0123456789abcdef"]
    ]))]
    pub license_configuration_arns: Field<Vec<At<LicenseConfigurationArn>>>,

    /// What happens when the resource is deleted. `Leave` takes this account out of the share, where this resource
    /// accepted it and no other one names it.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["Retain"]))]
    pub on_delete: Field<OnDelete>,

    /// Any text. It is ignored, but changing it makes the provider look again, and accept a newer invitation.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "type" = ["string", "integer"], "examples" = ["2026-11-24", "2"]))]
    pub revision: Field<String>,

    /// ARN of the provider's function. CloudFormation itself reads it, and does not let it change.
    #[schemars(extend("x-update" = "not possible", "examples" =
        ["arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider"]))]
    pub service_token: Field<String>,

    /// Seconds after which CloudFormation gives up, 3600 unless given. CloudFormation itself reads it.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "type" = ["integer", "string"], "minimum" = 1, "maximum" = 3600,
        "pattern" = "^[1-9][0-9]{0,3}$", "examples" = [600, "600"]))]
    pub service_timeout: Field<String>,
}

/// What a Delete does to the membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// Leave the share, where this resource accepted it.
    Leave,
    /// Nothing.
    Retain,
}

impl Wire for OnDelete {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["Leave", "Retain"], "default": "Leave" })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        match String::read(value, path, errors)?.as_str() {
            "Leave" => Some(Self::Leave),
            "Retain" => Some(Self::Retain),
            other => {
                errors.push(PropertyError::found(path, "this is Leave or Retain", other));
                None
            }
        }
    }
}

impl Wire for RoleArn {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$";
        json_schema!({ "title": "ARN of an IAM role", "type": "string", "pattern": pattern })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

/// Properties as whole templates have them: the provider in the stack's account, and a central one.
fn examples() -> Value {
    let share = "arn:aws:ram:eu-west-1:444455556666:resource-share/7ab63972-b505-7e2a-420d-6f5d3f3a0f8e";
    json!([
        {
            "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
            "ResourceShareArn": share,
        },
        {
            "ServiceToken": "arn:aws:lambda:eu-west-1:444455556666:function:license-manager-provider",
            "ResourceShareArn": share,
            "RoleArn": "arn:aws:iam::111122223333:role/license-share-acceptance",
            "LicenseConfigurationArns": [
                "arn:aws:license-manager:eu-west-1:444455556666:license-configuration:lic-0123456789abcdef0123456789abcdef"
            ],
            "OnDelete": "Retain",
        },
    ])
}
