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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Desk, desk, one};
    use super::*;
    use crate::Ctx;
    use crate::testing::{MANAGER, MEMBER, code, ctx_of, ctx_with};

    fn names(desk: &mut Desk, ctx: &Ctx, input: Value) -> Vec<String> {
        let list = desk.ask(ctx, "ListLicenseConfigurations", input).unwrap();
        let items = list["LicenseConfigurations"].as_array().unwrap().iter();
        items.map(|item| item["Name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn own_and_shared_ones_are_listed_and_deleted_ones_are_not() {
        let mut desk = desk();
        let (shared, deleted) = (desk.make("shared"), desk.make("deleted"));
        desk.make("hidden");
        desk.manage("DeleteLicenseConfiguration", one(&deleted)).unwrap();
        desk.service.create_license_configuration(&ctx_of(MEMBER), "own");
        let mut member = ctx_of(MEMBER);
        member.shared_with_caller = vec![shared, deleted];
        assert_eq!(names(&mut desk, &member, json!({})), ["shared", "own"]);
    }

    #[test]
    fn an_unknown_arn_in_a_list_is_refused_or_left_out() {
        let mut desk = desk();
        let arn = desk.make("known");
        let arns = json!({ "LicenseConfigurationArns": [arn, "arn:aws:license-manager:nonsense"] });
        let answer = desk.manage("ListLicenseConfigurations", arns.clone());
        assert_eq!(code(answer), "InvalidParameterValueException");
        let lenient =
            ctx_with(MANAGER, |settings| settings.license_manager.unknown_in_list = UnknownInList::LeftOut);
        assert_eq!(names(&mut desk, &lenient, arns), ["known"]);
    }

    #[test]
    fn a_deleted_one_is_shown_with_its_status_or_not_at_all() {
        let mut desk = desk();
        let arn = desk.make("a");
        desk.manage("DeleteLicenseConfiguration", one(&arn)).unwrap();
        assert_eq!(desk.manage("GetLicenseConfiguration", one(&arn)).unwrap()["Status"], "DELETED");
        let strict = ctx_with(MANAGER, |settings| settings.license_manager.deleted_shown = false);
        let answer = desk.ask(&strict, "GetLicenseConfiguration", one(&arn));
        assert_eq!(code(answer), "InvalidParameterValueException");
    }

    #[test]
    fn filters_narrow_the_list() {
        let mut desk = desk();
        let ctx = ctx_of(MANAGER);
        let input = json!({
            "Name": "hard", "LicenseCountingType": "Core", "LicenseCount": 1, "LicenseCountHardLimit": true,
        });
        desk.manage("CreateLicenseConfiguration", input).unwrap();
        let over = json!({ "Name": "over", "LicenseCountingType": "vCPU", "LicenseCount": 1 });
        let made = desk.manage("CreateLicenseConfiguration", over).unwrap();
        desk.service.set_consumed(made["LicenseConfigurationArn"].as_str().unwrap(), 2);
        let filter = |name: &str, value: &str| json!({ "Filters": [{ "Name": name, "Values": [value] }] });
        assert_eq!(names(&mut desk, &ctx, filter("licenseCountingType", "Core")), ["hard"]);
        assert_eq!(names(&mut desk, &ctx, filter("enforceLicenseCount", "false")), ["over"]);
        assert_eq!(names(&mut desk, &ctx, filter("usagelimitExceeded", "true")), ["over"]);
    }

    #[test]
    fn filters_that_make_no_sense_are_refused() {
        let refuse =
            |filter: Value| code(desk().manage("ListLicenseConfigurations", json!({ "Filters": [filter] })));
        let two = json!({ "Name": "licenseCountingType", "Values": ["Core", "vCPU"] });
        assert_eq!(refuse(two), "FilterLimitExceededException");
        for filter in [
            json!({ "Name": "name", "Values": ["a"] }),
            json!({ "Name": "licenseCountingType", "Values": [] }),
            json!({ "Name": "enforceLicenseCount", "Values": ["yes"] }),
            json!({ "Values": ["a"] }),
        ] {
            assert_eq!(refuse(filter), "InvalidParameterValueException");
        }
    }

    #[test]
    fn pages_lead_through_all_and_begin_empty_when_switched_so() {
        let mut desk = desk();
        for name in ["a", "b", "c"] {
            desk.make(name);
        }
        let ctx = ctx_with(MANAGER, |settings| settings.pages.empty_first_page = true);
        let (mut found, mut token, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let input = json!({ "MaxResults": 2, "NextToken": token });
            let page = desk.ask(&ctx, "ListLicenseConfigurations", input).unwrap();
            found.extend(
                page["LicenseConfigurations"].as_array().unwrap().iter().map(|item| item["Name"].clone()),
            );
            pages += 1;
            match page.get("NextToken") {
                Some(next) => token = next.clone(),
                None => break,
            }
        }
        assert_eq!((json!(found), pages), (json!(["a", "b", "c"]), 3));
    }

    #[test]
    fn page_sizes_below_one_and_strange_tokens_are_refused() {
        for input in [json!({ "MaxResults": 0 }), json!({ "MaxResults": -1 }), json!({ "NextToken": "x" })] {
            assert_eq!(
                code(desk().manage("ListLicenseConfigurations", input)),
                "InvalidParameterValueException"
            );
        }
    }
}
