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
