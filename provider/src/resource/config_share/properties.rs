//! The properties as a template writes them. This struct is the one source of their names, types, limits, defaults,
//! examples and descriptions: the JSON schema, the README table and the decoder come from it.

use super::role_name::RoleName;
use super::tags::Tags;
use crate::domain::{LicenseConfigurationArn, Principal, ShareArn};
use crate::resource::property_error::PropertyError;
use crate::resource::wire::parsed;
use crate::resource::{At, Field, Wire};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

/// The most characters of a share's name (AWS::RAM::ResourceShare has no limit of its own; UNCONFIRMED).
const NAME_LENGTH: usize = 255;

/// Shares license configurations (self-managed licenses) of AWS License Manager through AWS RAM with accounts,
/// organizational units or the organization: in a resource share of its own (`Name`), or in one that exists
/// (`ResourceShareArn`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(transform = conditions, extend("examples" = examples()))]
pub struct Properties {
    /// Name of the resource share to make. Exactly one of `Name` and `ResourceShareArn` is required; switching
    /// between the two is a replacement.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["windows-server-licenses"]))]
    pub name: Field<ShareName>,

    /// ARN of an active resource share of this account and region to add to, License Manager's own among them. It is
    /// never renamed, tagged or deleted.
    #[serde(default)]
    #[schemars(extend("x-update" = "replacement", "examples" =
        ["arn:aws:ram:eu-west-1:111122223333:resource-share/7ab63972-b505-7e2a-420d-6f5d3f3a0f8e"]))]
    pub resource_share_arn: Field<ShareArn>,

    /// ARNs of the license configurations to share, of this account and region. At least one with `ResourceShareArn`.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [
        ["arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef"]
    ]))]
    pub license_configuration_arns: Field<Vec<At<LicenseConfigurationArn>>>,

    /// With whom to share: 12-digit account ids (quoted, or YAML drops leading zeros), ARNs of organizational units,
    /// the ARN of the organization. IAM roles and users are not possible.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [
        ["444455556666", "arn:aws:organizations::111122223333:organization/o-exampleorgid"],
        ["arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-34567890"]
    ]))]
    pub principals: Field<Vec<At<Principal>>>,

    /// Whether accounts outside the organization may be principals; they must accept an invitation. Only with `Name`.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub allow_external_principals: Field<bool>,

    /// Whether accounts keep their access when they leave the organization. Every account must then accept an
    /// invitation. Needs `AllowExternalPrincipals`. Only with `Name`.
    #[serde(default)]
    #[schemars(extend("x-update" = "replacement", "examples" = [false]))]
    pub retain_sharing_on_account_leave_organization: Field<bool>,

    /// Tags of the resource share. Only with `Name`.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [[{ "Key": "CostCenter", "Value": "4711" }]]))]
    pub tags: Field<Tags>,

    /// Whether to remove members of the share that the template does not name. Only with `Name`.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [false]))]
    pub exclusive_membership: Field<bool>,

    /// Whether to take over what is there already: the one active share of that `Name`, or members of the share of
    /// that `ResourceShareArn`. What was taken over stays when the stack is deleted.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [false]))]
    pub adopt_existing: Field<bool>,

    /// Name of a role, the same in every invited account, through which the provider accepts the invitation there. The
    /// role trusts the provider's role with the external id `license-manager-provider:<account of the stack>`.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["license-share-acceptance"]))]
    pub acceptance_role_name: Field<RoleName>,

    /// Whether the stack waits until every invited account has accepted, and fails when one has not at the end.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub wait_for_acceptance: Field<bool>,

    /// Any text. It is ignored, but changing it makes the provider look again and put right what differs. Invitations
    /// that were rejected or have expired are sent again.
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

/// A share's name, 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareName(String);

impl ShareName {
    /// The name itself.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Wire for ShareName {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": NAME_LENGTH })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        let name = String::read(value, path, errors)?;
        let length = name.chars().count();
        if (1..=NAME_LENGTH).contains(&length) {
            return Some(Self(name));
        }
        let problem = format!("a share's name has 1 to {NAME_LENGTH} characters, this has {length}");
        errors.push(PropertyError::new(path, problem));
        None
    }
}

impl Wire for ShareArn {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        arn_schema("ARN of a resource share", "ram", "resource-share/[A-Za-z0-9_-]+")
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

impl Wire for LicenseConfigurationArn {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let resource = "license-configuration:[A-Za-z0-9_-]+";
        arn_schema("ARN of a license configuration", "license-manager", resource)
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

fn arn_schema(title: &str, service: &str, resource: &str) -> Schema {
    let region = "[a-z0-9]+(-[a-z0-9]+)+";
    let pattern = format!("^arn:aws(-[a-z]+)*:{service}:{region}:[0-9]{{12}}:{resource}$");
    json_schema!({ "title": title, "type": "string", "pattern": pattern })
}

impl Wire for Principal {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let organization = "organization/o-[a-z0-9-]+";
        let unit = "ou/o-[a-z0-9-]+/ou-[a-z0-9-]+";
        let arn = format!("arn:aws(-[a-z]+)*:organizations::[0-9]{{12}}:({organization}|{unit})");
        json_schema!({
            "title": "account id, or ARN of an organizational unit or organization",
            "type": "string",
            "pattern": format!("^([0-9]{{12}}|{arn})$"),
        })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

/// What one property asks of another. Written as `if`, `then` and `else` and not as `oneOf`: each mistake is then one
/// message of a validator, at the property that is wrong.
fn conditions(schema: &mut Schema) {
    let no = json!({ "enum": [false, "false"] });
    let yes = json!({ "enum": [true, "true"] });
    let existing = json!({
        "if": { "required": ["ResourceShareArn"] },
        "then": {
            "required": ["LicenseConfigurationArns"],
            "properties": {
                "Name": false,
                "LicenseConfigurationArns": { "minItems": 1 },
                "AllowExternalPrincipals": no,
                "RetainSharingOnAccountLeaveOrganization": no,
                "ExclusiveMembership": no,
                "Tags": { "maxItems": 0 },
            },
        },
        "else": { "required": ["Name"] },
    });
    let retaining = json!({
        "if": {
            "required": ["Name", "RetainSharingOnAccountLeaveOrganization"],
            "properties": { "RetainSharingOnAccountLeaveOrganization": yes },
        },
        "then": {
            "required": ["AllowExternalPrincipals"],
            "properties": { "AllowExternalPrincipals": yes },
        },
    });
    schema.insert("allOf".to_owned(), json!([existing, retaining]));
}

/// Properties as whole templates have them: an own share, and one that exists.
fn examples() -> Value {
    let token = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";
    let license = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef";
    json!([
        {
            "ServiceToken": token,
            "Name": "windows-server-licenses",
            "LicenseConfigurationArns": [license],
            "Principals": ["arn:aws:organizations::111122223333:organization/o-exampleorgid", "444455556666"],
            "AllowExternalPrincipals": true,
            "Tags": [{ "Key": "CostCenter", "Value": "4711" }],
        },
        {
            "ServiceToken": token,
            "ResourceShareArn":
                "arn:aws:ram:eu-west-1:111122223333:resource-share/7ab63972-b505-7e2a-420d-6f5d3f3a0f8e",
            "LicenseConfigurationArns": [license],
        },
    ])
}
