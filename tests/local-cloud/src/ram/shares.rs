//! GetResourceShares.

use super::listing::List;
use super::model::Share;
use super::settings::RamSettings;
use super::visible::{Owner, filter_by_arn};
use super::{Around, Ram, errors, permissions, render};
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

const STATUSES: [&str; 5] = ["PENDING", "ACTIVE", "FAILED", "DELETING", "DELETED"];

impl Ram {
    pub(super) fn get_shares(&self, list: &List<'_>, around: &Around<'_>) -> Outcome {
        let owner = Owner::named(list.members.required_one_of("resourceOwner", &Owner::NAMES)?);
        let filters = Filters::read(list.members)?;
        let arns = list.members.texts("resourceShareArns")?;
        let shares = filter_by_arn(self.seen(list.ctx, owner, around), arns.as_deref())?;
        let found = shares.into_iter().filter(|share| filters.meet(share, &list.ctx.settings.ram));
        list.page("resourceShares", found.map(|share| render::share(list.ctx, share)).collect())
    }
}

struct Filters<'a> {
    status: Option<&'a str>,
    name: Option<&'a str>,
    /// Key, and values of which one must be the tag's; none means any.
    tags: Vec<(&'a str, Vec<&'a str>)>,
    permission: Option<&'a str>,
    version: Option<i64>,
}

impl<'a> Filters<'a> {
    fn read(members: &Members<'a>) -> Result<Self, ServiceError> {
        let tags = members.structures("tagFilters")?.unwrap_or_default();
        let tags = tags
            .iter()
            .map(|tag| Ok((tag.required_text("tagKey")?, tag.texts("tagValues")?.unwrap_or_default())));
        let filters = Self {
            status: members.one_of("resourceShareStatus", &STATUSES)?,
            name: members.text("name")?,
            tags: tags.collect::<Result<_, ServiceError>>()?,
            permission: members.text("permissionArn")?,
            version: members.integer("permissionVersion")?,
        };
        if filters.version.is_some() && filters.permission.is_none() {
            return Err(errors::invalid_parameter("permissionVersion needs permissionArn."));
        }
        Ok(filters)
    }

    fn meet(&self, share: &Share, settings: &RamSettings) -> bool {
        self.status.is_none_or(|status| share.status.as_str() == status)
            && self.name.is_none_or(|name| is_named(share, name, settings))
            && self.permission.is_none_or(|arn| permissions::is_attached(share, arn, self.version))
            && (self.tags.is_empty() || self.tags.iter().any(|filter| has_tag(share, filter)))
    }
}

fn is_named(share: &Share, name: &str, settings: &RamSettings) -> bool {
    share.name == name || (settings.name_filter_is_prefix && share.name.starts_with(name))
}

fn has_tag(share: &Share, (key, values): &(&str, Vec<&str>)) -> bool {
    let mut tags = share.tags.iter().filter(|tag| tag.key == *key);
    tags.any(|tag| values.is_empty() || values.contains(&tag.value.as_str()))
}
