//! What a template wants of the link, in the words of the domain.

use super::properties::{BucketArn, OnDelete, Properties, RegionName, TopicArn};
use crate::domain::{AccountId, Arn, Home};
use crate::resource::property_error::PropertyError;
use crate::resource::{Decoded, object};
use serde_json::Value;
use std::collections::BTreeSet;

/// The wanted state. Linked it must be in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Cross-account inventory search.
    pub inventory_search: bool,
    /// The topic for alerts.
    pub sns_topic: Option<String>,
    /// The bucket for inventory and reports.
    pub s3_bucket: Option<String>,
    /// Regions whose discovered licenses are shown here.
    pub discovery_source_regions: BTreeSet<String>,
    /// Sharing with the organization in RAM.
    pub ram_sharing: bool,
    /// License Manager's delegated administrator.
    pub delegated_administrator: Option<AccountId>,
    /// Whether to wait for License Manager's own share.
    pub wait_for_share: bool,
    /// What a Delete does.
    pub on_delete: OnDelete,
}

/// Reads the properties of a request, which may be any JSON, with every mistake.
pub fn decode(properties: &Value, home: &Home) -> Decoded<Desired> {
    let mut errors = Vec::new();
    let read = object::read::<Properties>(properties, "", &mut errors);
    let desired = read.map(|properties| desired(&properties, home, &mut errors));
    Decoded { desired, errors }
}

fn desired(properties: &Properties, home: &Home, errors: &mut Vec<PropertyError>) -> Desired {
    acknowledged(properties, errors);
    let search = properties.cross_account_inventory_search.read(errors).unwrap_or_default();
    charges(properties, search, errors);
    let regions = properties.discovery_source_regions.read(errors).unwrap_or_default();
    let topic = properties.sns_topic_arn.read(errors).map(|TopicArn(arn)| arn);
    let bucket = properties.s3_bucket_arn.read(errors).map(|BucketArn(arn)| arn);
    let desired = Desired {
        inventory_search: search,
        sns_topic: topic.filter(|arn| is_here(arn, properties.sns_topic_arn.path(), home, errors)),
        s3_bucket: bucket.filter(|arn| is_here(arn, properties.s3_bucket_arn.path(), home, errors)),
        discovery_source_regions: regions
            .into_iter()
            .map(|at| at.value)
            .map(|RegionName(name)| name)
            .collect(),
        ram_sharing: properties.enable_ram_sharing.read(errors).unwrap_or_default(),
        delegated_administrator: properties.delegated_administrator_account_id.read(errors),
        wait_for_share: properties.wait_for_resource_share.read(errors).unwrap_or(true),
        on_delete: properties.on_delete.read(errors).unwrap_or(OnDelete::Retain),
    };
    properties.revision.read(errors);
    desired
}

fn acknowledged(properties: &Properties, errors: &mut Vec<PropertyError>) {
    let field = &properties.acknowledge_organization_link;
    let said = field.read(errors).map(|acknowledgement| acknowledgement.0);
    if said == Some(true) || (said.is_none() && field.is_given()) {
        return;
    }
    let problem = "set this to true: you know that linking opens every account of the organization to License Manager, \
                   and may be for good";
    errors.push(PropertyError::new(name(field.path(), "AcknowledgeOrganizationLink"), problem));
}

fn charges(properties: &Properties, search: bool, errors: &mut Vec<PropertyError>) {
    let field = &properties.acknowledge_inventory_charges;
    let acknowledged = field.read(errors).unwrap_or_default();
    if search && !acknowledged {
        let problem = "set this to true: you know that the search makes resources that cost money, and cannot be switched \
                       off again";
        errors.push(PropertyError::new(name(field.path(), "AcknowledgeInventoryCharges"), problem));
    }
}

/// Whether an ARN is of the partition that the stack is in: no service reaches over.
fn is_here(arn: &str, path: &str, home: &Home, errors: &mut Vec<PropertyError>) -> bool {
    let partition = Arn::parse(arn).map(|arn| arn.partition).unwrap_or_default();
    let here = partition == home.partition;
    if !here {
        let problem = format!("this is of the partition {partition}, and the stack is in {}", home.partition);
        errors.push(PropertyError::found(path, problem, arn));
    }
    here
}

fn name<'a>(path: &'a str, otherwise: &'a str) -> &'a str {
    if path.is_empty() { otherwise } else { path }
}
