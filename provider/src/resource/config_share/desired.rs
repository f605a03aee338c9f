//! What a template wants of a share, in the words of the domain.

use super::properties::Properties;
use super::tags::Tags;
use crate::domain::{Home, LicenseConfigurationArn, Principal, ShareArn};
use crate::resource::object;
use crate::resource::property_error::PropertyError;
use crate::resource::wire::{At, Field, chain};
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

/// What the properties of a request say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The wanted state, with what is wrong left out; `None` where it is not clear which share is meant.
    pub desired: Option<Desired>,
    /// Every mistake; empty where there is none.
    pub errors: Vec<PropertyError>,
}

/// Reads the properties of a request, which may be any JSON. `home` is where the provider runs: it shares what is
/// there and nothing else.
pub fn decode(properties: &Value, home: &Home) -> Decoded {
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
    properties.revision.read(errors);
    Some(Desired { target: target?, license_configurations, principals, adopt_existing })
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
fn fitting<T: Ord + ToString + crate::resource::Wire, E: std::error::Error>(
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
