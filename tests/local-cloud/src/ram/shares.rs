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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, World, texts};

    fn names(world: &mut World, account: &str, more: Value) -> Vec<String> {
        let mut input = json!({"resourceOwner": "SELF"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = world.ok(account, "GetResourceShares", input);
        texts(&answer["resourceShares"], "name")
    }

    #[test]
    fn tag_filters_are_or_and_without_values_any_value_does() {
        let mut world = World::new();
        for (name, key, value) in [("a", "stage", "dev"), ("b", "stage", "prod"), ("c", "team", "x")] {
            world.create(json!({"name": name, "tags": [{"key": key, "value": value}]}));
        }
        let filters = json!({"tagFilters": [{"tagKey": "stage", "tagValues": ["dev"]}, {"tagKey": "team"}]});
        assert_eq!(names(&mut world, OWNER, filters), ["a", "c"]);
        assert_eq!(
            names(&mut world, OWNER, json!({"tagFilters": [{"tagKey": "stage", "tagValues": []}]})),
            ["a", "b"]
        );
    }

    #[test]
    fn shares_are_filtered_by_status_name_and_arn() {
        let mut world = World::new();
        let gone = world.create(json!({"name": "a"}));
        let live = world.create(json!({"name": "a"}));
        world.create(json!({"name": "ab"}));
        world.ok(OWNER, "DeleteResourceShare", json!({"resourceShareArn": gone}));
        assert_eq!(names(&mut world, OWNER, json!({})), ["a", "a", "ab"]);
        assert_eq!(names(&mut world, OWNER, json!({"resourceShareStatus": "ACTIVE", "name": "a"})), ["a"]);
        assert_eq!(names(&mut world, OWNER, json!({"resourceShareStatus": "DELETED"})), ["a"]);
        assert_eq!(names(&mut world, OWNER, json!({"resourceShareArns": [live, gone]})), ["a", "a"]);
        world.set(|ram| ram.name_filter_is_prefix = true);
        assert_eq!(
            names(&mut world, OWNER, json!({"resourceShareStatus": "ACTIVE", "name": "a"})),
            ["a", "ab"]
        );
    }

    #[test]
    fn shares_are_filtered_by_permission() {
        let mut world = World::new();
        world.share_with(&[]);
        world.create(json!({"name": "empty"}));
        let arn = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionLicenseConfiguration";
        assert_eq!(names(&mut world, OWNER, json!({"permissionArn": arn})), ["licenses"]);
        let second = json!({"permissionArn": arn, "permissionVersion": 2});
        assert_eq!(names(&mut world, OWNER, second).len(), 0);
    }

    #[test]
    fn unknown_malformed_and_foreign_arns_are_told_apart() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let input = |owner: &str, arn: &str| json!({"resourceOwner": owner, "resourceShareArns": [arn]});
        world.ok(MEMBER, "GetResourceShares", input("OTHER-ACCOUNTS", &arn));
        let unknown = format!("{arn}0");
        for (account, owner, arn) in
            [(OWNER, "SELF", &unknown), (OWNER, "OTHER-ACCOUNTS", &arn), (OUTSIDER, "OTHER-ACCOUNTS", &arn)]
        {
            assert_eq!(
                world.code(account, "GetResourceShares", input(owner, arn)),
                "UnknownResourceException"
            );
        }
        assert_eq!(world.code(OWNER, "GetResourceShares", input("SELF", "x")), "MalformedArnException");
    }

    #[test]
    fn unknown_enum_values_and_a_missing_owner_are_refused() {
        let mut world = World::new();
        let wrong = [
            json!({}),
            json!({"resourceOwner": "OTHER_ACCOUNTS"}),
            json!({"resourceOwner": "SELF", "resourceShareStatus": "GONE"}),
            json!({"resourceOwner": "SELF", "maxResults": 0}),
            json!({"resourceOwner": "SELF", "maxResults": 501}),
            json!({"resourceOwner": "SELF", "tagFilters": [{}]}),
            json!({"resourceOwner": "SELF", "permissionVersion": 1}),
        ];
        for input in wrong {
            assert_eq!(world.code(OWNER, "GetResourceShares", input), "InvalidParameterException");
        }
    }

    #[test]
    fn pages_lead_on_by_tokens_of_their_own_list_only() {
        let mut world = World::new();
        for name in ["a", "b", "c"] {
            world.create(json!({"name": name}));
        }
        let first = world.ok(OWNER, "GetResourceShares", json!({"resourceOwner": "SELF", "maxResults": 2}));
        assert_eq!(texts(&first["resourceShares"], "name"), ["a", "b"]);
        let next = json!({"resourceOwner": "SELF", "maxResults": 2, "nextToken": first["nextToken"]});
        let second = world.ok(OWNER, "GetResourceShares", next);
        assert_eq!(texts(&second["resourceShares"], "name"), ["c"]);
        assert_eq!(second.get("nextToken"), None);
        let other = json!({"resourceOwner": "SELF", "name": "a", "nextToken": first["nextToken"]});
        assert_eq!(world.code(OWNER, "GetResourceShares", other), "InvalidNextTokenException");
    }

    #[test]
    fn the_first_page_can_be_empty_in_every_list() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        world.cloud.change_settings(|settings| settings.pages.empty_first_page = true);
        for (operation, input, list) in [
            ("GetResourceShares", json!({"resourceOwner": "SELF"}), "resourceShares"),
            (
                "GetResourceShareAssociations",
                json!({"associationType": "PRINCIPAL"}),
                "resourceShareAssociations",
            ),
            ("ListResources", json!({"resourceOwner": "SELF"}), "resources"),
            ("ListPrincipals", json!({"resourceOwner": "SELF"}), "principals"),
            ("ListResourceSharePermissions", json!({"resourceShareArn": arn}), "permissions"),
            ("ListPermissions", json!({}), "permissions"),
            ("ListResourceTypes", json!({}), "resourceTypes"),
        ] {
            let first = world.ok(OWNER, operation, input.clone());
            assert_eq!(first[list], json!([]), "{operation}");
            let mut next = input;
            next["nextToken"] = first["nextToken"].clone();
            let second = world.ok(OWNER, operation, next);
            assert!(!second[list].as_array().unwrap().is_empty(), "{operation}");
        }
    }

    #[test]
    fn tags_are_shown_to_the_owner_only() {
        let mut world = World::new();
        let arn = world.create(json!({"tags": [{"key": "a", "value": "1"}], "principals": [MEMBER]}));
        let input = json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [arn]});
        let shown = world.ok(MEMBER, "GetResourceShares", input);
        assert_eq!(shown["resourceShares"][0].get("tags"), None);
        assert_eq!(shown["resourceShares"][0]["owningAccountId"], OWNER);
    }

    #[test]
    fn a_unit_covers_accounts_below_it_and_no_others() {
        let mut world = World::new();
        let unit = world.unit.clone();
        let arn = world.share_with(&[&unit]);
        assert_eq!(world.seen(NESTED, "OTHER-ACCOUNTS"), [arn]);
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS").len(), 0);
        assert_eq!(world.seen(OWNER, "OTHER-ACCOUNTS").len(), 0);
    }

    #[test]
    fn a_consumer_sees_a_share_after_the_time_that_is_set_and_in_its_region_only() {
        let mut world = World::with(|ram| ram.times.share_shown = std::time::Duration::from_secs(90));
        let arn = world.share_with(&[MEMBER]);
        let input = json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [arn]});
        assert_eq!(world.code(MEMBER, "GetResourceShares", input.clone()), "UnknownResourceException");
        world.wait(90);
        world.ok(MEMBER, "GetResourceShares", input.clone());
        let (status, code, _) = world.send(MEMBER, "us-east-1", "GetResourceShares", &input);
        assert_eq!((status, code.as_deref()), (400, Some("UnknownResourceException")));
    }
}
