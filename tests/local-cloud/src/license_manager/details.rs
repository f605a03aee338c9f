//! Reads the members that CreateLicenseConfiguration and UpdateLicenseConfiguration share.

use serde_json::{Map, Value, json};

use super::errors::invalid;
use crate::error::ServiceError;
use crate::members::Members;

/// The members given of `Description`, `LicenseCount`, `LicenseCountHardLimit`, `LicenseRules`,
/// `DisassociateWhenNotFound`, `LicenseExpiry` and `ProductInformationList`.
pub(super) fn details_in(members: &Members<'_>) -> Result<Map<String, Value>, ServiceError> {
    let mut details = Map::new();
    let mut put =
        |name: &str, value: Option<Value>| details.extend(value.map(|value| (name.to_owned(), value)));
    put("Description", members.text("Description")?.map(Value::from));
    put("LicenseCount", count_in(members)?.map(Value::from));
    put("LicenseCountHardLimit", members.flag("LicenseCountHardLimit")?.map(Value::from));
    put("DisassociateWhenNotFound", members.flag("DisassociateWhenNotFound")?.map(Value::from));
    put("LicenseExpiry", members.integer("LicenseExpiry")?.map(Value::from));
    put("LicenseRules", rules_in(members)?.map(Value::from));
    put("ProductInformationList", products_in(members)?.map(Value::from));
    Ok(details)
}

fn count_in(members: &Members<'_>) -> Result<Option<i64>, ServiceError> {
    match members.integer("LicenseCount")? {
        Some(count) if count < 0 => Err(invalid("LicenseCount must not be negative")),
        count => Ok(count),
    }
}

/// Rules are written `#name=value` (AWS License Manager API reference, CreateLicenseConfiguration).
fn rules_in<'a>(members: &Members<'a>) -> Result<Option<Vec<&'a str>>, ServiceError> {
    let rules = members.texts("LicenseRules")?;
    let is_rule = |rule: &str| rule.strip_prefix('#').is_some_and(|rest| rest.contains('='));
    match rules.iter().flatten().find(|rule| !is_rule(rule)) {
        Some(rule) => Err(invalid(format!("License rule {rule} is not of the form #name=value"))),
        None => Ok(rules),
    }
}

fn products_in(members: &Members<'_>) -> Result<Option<Vec<Value>>, ServiceError> {
    let Some(list) = members.structures("ProductInformationList")? else { return Ok(None) };
    list.iter().map(product).collect::<Result<Vec<_>, _>>().map(Some)
}

fn product(product: &Members<'_>) -> Result<Value, ServiceError> {
    let kind = product.required_text("ResourceType")?;
    let filters = product.structures("ProductInformationFilterList")?;
    let filters = filters.ok_or_else(|| invalid("ProductInformationFilterList is required"))?;
    let filters = filters.iter().map(filter).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "ResourceType": kind, "ProductInformationFilterList": filters }))
}

fn filter(filter: &Members<'_>) -> Result<Value, ServiceError> {
    let mut shown = json!({
        "ProductInformationFilterName": filter.required_text("ProductInformationFilterName")?,
        "ProductInformationFilterComparator": filter.required_text("ProductInformationFilterComparator")?,
    });
    if let (Some(values), Some(members)) =
        (filter.texts("ProductInformationFilterValue")?, shown.as_object_mut())
    {
        members.insert("ProductInformationFilterValue".to_owned(), json!(values));
    }
    Ok(shown)
}
