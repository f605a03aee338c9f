//! TagResource, UntagResource, ListTagsForResource: of license configurations, by their owner.

use std::collections::BTreeMap;

use serde_json::json;

use super::configuration::tags_to_json;
use super::{LicenseManager, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

/// Tags a resource can have (AWS General Reference).
const MOST: usize = 50;

impl LicenseManager {
    pub(super) fn tag(&mut self, ask: &Ask<'_>) -> Outcome {
        let tags = tags_in(&ask.members)?.ok_or_else(|| errors::invalid("Tags is required"))?;
        let found = self.owned_by_mut(ask, "ResourceArn")?;
        let fresh = tags.keys().filter(|key| !found.tags.contains_key(*key)).count();
        if found.tags.len() + fresh > MOST {
            return Err(too_many());
        }
        found.tags.extend(tags);
        Ok(json!({}))
    }

    /// A key that is not there is silently fine.
    pub(super) fn untag(&mut self, ask: &Ask<'_>) -> Outcome {
        let keys = ask.members.texts("TagKeys")?.ok_or_else(|| errors::invalid("TagKeys is required"))?;
        let found = self.owned_by_mut(ask, "ResourceArn")?;
        found.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(json!({}))
    }

    pub(super) fn list_tags(&mut self, ask: &Ask<'_>) -> Outcome {
        let found = self.owned_by_mut(ask, "ResourceArn")?;
        Ok(json!({ "Tags": tags_to_json(&found.tags) }))
    }
}

/// The `Tags` of an input: at most 50, none that begins with `aws:`.
pub(super) fn tags_in(members: &Members<'_>) -> Result<Option<BTreeMap<String, String>>, ServiceError> {
    let Some(list) = members.structures("Tags")? else { return Ok(None) };
    let mut tags = BTreeMap::new();
    for tag in list {
        let key = tag.required_text("Key")?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid(format!("Tag key {key} begins with aws:, which is reserved")));
        }
        tags.insert(key.to_owned(), tag.text("Value")?.unwrap_or_default().to_owned());
    }
    if tags.len() > MOST { Err(too_many()) } else { Ok(Some(tags)) }
}

fn too_many() -> ServiceError {
    errors::invalid(format!("A resource can have at most {MOST} tags"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, desk};
    use super::*;
    use crate::testing::code;
    use serde_json::Value;

    fn tags_of(desk: &mut Desk, arn: &str) -> Value {
        desk.manage("ListTagsForResource", json!({ "ResourceArn": arn })).unwrap()["Tags"].clone()
    }

    #[test]
    fn tags_are_added_replaced_and_removed() {
        let mut desk = desk();
        let arn = desk.make("a");
        let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
        let input = json!({ "ResourceArn": arn, "Tags": [tag("k", "1"), tag("l", "2")] });
        desk.manage("TagResource", input).unwrap();
        desk.manage("TagResource", json!({ "ResourceArn": arn, "Tags": [tag("k", "3")] })).unwrap();
        assert_eq!(tags_of(&mut desk, &arn), json!([tag("k", "3"), tag("l", "2")]));
        desk.manage("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["k", "unknown"] })).unwrap();
        assert_eq!(tags_of(&mut desk, &arn), json!([tag("l", "2")]));
    }

    #[test]
    fn the_fifty_first_tag_is_refused() {
        let mut desk = desk();
        let arn = desk.make("a");
        let tags: Vec<Value> =
            (0..50).map(|number| json!({ "Key": number.to_string(), "Value": "" })).collect();
        desk.manage("TagResource", json!({ "ResourceArn": arn, "Tags": tags })).unwrap();
        let one_more = json!({ "ResourceArn": arn, "Tags": [{ "Key": "x", "Value": "" }] });
        assert_eq!(code(desk.manage("TagResource", one_more)), "InvalidParameterValueException");
    }

    #[test]
    fn what_does_not_exist_has_no_tags() {
        let answer = desk().manage("ListTagsForResource", json!({ "ResourceArn": "arn:aws:nothing" }));
        assert_eq!(code(answer), "InvalidParameterValueException");
    }
}
