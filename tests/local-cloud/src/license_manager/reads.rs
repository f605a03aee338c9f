//! GetLicenseConfiguration and ListLicenseConfigurations.

use serde_json::Value;

use super::configuration::LicenseConfiguration;
use super::settings::UnknownInList;
use super::{LicenseManager, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

impl LicenseManager {
    /// The owner may ask, and accounts that it is shared with (assumed: the managed permission of RAM allows it).
    pub(super) fn get(&self, ask: &Ask<'_>) -> Outcome {
        let arn = ask.members.required_text("LicenseConfigurationArn")?;
        let found = self.visible(ask, arn);
        let shown =
            found.filter(|found| !found.is_deleted() || ask.ctx.settings.license_manager.deleted_shown);
        shown.map(LicenseConfiguration::to_json_with_tags).ok_or_else(|| errors::no_configuration(arn))
    }

    /// The caller's own ones and those shared with it, in the order in which they were made; deleted ones are left out.
    pub(super) fn list(&self, ask: &Ask<'_>) -> Outcome {
        let filters = filters_in(ask)?;
        let arns = ask.members.texts("LicenseConfigurationArns")?.filter(|arns| !arns.is_empty());
        self.check_known(ask, arns.as_deref().unwrap_or_default())?;
        let wanted = |found: &&LicenseConfiguration| {
            !found.is_deleted()
                && is_visible(ask, found)
                && arns.as_ref().is_none_or(|arns| arns.contains(&found.arn.as_str()))
                && filters.iter().all(|filter| filter.takes(found))
        };
        let shown = self.configurations.iter().filter(wanted).map(|found| Value::Object(found.to_json()));
        let size = super::page_size(ask)?;
        ask.page("LicenseConfigurations", shown.collect(), size).map_err(|error| error.or(super::bad_token()))
    }

    fn check_known(&self, ask: &Ask<'_>, arns: &[&str]) -> Result<(), ServiceError> {
        if ask.ctx.settings.license_manager.unknown_in_list == UnknownInList::LeftOut {
            return Ok(());
        }
        let known = |arn: &str| self.visible(ask, arn).is_some_and(|found| !found.is_deleted());
        match arns.iter().find(|arn| !known(arn)) {
            Some(arn) => Err(errors::no_configuration(arn)),
            None => Ok(()),
        }
    }

    fn visible(&self, ask: &Ask<'_>, arn: &str) -> Option<&LicenseConfiguration> {
        self.license_configuration(arn).filter(|found| is_visible(ask, found))
    }
}

fn is_visible(ask: &Ask<'_>, found: &LicenseConfiguration) -> bool {
    found.region == ask.ctx.region
        && (found.owner == ask.ctx.account() || ask.ctx.shared_with_caller.contains(&found.arn))
}

/// A filter of ListLicenseConfigurations; each takes one value, case-sensitive.
#[derive(Debug)]
enum Filter<'a> {
    CountingType(&'a str),
    Enforced(bool),
    OverLimit(bool),
}

impl Filter<'_> {
    fn takes(&self, found: &LicenseConfiguration) -> bool {
        match self {
            Self::CountingType(wanted) => found.counting_type == *wanted,
            Self::Enforced(wanted) => found.is_hard_limit() == *wanted,
            Self::OverLimit(wanted) => {
                let used = i64::try_from(found.consumed).unwrap_or(i64::MAX);
                found.count().is_some_and(|count| used > count) == *wanted
            }
        }
    }
}

fn filters_in<'a>(ask: &Ask<'a>) -> Result<Vec<Filter<'a>>, ServiceError> {
    let mut filters = Vec::new();
    for filter in ask.members.structures("Filters")?.unwrap_or_default() {
        let name = filter.required_text("Name")?;
        let value = match filter.texts("Values")?.unwrap_or_default().as_slice() {
            [value] => *value,
            [] => return Err(errors::invalid(format!("Filter {name} has no value"))),
            _ => return Err(errors::filter_limit()),
        };
        filters.push(match name {
            "licenseCountingType" => Filter::CountingType(value),
            "enforceLicenseCount" => Filter::Enforced(truth(name, value)?),
            "usagelimitExceeded" => Filter::OverLimit(truth(name, value)?),
            _ => return Err(errors::invalid(format!("Filter {name} is not known"))),
        });
    }
    Ok(filters)
}

fn truth(name: &str, value: &str) -> Result<bool, ServiceError> {
    match value {
        "true" | "TRUE" | "True" => Ok(true),
        "false" | "FALSE" | "False" => Ok(false),
        _ => Err(errors::invalid(format!("Filter {name} takes true or false"))),
    }
}
