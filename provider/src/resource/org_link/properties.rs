//! The properties as a template writes them: the one source of names, types, limits, defaults and descriptions.

use crate::domain::{AccountId, Arn};
use crate::resource::property_error::PropertyError;
use crate::resource::wire::parsed;
use crate::resource::{At, Field, Wire};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

/// License Manager's service-linked roles reach topics and buckets of this name only (License Manager user guide,
/// settings; license-manager facts 1.7 and 1.8).
pub(crate) const NAME_PREFIX: &str = "aws-license-manager-service-";

/// Links AWS License Manager to AWS Organizations in this Region, for the whole organization. One in an organization
/// and Region is enough; the link itself outlives the stack unless `OnDelete` says otherwise.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(transform = conditions, extend("examples" = examples()))]
pub struct Properties {
    /// Must be true. It says that you know: linking makes service-linked roles and a resource share, gives License
    /// Manager trusted access to every account of the organization, now and later, and AWS does not promise that it
    /// can be undone.
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub acknowledge_organization_link: Field<Acknowledgement>,

    /// Whether License Manager searches the inventory of all accounts. Once on it cannot be switched off.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub cross_account_inventory_search: Field<bool>,

    /// Must be true where `CrossAccountInventorySearch` is. It says that you know: the search makes resources that
    /// cost money (S3, AWS Glue, Amazon Athena, Systems Manager), and they stay.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub acknowledge_inventory_charges: Field<bool>,

    /// ARN of the SNS topic for License Manager's alerts. Its name begins with `aws-license-manager-service-`. A topic of
    /// another account or Region is taken with a warning.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" =
        ["arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts"]))]
    pub sns_topic_arn: Field<TopicArn>,

    /// ARN of the S3 bucket for inventory and reports. Its name begins with `aws-license-manager-service-`. Required
    /// with `CrossAccountInventorySearch` unless License Manager has one already. Give one of this account and Region: a
    /// bucket's ARN names neither, so one of another account or Region is taken without a warning.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["arn:aws:s3:::aws-license-manager-service-111122223333"]))]
    pub s3_bucket_arn: Field<BucketArn>,

    /// Regions whose discovered licenses are shown in this one.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [["eu-central-1", "us-east-1"]]))]
    pub discovery_source_regions: Field<Vec<At<RegionName>>>,

    /// Whether to switch on sharing with the organization in AWS RAM. It counts for all resource types of all accounts,
    /// and is never switched off here.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = [true]))]
    pub enable_ram_sharing: Field<bool>,

    /// Account that becomes License Manager's delegated administrator.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["444455556666"]))]
    pub delegated_administrator_account_id: Field<AccountId>,

    /// Whether to wait until License Manager has made its own resource share, which takes minutes.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "default" = true, "examples" = [true]))]
    pub wait_for_resource_share: Field<bool>,

    /// What happens to the link when the resource is deleted. `Unlink` switches it off only where this resource
    /// switched it on and no other stack declares it. It is for organizations that are linked in one Region only: AWS does
    /// not say whether it takes trusted access, which all Regions share, from the others.
    #[serde(default)]
    #[schemars(extend("x-update" = "in place", "examples" = ["Retain"]))]
    pub on_delete: Field<OnDelete>,

    /// Any text. It is ignored, but changing it makes the provider look again and put right what differs.
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

/// A switch that must be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement(pub bool);

impl Wire for Acknowledgement {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": [true, "true"] })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        bool::read(value, path, errors).map(Self)
    }
}

/// What a Delete does to the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// Nothing.
    Retain,
    /// Switch it off, where this resource switched it on.
    Unlink,
}

impl Wire for OnDelete {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["Retain", "Unlink"], "default": "Retain" })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        match String::read(value, path, errors)?.as_str() {
            "Retain" => Some(Self::Retain),
            "Unlink" => Some(Self::Unlink),
            other => {
                errors.push(PropertyError::found(path, "this is Retain or Unlink", other));
                None
            }
        }
    }
}

/// An SNS topic of the right name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(pub String);

/// An S3 bucket of the right name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketArn(pub String);

/// A Region's name, such as `eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionName(pub String);

/// Why a text is not what License Manager can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No ARN of a topic.
    #[error("this is no ARN of an SNS topic")]
    NoTopic,
    /// No ARN of a bucket.
    #[error("this is no ARN of an S3 bucket, arn:aws:s3:::<name>")]
    NoBucket,
    /// The name is one that License Manager's roles do not reach.
    #[error(
        "License Manager reaches only names that begin with aws-license-manager-service-: give this one another name"
    )]
    Prefix,
    /// No Region.
    #[error("this is no Region, such as eu-west-1")]
    NoRegion,
}

impl std::str::FromStr for TopicArn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "sns");
        let arn = arn.filter(|arn| has_words(arn.region, 2) && arn.account.parse::<AccountId>().is_ok());
        let arn = arn.ok_or(NameError::NoTopic)?;
        let named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let plain = arn.resource.strip_suffix(".fifo").unwrap_or(arn.resource);
        if !plain.bytes().all(named) || arn.resource.len() > 256 {
            return Err(NameError::NoTopic);
        }
        if arn.resource.starts_with(NAME_PREFIX) { Ok(Self(text.to_owned())) } else { Err(NameError::Prefix) }
    }
}

impl std::str::FromStr for BucketArn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "s3" && arn.region.is_empty());
        let arn = arn.filter(|arn| arn.account.is_empty()).ok_or(NameError::NoBucket)?;
        let named =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        if !arn.resource.bytes().all(named) || !(3..=63).contains(&arn.resource.len()) {
            return Err(NameError::NoBucket);
        }
        if arn.resource.starts_with(NAME_PREFIX) { Ok(Self(text.to_owned())) } else { Err(NameError::Prefix) }
    }
}

impl std::str::FromStr for RegionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let ends_in_digit = text.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
        if has_words(text, 3) && ends_in_digit { Ok(Self(text.to_owned())) } else { Err(NameError::NoRegion) }
    }
}

/// Whether a text is so many words of a Region's name, or more.
fn has_words(text: &str, least: usize) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').count() >= least && text.split('-').all(is_word)
}

impl Wire for TopicArn {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        // A name has 256 characters at most, its ending included.
        let name = format!("{NAME_PREFIX}([A-Za-z0-9_-]{{0,228}}|[A-Za-z0-9_-]{{0,223}}\\.fifo)");
        let pattern = format!("^arn:aws(-[a-z]+)*:sns:[a-z0-9]+(-[a-z0-9]+)+:[0-9]{{12}}:{name}$");
        json_schema!({ "title": "ARN of an SNS topic", "type": "string", "pattern": pattern })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

impl Wire for BucketArn {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^arn:aws(-[a-z]+)*:s3:::{NAME_PREFIX}[a-z0-9.-]{{0,35}}$");
        json_schema!({ "title": "ARN of an S3 bucket", "type": "string", "pattern": pattern })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

impl Wire for RegionName {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": "Region", "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)+-[a-z]*[0-9]+$" })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

impl Wire for AccountId {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": "account id", "type": "string", "pattern": "^[0-9]{12}$" })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

/// What one property asks of another, as one message of a validator each.
fn conditions(schema: &mut Schema) {
    let yes = json!({ "enum": [true, "true"] });
    let searching = json!({
        "if": {
            "required": ["CrossAccountInventorySearch"],
            "properties": { "CrossAccountInventorySearch": yes },
        },
        "then": {
            "required": ["AcknowledgeInventoryCharges"],
            "properties": { "AcknowledgeInventoryCharges": yes },
        },
    });
    schema.insert("allOf".to_owned(), json!([searching]));
}

/// Properties as whole templates have them.
fn examples() -> Value {
    let token = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";
    json!([
        { "ServiceToken": token, "AcknowledgeOrganizationLink": true },
        {
            "ServiceToken": token,
            "AcknowledgeOrganizationLink": true,
            "CrossAccountInventorySearch": true,
            "AcknowledgeInventoryCharges": true,
            "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts",
            "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-111122223333",
            "EnableRamSharing": true,
            "DelegatedAdministratorAccountId": "444455556666",
        },
    ])
}
