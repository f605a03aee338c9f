//! What a template wants of a share, in the words of the domain.

use super::properties::Properties;
use super::role_name::RoleName;
use super::tags::Tags;
use crate::domain::{Home, LicenseConfigurationArn, Principal, ShareArn};
use crate::protocol::reason::chain;
use crate::resource::property_error::PropertyError;
use crate::resource::wire::{At, Field, Wire};
use crate::resource::{Decoded, object};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The wanted state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The share that is meant.
    pub target: Target,
    /// What to share.
    pub license_configurations: BTreeSet<LicenseConfigurationArn>,
    /// With whom.
    pub principals: BTreeSet<Principal>,
    /// Whether what is there already may be taken over.
    pub adopt_existing: bool,
    /// The role in each invited account through which the provider accepts there.
    pub acceptance_role: Option<RoleName>,
    /// Whether SUCCESS means that every invited account has accepted.
    pub wait_for_acceptance: bool,
}

impl Desired {
    /// All members that the properties name: ARNs of license configurations, and principals.
    pub fn members(&self) -> BTreeSet<&str> {
        let principals = self.principals.iter().map(Principal::as_str);
        self.license_configurations.iter().map(LicenseConfigurationArn::as_str).chain(principals).collect()
    }
}

/// The share that a resource is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A share that the provider makes.
    Own(OwnShare),
    /// A share that is there.
    Existing(ShareArn),
}

/// A share of the provider's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnShare {
    /// Its name, 1 to 255 characters; RAM allows several shares of one name.
    pub name: String,
    /// Whether accounts outside the organization may be principals.
    pub allow_external_principals: bool,
    /// `RetainSharingOnAccountLeaveOrganization`.
    pub retain_sharing: bool,
    /// The template's tags, without the provider's own.
    pub tags: BTreeMap<String, String>,
    /// Whether members that the template does not name are removed.
    pub exclusive_membership: bool,
}

/// Reads the properties of a request, which may be any JSON. `home` is where the provider runs: it shares what is
/// there and nothing else.
pub fn decode(properties: &Value, home: &Home) -> Decoded<Desired> {
    let mut errors = Vec::new();
    let desired = object::read::<Properties>(properties, "", &mut errors)
        .and_then(|properties| desired(&properties, home, &mut errors));
    Decoded { desired, errors }
}

/// Reads every property before it gives up on any.
fn desired(properties: &Properties, home: &Home, errors: &mut Vec<PropertyError>) -> Option<Desired> {
    let target = target(properties, home, errors);
    let license_configurations = license_configurations(properties, home, errors);
    let principals = fitting(&properties.principals, |principal| principal.fits(home), errors);
    let adopt_existing = properties.adopt_existing.read(errors).unwrap_or_default();
    let acceptance_role = properties.acceptance_role_name.read(errors);
    let wait_for_acceptance = properties.wait_for_acceptance.read(errors).unwrap_or_default();
    properties.revision.read(errors);
    Some(Desired {
        target: target?,
        license_configurations,
        principals,
        adopt_existing,
        acceptance_role,
        wait_for_acceptance,
    })
}

fn license_configurations(
    properties: &Properties,
    home: &Home,
    errors: &mut Vec<PropertyError>,
) -> BTreeSet<LicenseConfigurationArn> {
    let field = &properties.license_configuration_arns;
    if properties.resource_share_arn.is_given() && field.is_empty_list() {
        let problem = "a share that exists is given license configurations: name at least one";
        errors.push(PropertyError::new(field.path(), problem));
    }
    fitting(field, |arn| arn.is_at(home), errors)
}

/// The elements of a list that `check` lets through; duplicates are one.
fn fitting<T: Ord + ToString + Wire, E: std::error::Error>(
    field: &Field<Vec<At<T>>>,
    check: impl Fn(&T) -> Result<(), E>,
    errors: &mut Vec<PropertyError>,
) -> BTreeSet<T> {
    let read = field.read(errors).unwrap_or_default();
    read.into_iter().filter_map(|at| checked(at, &check, errors)).collect()
}

fn checked<T: ToString, E: std::error::Error>(
    at: At<T>,
    check: impl Fn(&T) -> Result<(), E>,
    errors: &mut Vec<PropertyError>,
) -> Option<T> {
    match check(&at.value) {
        Ok(()) => Some(at.value),
        Err(error) => {
            errors.push(PropertyError::found(at.path, chain(&error), &at.value.to_string()));
            None
        }
    }
}

fn target(properties: &Properties, home: &Home, errors: &mut Vec<PropertyError>) -> Option<Target> {
    let (name, existing) = (&properties.name, &properties.resource_share_arn);
    let own_name = name.read(errors).map(super::properties::ShareName::into_string);
    let share = existing.read(errors).and_then(|value| {
        checked(At { path: existing.path().to_owned(), value }, |arn: &ShareArn| arn.is_at(home), errors)
    });
    let settings = Settings::read(properties, errors);
    match (name.is_given(), existing.is_given()) {
        (true, false) => {
            settings.check_own(properties, errors);
            Some(Target::Own(settings.into_own(own_name?)))
        }
        (false, true) => {
            settings.refuse(properties, errors);
            share.map(Target::Existing)
        }
        (both, _) => {
            errors.push(which(properties, both));
            None
        }
    }
}

fn which(properties: &Properties, both: bool) -> PropertyError {
    let (name, existing) = (properties.name.path(), properties.resource_share_arn.path());
    let path = if both { existing } else { name };
    let given = if both { "both are" } else { "neither is" };
    let problem = format!(
        "exactly one of {name} (make a share) and {existing} (add to one that exists) must be given, {given}"
    );
    PropertyError::new(path, problem)
}

/// What only an own share can be asked for; `None` where it was given and is wrong.
struct Settings {
    allow_external_principals: Option<bool>,
    retain_sharing: bool,
    tags: BTreeMap<String, String>,
    exclusive_membership: bool,
}

impl Settings {
    fn read(properties: &Properties, errors: &mut Vec<PropertyError>) -> Self {
        let allow = &properties.allow_external_principals;
        Self {
            allow_external_principals: if allow.is_given() { allow.read(errors) } else { Some(false) },
            retain_sharing: properties
                .retain_sharing_on_account_leave_organization
                .read(errors)
                .unwrap_or_default(),
            tags: properties.tags.read(errors).map(|Tags(tags)| tags).unwrap_or_default(),
            exclusive_membership: properties.exclusive_membership.read(errors).unwrap_or_default(),
        }
    }

    /// RAM's rule for own shares: only a share that may go outside the organization can stay with who leaves it.
    fn check_own(&self, properties: &Properties, errors: &mut Vec<PropertyError>) {
        if self.retain_sharing && self.allow_external_principals == Some(false) {
            let needed = properties.allow_external_principals.path();
            let path = properties.retain_sharing_on_account_leave_organization.path();
            errors.push(PropertyError::new(path, format!("this needs {needed}: set that to true too")));
        }
    }

    /// Beside an existing share: refused where it asks for something, since that share is not the provider's.
    fn refuse(&self, properties: &Properties, errors: &mut Vec<PropertyError>) {
        let asked = [
            (self.allow_external_principals == Some(true), properties.allow_external_principals.path()),
            (self.retain_sharing, properties.retain_sharing_on_account_leave_organization.path()),
            (!self.tags.is_empty(), properties.tags.path()),
            (self.exclusive_membership, properties.exclusive_membership.path()),
        ];
        let (own, existing) = (properties.name.path(), properties.resource_share_arn.path());
        let problem = format!("this is for a share made by {own}: leave it out beside {existing}");
        let refused = asked.into_iter().filter(|(asks, _)| *asks);
        errors.extend(refused.map(|(_, path)| PropertyError::new(path, problem.clone())));
    }

    fn into_own(self, name: String) -> OwnShare {
        let allow_external_principals = self.allow_external_principals.unwrap_or_default();
        OwnShare {
            name,
            allow_external_principals,
            retain_sharing: self.retain_sharing && allow_external_principals,
            tags: self.tags,
            exclusive_membership: self.exclusive_membership,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::summary;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use serde_json::{Map, json};

    const LICENSE: &str = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123";
    const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b";
    const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-abc123defg";
    const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-abc123defg/ou-ab12-34567890";

    fn home() -> Home {
        Home { partition: "aws".into(), region: "eu-west-1".into(), account: "111122223333".parse().unwrap() }
    }

    fn good(properties: Value) -> Desired {
        let decoded = decode(&properties, &home());
        assert_eq!(decoded.errors, [], "{properties}");
        decoded.desired.unwrap()
    }

    /// Refused with this summary, whose first mistake ends within 200 bytes.
    fn bad(properties: Value, expected: Expect) -> Option<Desired> {
        let decoded = decode(&properties, &home());
        expected.assert_eq(&summary(&decoded.errors));
        assert!(summary(&decoded.errors[..1]).len() <= 200, "{:?}", decoded.errors[0]);
        decoded.desired
    }

    /// An own share with these properties too.
    fn own(more: Value) -> Value {
        with(json!({ "Name": "n" }), more)
    }

    /// An existing share with these properties too.
    fn existing(more: Value) -> Value {
        with(json!({ "ResourceShareArn": SHARE, "LicenseConfigurationArns": [LICENSE] }), more)
    }

    fn with(mut base: Value, more: Value) -> Value {
        let more = more.as_object().unwrap().clone();
        base.as_object_mut().unwrap().extend(more);
        base
    }

    fn full() -> Value {
        json!({
            "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
            "ServiceTimeout": 600,
            "Name": "n",
            "LicenseConfigurationArns": [LICENSE],
            "Principals": [UNIT, ORGANIZATION, "444455556666"],
            "AllowExternalPrincipals": true,
            "RetainSharingOnAccountLeaveOrganization": true,
            "Tags": [{ "Key": "a", "Value": "1" }],
            "ExclusiveMembership": true,
            "AdoptExisting": true,
            "AcceptanceRoleName": "accept",
            "WaitForAcceptance": true,
            "Revision": "2",
        })
    }

    #[test]
    fn a_name_alone_is_an_own_share_with_nothing_in_it() {
        let desired = good(json!({ "Name": "n" }));
        let Target::Own(own) = desired.target else { panic!("{desired:?}") };
        assert_eq!(
            own,
            OwnShare {
                name: "n".into(),
                allow_external_principals: false,
                retain_sharing: false,
                tags: BTreeMap::new(),
                exclusive_membership: false,
            }
        );
        assert!(desired.license_configurations.is_empty() && desired.principals.is_empty());
        assert!(!desired.adopt_existing && !desired.wait_for_acceptance);
        assert_eq!(desired.acceptance_role, None);
    }

    #[test]
    fn everything_that_can_be_said_is_read() {
        let desired = good(full());
        let Target::Own(own) = &desired.target else { panic!("{desired:?}") };
        assert!(own.allow_external_principals && own.retain_sharing && own.exclusive_membership);
        assert_eq!(own.tags.get("a").map(String::as_str), Some("1"));
        assert!(desired.adopt_existing && desired.wait_for_acceptance);
        assert_eq!(desired.acceptance_role, Some(RoleName::from("accept")));
        assert_eq!(desired.license_configurations, BTreeSet::from([LICENSE.parse().unwrap()]));
        let principals = [UNIT, ORGANIZATION, "444455556666"].map(|text| text.parse().unwrap());
        assert_eq!(desired.principals, BTreeSet::from(principals));
    }

    #[test]
    fn a_share_arn_and_license_configurations_are_an_existing_share() {
        let desired = good(existing(json!({})));
        assert_eq!(desired.target, Target::Existing(SHARE.parse().unwrap()));
    }

    #[test]
    fn own_share_properties_that_ask_for_nothing_pass_beside_an_existing_share() {
        let desired = good(existing(json!({
            "AllowExternalPrincipals": "false", "RetainSharingOnAccountLeaveOrganization": false, "Tags": [],
            "ExclusiveMembership": "False", "Name": null,
        })));
        assert_eq!(desired.target, Target::Existing(SHARE.parse().unwrap()));
    }

    #[test]
    fn scalars_as_cloudformation_sends_them_mean_the_same() {
        let sent = with(
            full(),
            json!({
                "ServiceTimeout": "600", "AllowExternalPrincipals": "true", "ExclusiveMembership": "True",
                "RetainSharingOnAccountLeaveOrganization": "TRUE", "AdoptExisting": "true",
                "Principals": [UNIT, ORGANIZATION, 444_455_556_666_u64],
                "Tags": [{ "Key": "a", "Value": 1 }], "Revision": 2,
            }),
        );
        assert_eq!(good(sent), good(full()));
    }

    #[test]
    fn order_and_duplicates_and_null_change_nothing() {
        let shuffled = with(
            full(),
            json!({
                "Principals": ["444455556666", ORGANIZATION, UNIT, "444455556666"],
                "LicenseConfigurationArns": [LICENSE, LICENSE],
                "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "a", "Value": "1" }],
                "ResourceShareArn": null, "Colour": null,
            }),
        );
        let decoded = decode(&shuffled, &home());
        assert_eq!(decoded.desired, decode(&full(), &home()).desired);
        assert_eq!(decoded.errors.len(), 1, "an unknown name is a mistake also with null: {decoded:?}");
    }

    #[test]
    fn which_share_must_be_clear() {
        let none = bad(
            json!({}),
            expect![
                "1 property is wrong: Name: exactly one of Name (make a share) and ResourceShareArn (add to one that exists) must be given, neither is"
            ],
        );
        assert_eq!(none, None);
        let none = bad(
            existing(json!({ "Name": "n" })),
            expect![
                "1 property is wrong: ResourceShareArn: exactly one of Name (make a share) and ResourceShareArn (add to one that exists) must be given, both are"
            ],
        );
        assert_eq!(none, None);
        let none = bad(
            json!({ "Name": "" }),
            expect!["1 property is wrong: Name: a share's name has 1 to 255 characters, this has 0"],
        );
        assert_eq!(none, None);
        let none = bad(
            json!({ "Name": "é".repeat(256) }),
            expect!["1 property is wrong: Name: a share's name has 1 to 255 characters, this has 256"],
        );
        assert_eq!(none, None);
        assert!(matches!(good(json!({ "Name": "é".repeat(255) })).target, Target::Own(_)));
    }

    #[test]
    fn properties_that_are_no_object_are_one_mistake() {
        bad(json!(null), expect!["1 property is wrong: Properties: expected an object, found null"]);
        bad(
            json!([{ "Name": "n" }]),
            expect!["1 property is wrong: Properties: expected an object, found a list"],
        );
        bad(
            json!("Name"),
            expect![[r#"1 property is wrong: Properties: expected an object, found the string "Name""#]],
        );
    }

    #[test]
    fn wrong_types_say_what_was_expected_and_what_came() {
        bad(
            own(json!({ "Name": ["n"] })),
            expect!["1 property is wrong: Name: expected a string, found a list"],
        );
        bad(
            own(json!({ "LicenseConfigurationArns": LICENSE })),
            expect![[
                r#"1 property is wrong: LicenseConfigurationArns: expected a list, found the string "arn:aws:license-manager:eu-west-1:111122223333:license-co…"; wrap it in a list"#
            ]],
        );
        bad(
            own(json!({ "Principals": "444455556666" })),
            expect![[
                r#"1 property is wrong: Principals: expected a list, found the string "444455556666"; wrap it in a list"#
            ]],
        );
        bad(
            own(json!({ "Principals": { "Ref": "P" } })),
            expect!["1 property is wrong: Principals: expected a list, found an object"],
        );
        bad(
            own(json!({ "Principals": [null] })),
            expect!["1 property is wrong: Principals[0]: expected a string, found null"],
        );
        bad(
            own(json!({ "Principals": [["444455556666"]] })),
            expect!["1 property is wrong: Principals[0]: expected a string, found a list"],
        );
        bad(
            own(json!({ "AllowExternalPrincipals": "yes" })),
            expect![[
                r#"1 property is wrong: AllowExternalPrincipals: expected true or false, found the string "yes""#
            ]],
        );
        bad(
            own(json!({ "ExclusiveMembership": 1 })),
            expect!["1 property is wrong: ExclusiveMembership: expected true or false, found the number 1"],
        );
        bad(
            own(json!({ "RetainSharingOnAccountLeaveOrganization": [] })),
            expect![
                "1 property is wrong: RetainSharingOnAccountLeaveOrganization: expected true or false, found a list"
            ],
        );
        bad(
            own(json!({ "AdoptExisting": {} })),
            expect!["1 property is wrong: AdoptExisting: expected true or false, found an object"],
        );
        bad(
            own(json!({ "Tags": { "a": "1" } })),
            expect!["1 property is wrong: Tags: expected a list, found an object"],
        );
        bad(
            own(json!({ "Tags": ["a=1"] })),
            expect![[r#"1 property is wrong: Tags[0]: expected an object, found the string "a=1""#]],
        );
        bad(
            own(json!({ "Revision": [1] })),
            expect!["1 property is wrong: Revision: expected a string, found a list"],
        );
    }

    #[test]
    fn unknown_properties_come_with_the_nearest_name() {
        bad(
            own(json!({ "principals": [] })),
            expect!["1 property is wrong: principals: there is no such property: did you mean Principals?"],
        );
        bad(
            own(json!({ "Principal": "444455556666" })),
            expect!["1 property is wrong: Principal: there is no such property: did you mean Principals?"],
        );
        bad(
            own(json!({ "LicenceConfigurationArn": [] })),
            expect![
                "1 property is wrong: LicenceConfigurationArn: there is no such property: did you mean LicenseConfigurationArns?"
            ],
        );
        bad(
            own(json!({ "Colour": "red" })),
            expect![
                "1 property is wrong: Colour: there is no such property: see the README for those that there are"
            ],
        );
        bad(
            own(json!({ "Tags": [{ "Key": "a", "value": "1" }] })),
            expect![
                "2 properties are wrong: Tags[0].value: there is no such property: did you mean Value?; Tags[0].Value: this is required"
            ],
        );
    }

    #[test]
    fn principals_that_cannot_be_had_are_refused() {
        bad(
            own(json!({ "Principals": ["444455556666", 12_345_678_901_u64] })),
            expect![[
                r#"1 property is wrong: Principals[1]: this is no account id: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "12345678901")"#
            ]],
        );
        bad(
            own(json!({ "Principals": ["12345"] })),
            expect![[
                r#"1 property is wrong: Principals[0]: this is no account id: an account id has 12 digits, this has 5: if it began with 0, quote it in the template ("0...") (found "12345")"#
            ]],
        );
        bad(
            own(json!({ "Principals": [1_234_567_890_123_u64] })),
            expect![[
                r#"1 property is wrong: Principals[0]: this is no account id: an account id has 12 digits, this has 13 (found "1234567890123")"#
            ]],
        );
        bad(
            own(json!({ "Principals": [4444.5] })),
            expect![
                "1 property is wrong: Principals[0]: expected a string, found the number 4444.5; put it in quotation marks"
            ],
        );
        bad(
            own(json!({ "Principals": ["arn:aws:iam::444455556666:role/Admin"] })),
            expect![[
                r#"1 property is wrong: Principals[0]: license configurations cannot be shared with IAM roles or users: give the 12-digit id of their account (found "arn:aws:iam::444455556666:role/Admin")"#
            ]],
        );
        bad(
            own(json!({ "Principals": ["ou-ab12-34567890"] })),
            expect![[
                r#"1 property is wrong: Principals[0]: RAM takes an organizational unit by its ARN, arn:aws:organizations::<management account>:ou/<organization id>/<this id> (found "ou-ab12-34567890")"#
            ]],
        );
        bad(
            own(json!({ "Principals": ["o-abc123defg"] })),
            expect![[
                r#"1 property is wrong: Principals[0]: RAM takes an organization by its ARN, arn:aws:organizations::<management account>:organization/<this id> (found "o-abc123defg")"#
            ]],
        );
        bad(
            own(json!({ "Principals": ["license-manager.amazonaws.com"] })),
            expect![
                "1 property is wrong: Principals[0]: license configurations cannot be shared with AWS services: give a 12-digit account id, or the ARN of an organizational unit or of the organization"
            ],
        );
        bad(
            own(json!({ "Principals": ["111122223333"] })),
            expect![[
                r#"1 property is wrong: Principals[0]: this is the account that owns the share, it has its license configurations already: leave it out (found "111122223333")"#
            ]],
        );
        bad(
            own(json!({ "Principals": [UNIT.replace("aws", "aws-cn")] })),
            expect![[
                r#"1 property is wrong: Principals[0]: this ARN is of partition aws-cn, the provider runs in aws (found "arn:aws-cn:organizations::111122223333:ou/o-abc123defg/ou-ab1…")"#
            ]],
        );
        bad(
            own(json!({ "Principals": [""] })),
            expect![[
                r#"1 property is wrong: Principals[0]: this is no principal: give a 12-digit account id, or the ARN of an organizational unit or of the organization (found "")"#
            ]],
        );
    }

    #[test]
    fn arns_of_elsewhere_or_of_something_else_are_refused() {
        let licenses = |arn: &str| own(json!({ "LicenseConfigurationArns": [arn] }));
        bad(
            licenses(&LICENSE.replace("eu-west-1", "us-east-1")),
            expect![
                "1 property is wrong: LicenseConfigurationArns[0]: this ARN is of region us-east-1, the provider runs in eu-west-1: shares and license configurations are regional"
            ],
        );
        bad(
            licenses(&LICENSE.replace("arn:aws:", "arn:aws-cn:")),
            expect![[
                r#"1 property is wrong: LicenseConfigurationArns[0]: this ARN is of partition aws-cn, the provider runs in aws (found "arn:aws-cn:license-manager:eu-west-1:111122223333:license-con…")"#
            ]],
        );
        bad(
            licenses(&LICENSE.replace("111122223333", "444455556666")),
            expect![
                "1 property is wrong: LicenseConfigurationArns[0]: this license configuration belongs to account 444455556666, the provider acts for account 111122223333: only the owner can share it"
            ],
        );
        bad(
            licenses(&LICENSE.replace(":lic", "/lic")),
            expect![
                "1 property is wrong: LicenseConfigurationArns[0]: this is not the ARN of a license configuration, which looks like arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-<id>"
            ],
        );
        bad(
            licenses(SHARE),
            expect![
                "1 property is wrong: LicenseConfigurationArns[0]: this is not the ARN of a license configuration, which looks like arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-<id>"
            ],
        );
        let share = |arn: &str| existing(json!({ "ResourceShareArn": arn }));
        assert_eq!(
            bad(
                share(&SHARE.replace("eu-west-1", "us-east-1")),
                expect![
                    "1 property is wrong: ResourceShareArn: this ARN is of region us-east-1, the provider runs in eu-west-1: shares and license configurations are regional"
                ]
            ),
            None
        );
        assert_eq!(
            bad(
                share(&SHARE.replace("arn:aws:", "arn:aws-us-gov:")),
                expect![[
                    r#"1 property is wrong: ResourceShareArn: this ARN is of partition aws-us-gov, the provider runs in aws (found "arn:aws-us-gov:ram:eu-west-1:111122223333:resource-share/0a-1b")"#
                ]]
            ),
            None
        );
        assert_eq!(
            bad(
                share(&SHARE.replace("111122223333", "444455556666")),
                expect![
                    "1 property is wrong: ResourceShareArn: this resource share belongs to account 444455556666, the provider acts for account 111122223333: only the owner can share it"
                ]
            ),
            None
        );
        assert_eq!(
            bad(
                share("licenseManagerResourceShare-111122223333"),
                expect![
                    "1 property is wrong: ResourceShareArn: this is not the ARN of a resource share, which looks like arn:aws:ram:eu-west-1:111122223333:resource-share/<uuid>"
                ]
            ),
            None
        );
    }

    #[test]
    fn an_existing_share_takes_members_and_nothing_else() {
        bad(
            json!({ "ResourceShareArn": SHARE }),
            expect![
                "1 property is wrong: LicenseConfigurationArns: a share that exists is given license configurations: name at least one"
            ],
        );
        bad(
            existing(json!({ "LicenseConfigurationArns": [], "Principals": [ORGANIZATION] })),
            expect![
                "1 property is wrong: LicenseConfigurationArns: a share that exists is given license configurations: name at least one"
            ],
        );
        let asked = json!({
            "AllowExternalPrincipals": true, "RetainSharingOnAccountLeaveOrganization": "true",
            "ExclusiveMembership": true, "Tags": [{ "Key": "a", "Value": "1" }],
        });
        let desired = bad(
            existing(asked),
            expect![
                "4 properties are wrong: AllowExternalPrincipals: this is for a share made by Name: leave it out beside ResourceShareArn; RetainSharingOnAccountLeaveOrganization: this is for a share made by Name: leave it out beside ResourceShareArn; Tags: this is for a share made by Name: leave it out beside ResourceShareArn; ExclusiveMembership: this is for a share made by Name: leave it out beside ResourceShareArn"
            ],
        );
        assert_eq!(desired, Some(good(existing(json!({})))));
    }

    #[test]
    fn keeping_access_needs_a_share_that_may_go_outside() {
        let retain = json!({ "RetainSharingOnAccountLeaveOrganization": true });
        assert_eq!(
            bad(
                own(retain.clone()),
                expect![
                    "1 property is wrong: RetainSharingOnAccountLeaveOrganization: this needs AllowExternalPrincipals: set that to true too"
                ]
            ),
            Some(good(own(json!({}))))
        );
        let both = with(retain, json!({ "AllowExternalPrincipals": "nein" }));
        bad(
            own(both),
            expect![[
                r#"1 property is wrong: AllowExternalPrincipals: expected true or false, found the string "nein""#
            ]],
        );
    }

    #[test]
    fn tags_that_cannot_be_had_are_refused() {
        let tag = |key: &str, value: &str| own(json!({ "Tags": [{ "Key": key, "Value": value }] }));
        bad(
            tag("aws:x", ""),
            expect![[
                r#"1 property is wrong: Tags[0].Key: tag keys that begin with aws: are reserved by AWS: use another key (found "aws:x")"#
            ]],
        );
        bad(
            tag("AWS:x", ""),
            expect![[
                r#"1 property is wrong: Tags[0].Key: tag keys that begin with aws: are reserved by AWS: use another key (found "AWS:x")"#
            ]],
        );
        bad(
            tag("license-manager-provider:stack-id", "x"),
            expect![[
                r#"1 property is wrong: Tags[0].Key: tag keys that begin with license-manager-provider: are the provider's own: use another key (found "license-manager-provider:stack-id")"#
            ]],
        );
        bad(
            tag("Service", "LicenseManager"),
            expect![
                "1 property is wrong: Tags[0]: this tag marks License Manager's own share, which License Manager changes by itself: use another key or value"
            ],
        );
        bad(
            tag("", "x"),
            expect![[
                r#"1 property is wrong: Tags[0].Key: a tag key has 1 to 128 characters, this has 0 (found "")"#
            ]],
        );
        bad(
            tag("a;b", "x"),
            expect![[
                r#"1 property is wrong: Tags[0].Key: tags take letters, digits, spaces and _ . : / = + - @ only, this has ";" (found "a;b")"#
            ]],
        );
        bad(
            tag("a", "x\ny"),
            expect![
                "1 property is wrong: Tags[0].Value: tags take letters, digits, spaces and _ . : / = + - @ only, this has the control character U+000A"
            ],
        );
        bad(
            tag("a", &"x".repeat(257)),
            expect![
                "1 property is wrong: Tags[0].Value: a tag value has at most 256 characters, this has 257"
            ],
        );
        bad(
            own(json!({ "Tags": [{ "Key": "a" }, { "Value": "b" }] })),
            expect!["2 properties are wrong: Tags[0].Value: this is required; Tags[1].Key: this is required"],
        );
        bad(
            own(json!({ "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "a", "Value": "2" }] })),
            expect![[
                r#"1 property is wrong: Tags[1]: the key "a" is there already, with another value: keep one"#
            ]],
        );
        let many: Value = (0..47).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect();
        bad(
            own(json!({ "Tags": many })),
            expect![
                "1 property is wrong: Tags: RAM allows 50 tags a share and the provider keeps 4: give at most 46, these are 47"
            ],
        );
    }

    #[test]
    fn all_mistakes_come_in_one_answer_and_what_is_right_is_kept() {
        let desired = bad(
            json!({
                "Name": "n", "Principal": "x", "Principals": [ORGANIZATION, "12345", "ou-ab12-34567890"],
                "LicenseConfigurationArns": [LICENSE, SHARE], "AdoptExisting": "maybe",
                "AllowExternalPrincipals": true, "Tags": [{ "Key": "aws:a", "Value": 1 }, { "Key": "b", "Value": 2 }],
            }),
            expect![[
                r#"6 properties are wrong: Principal: there is no such property: did you mean Principals?; Tags[0].Key: tag keys that begin with aws: are reserved by AWS: use another key (found "aws:a"); LicenseConfigurationArns[1]: this is not the ARN of a license configuration, which looks like arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-<id>; Principals[1]: this is no account id: an account id has 12 digits, this has 5: if it began with 0, quote it in the template ("0...") (found "12345"); Principals[2]: RAM takes an organizational unit by its ARN, arn:aws:organizations::<management account>:ou/<organization id>/<this id> (found "ou-ab12-34567890"); AdoptExisting: expected true or false, found the string "maybe""#
            ]],
        );
        let kept = good(json!({
            "Name": "n", "Principals": [ORGANIZATION], "LicenseConfigurationArns": [LICENSE],
            "AllowExternalPrincipals": true, "Tags": [{ "Key": "b", "Value": "2" }],
        }));
        assert_eq!(desired, Some(kept));
    }

    #[test]
    fn five_thousand_principals_are_read() {
        let principals: Vec<u64> = (0..5_000).map(|n| 200_000_000_000 + n).collect();
        assert_eq!(good(own(json!({ "Principals": principals }))).principals.len(), 5_000);
    }

    /// Any JSON; with members that have the names of properties, so that every reader is reached.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            prop::sample::select(vec!["true", LICENSE, SHARE, UNIT, "444455556666", "0"])
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            let mut names: Vec<String> = full().as_object().unwrap().keys().cloned().collect();
            names.extend(["ResourceShareArn", "Key", "Value"].map(str::to_owned));
            let name = prop_oneof![prop::sample::select(names), ".*"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..8)
                    .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #![proptest_config(crate::laws::config(256))]

        #[test]
        fn any_json_gets_an_answer_of_one_line(properties in any_json()) {
            let decoded = decode(&properties, &home());
            prop_assert!(decoded.desired.is_some() || !decoded.errors.is_empty());
            prop_assert!(!summary(&decoded.errors).contains(char::is_control));
        }

        #[test]
        fn what_was_kept_beside_mistakes_is_right_by_itself(properties in any_json()) {
            let Some(Desired { target: Target::Own(own), .. }) = decode(&properties, &home()).desired else {
                return Ok(());
            };
            let tags: Vec<Value> = own.tags.iter().map(|(k, v)| json!({ "Key": k, "Value": v })).collect();
            let again = decode(&json!({ "Name": own.name, "Tags": tags }), &home());
            prop_assert_eq!(again.errors, []);
        }
    }
}
