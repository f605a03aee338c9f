//! GetServiceSettings and UpdateServiceSettings: the link to Organizations and cross-account discovery, an account and
//! Region (license manager facts 1.1 to 1.5). Only members that are given change (assumed).

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::settings::{Bucket, DiscoveryOff, MemberSees, Unlink};
use super::{LicenseManager, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};
use crate::organizations::{FeatureSet, Organization, Organizations, RamSharing};
use crate::{Ctx, Event};

/// The services that linking gives trusted access (License Manager user guide, share page).
pub(crate) const TRUSTED: [&str; 2] =
    ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"];
/// How names of topics and buckets begin that License Manager's roles may use.
const PREFIX: &str = "aws-license-manager-service-";

/// The settings of one account in one Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceSettings {
    /// The bucket for reports and inventory.
    pub s3_bucket_arn: Option<String>,
    /// The topic for alerts.
    pub sns_topic_arn: Option<String>,
    /// Linked to Organizations.
    pub integration: bool,
    /// Cross-account discovery.
    pub discovery: bool,
    /// License Manager's own RAM share, once it is there.
    pub resource_share_arn: Option<String>,
    /// Regions whose licenses are discovered from here.
    pub source_regions: Vec<String>,
    /// Since when cross-account discovery is on.
    pub discovery_since: Duration,
    /// Since when the source Regions are as they are.
    pub source_regions_since: Duration,
    /// When the last update was taken.
    pub updated: Option<Duration>,
}

/// What an UpdateServiceSettings asks for.
#[derive(Debug)]
struct Wanted<'a> {
    bucket: Option<&'a str>,
    topic: Option<&'a str>,
    integration: Option<bool>,
    discovery: Option<bool>,
    source_regions: Option<Vec<&'a str>>,
}

impl LicenseManager {
    /// The settings of an account in a Region.
    pub fn service_settings(&self, account: &str, region: &str) -> ServiceSettings {
        self.services.get(&key(account, region)).cloned().unwrap_or_default()
    }

    #[expect(clippy::unnecessary_wraps, reason = "all operations answer alike")]
    pub(super) fn get_settings(&self, ask: &Ask<'_>, orgs: &Organizations) -> Outcome {
        let settings = self.service_settings(ask.ctx.account(), &ask.ctx.region);
        let integration = settings.integration || self.linked_by_manager(ask.ctx, orgs);
        let status = status_of(&settings, ask.ctx);
        let mut shown = Map::new();
        let mut put =
            |name: &str, value: Option<Value>| shown.extend(value.map(|value| (name.to_owned(), value)));
        put("S3BucketArn", settings.s3_bucket_arn.map(Value::from));
        put("SnsTopicArn", settings.sns_topic_arn.map(Value::from));
        put("OrganizationConfiguration", Some(json!({ "EnableIntegration": integration })));
        put("EnableCrossAccountsDiscovery", Some(json!(settings.discovery)));
        put("LicenseManagerResourceShareArn", settings.resource_share_arn.map(Value::from));
        if !settings.source_regions.is_empty() {
            // The Region called is the home (assumed: there is no input for it).
            put("CrossRegionDiscoveryHomeRegion", Some(json!(ask.ctx.region)));
            put("CrossRegionDiscoverySourceRegions", Some(json!(settings.source_regions)));
        }
        put("ServiceStatus", status);
        Ok(Value::Object(shown))
    }

    fn linked_by_manager(&self, ctx: &Ctx, orgs: &Organizations) -> bool {
        let wanted = ctx.settings.license_manager.member_sees == MemberSees::Manager;
        let organization = orgs.organization_of(ctx.account()).filter(|_| wanted);
        organization
            .is_some_and(|found| self.service_settings(&found.management_account, &ctx.region).integration)
    }

    pub(super) fn update_settings(&mut self, ask: &Ask<'_>, orgs: &Organizations) -> Outcome {
        let wanted = Wanted::read(ask)?;
        let before = self.service_settings(ask.ctx.account(), &ask.ctx.region);
        let window = ask.ctx.settings.license_manager.update_window;
        if before.updated.is_some_and(|last| ask.ctx.now < last + window) {
            return Err(errors::conflict());
        }
        let after = wanted.applied_to(before.clone(), ask.ctx)?;
        if wanted.links() {
            check_link(ask.ctx, orgs)?;
            self.link(ask.ctx, orgs, &before);
        } else if before.integration && !after.integration {
            self.unlink(ask.ctx, orgs);
        }
        self.services.insert(key(ask.ctx.account(), &ask.ctx.region), after);
        Ok(json!({}))
    }

    fn unlink(&mut self, ctx: &Ctx, orgs: &Organizations) {
        let switches = &ctx.settings.license_manager;
        if switches.unlink_deletes_share {
            let (account, region) = (ctx.account().to_owned(), ctx.region.clone());
            self.events.push(Event::OwnShareDeleted { account, region });
        }
        if switches.unlink_removes_access {
            let principals = TRUSTED.map(str::to_owned).to_vec();
            self.events.push(Event::TrustedAccessRemoved { account: manager_of(ctx, orgs), principals });
        }
    }

    fn link(&mut self, ctx: &Ctx, orgs: &Organizations, before: &ServiceSettings) {
        let settings = &ctx.settings.license_manager;
        if before.integration && !settings.relink_repairs {
            return;
        }
        if settings.link_gives_access {
            self.events.push(Event::TrustedAccess {
                account: manager_of(ctx, orgs),
                principals: TRUSTED.map(str::to_owned).to_vec(),
            });
        }
        if before.resource_share_arn.is_none() {
            self.events.push(Event::LicenseManagerLinked {
                account: ctx.account().to_owned(),
                region: ctx.region.clone(),
                at: ctx.now + settings.share_delay,
            });
        }
    }

    /// What the core must do in other services since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Since when the caller's discovery covers the whole organization; `None` where it does not.
    pub(super) fn searching_all_accounts_since(&self, ctx: &Ctx, orgs: &Organizations) -> Option<Duration> {
        let leads = orgs.organization_of(ctx.account()).is_some_and(|org| leads(ctx.account(), org));
        let settings = self.service_settings(ctx.account(), &ctx.region);
        (leads && settings.discovery).then_some(settings.discovery_since)
    }
}

impl<'a> Wanted<'a> {
    fn read(ask: &Ask<'a>) -> Result<Self, ServiceError> {
        let link = ask.members.structure("OrganizationConfiguration")?;
        let wanted = Self {
            bucket: ask.members.text("S3BucketArn")?,
            topic: ask.members.text("SnsTopicArn")?,
            integration: link.map(|link| link.required_flag("EnableIntegration")).transpose()?,
            discovery: ask.members.flag("EnableCrossAccountsDiscovery")?,
            source_regions: ask.members.texts("EnabledDiscoverySourceRegions")?,
        };
        let switches = &ask.ctx.settings.license_manager;
        if switches.checks_names {
            check_name(ask.ctx, wanted.bucket, "S3BucketArn")?;
            check_name(ask.ctx, wanted.topic, "SnsTopicArn")?;
        }
        if switches.checks_topic_place {
            check_place(ask.ctx, wanted.topic)?;
        }
        Ok(wanted.kept(&switches.forgets))
    }

    /// Without what License Manager takes and does not keep.
    fn kept(self, forgets: &BTreeSet<String>) -> Self {
        let keeps = |name: &str| !forgets.contains(name);
        Self {
            bucket: self.bucket.filter(|_| keeps("S3BucketArn")),
            topic: self.topic.filter(|_| keeps("SnsTopicArn")),
            integration: self.integration.filter(|_| keeps("OrganizationConfiguration")),
            discovery: self.discovery.filter(|_| keeps("EnableCrossAccountsDiscovery")),
            source_regions: self.source_regions.filter(|_| keeps("EnabledDiscoverySourceRegions")),
        }
    }

    /// Discovery links Organizations by itself (License Manager user guide, settings page).
    fn links(&self) -> bool {
        self.integration == Some(true) || self.discovery == Some(true)
    }

    fn applied_to(&self, mut settings: ServiceSettings, ctx: &Ctx) -> Result<ServiceSettings, ServiceError> {
        let replace = |target: &mut Option<String>, given: Option<&str>| {
            if let Some(given) = given {
                *target = Some(given.to_owned()).filter(|text| !text.is_empty());
            }
        };
        replace(&mut settings.s3_bucket_arn, self.bucket);
        replace(&mut settings.sns_topic_arn, self.topic);
        if let Some(regions) = &self.source_regions {
            settings.source_regions = regions.iter().map(|region| (*region).to_owned()).collect();
            settings.source_regions_since = ctx.now;
        }
        settings.updated = Some(ctx.now);
        self.apply_discovery(&mut settings, ctx)?;
        self.apply_integration(&mut settings, ctx)?;
        Ok(settings)
    }

    fn apply_discovery(&self, settings: &mut ServiceSettings, ctx: &Ctx) -> Result<(), ServiceError> {
        let switches = &ctx.settings.license_manager;
        match self.discovery {
            Some(false) if settings.discovery && switches.discovery_off == DiscoveryOff::Refused => {
                Err(errors::bad_value(ctx, "Cross-account discovery cannot be disabled"))
            }
            Some(true) if settings.s3_bucket_arn.is_none() && switches.bucket == Bucket::Required => {
                Err(errors::bad_value(ctx, "S3BucketArn is required for cross-account discovery"))
            }
            Some(true) => {
                if !settings.discovery {
                    settings.discovery_since = ctx.now;
                }
                settings.discovery = true;
                settings.s3_bucket_arn.get_or_insert_with(|| made_bucket(ctx));
                Ok(())
            }
            Some(false) | None => Ok(()),
        }
    }

    fn apply_integration(&self, settings: &mut ServiceSettings, ctx: &Ctx) -> Result<(), ServiceError> {
        if self.integration == Some(false) && settings.integration {
            check_unlink(settings, ctx)?;
        }
        if self.links() {
            settings.integration = true;
        } else if let Some(integration) = self.integration {
            settings.integration = integration;
        }
        Ok(())
    }
}

fn check_unlink(settings: &ServiceSettings, ctx: &Ctx) -> Result<(), ServiceError> {
    let switches = &ctx.settings.license_manager;
    let held = settings.discovery && switches.unlink_needs_discovery_off;
    match switches.unlink {
        Unlink::Conflict => Err(errors::conflict()),
        Unlink::Accepted if !held => Ok(()),
        Unlink::Accepted | Unlink::Refused => {
            Err(errors::bad_value(ctx, "Integration with AWS Organizations cannot be disabled"))
        }
    }
}

/// `ServiceStatus`: of what is on, in words of our own.
fn status_of(settings: &ServiceSettings, ctx: &Ctx) -> Option<Value> {
    let switches = &ctx.settings.license_manager;
    if !switches.shows_status {
        return None;
    }
    let text = |since: Duration| {
        if ctx.now < since + switches.discovery_delay { "IN_PROGRESS" } else { "COMPLETED" }
    };
    let mut status = Map::new();
    if settings.discovery {
        let message = json!({ "Message": text(settings.discovery_since) });
        status.insert("CrossAccountDiscovery".to_owned(), message);
    }
    if !settings.source_regions.is_empty() {
        let one =
            |region: &String| (region.clone(), json!({ "Status": text(settings.source_regions_since) }));
        let regions: Map<String, Value> = settings.source_regions.iter().map(one).collect();
        status.insert("CrossRegionDiscovery".to_owned(), json!({ "Message": regions }));
    }
    Some(Value::Object(status)).filter(|_| settings.discovery || !settings.source_regions.is_empty())
}

/// The management account of the caller's organization.
fn manager_of(ctx: &Ctx, orgs: &Organizations) -> String {
    let manager = orgs.organization_of(ctx.account()).map(|org| org.management_account.clone());
    manager.unwrap_or_else(|| ctx.account().to_owned())
}

/// All features, and the management account (or, by a switch, License Manager's delegated administrator).
fn check_link(ctx: &Ctx, orgs: &Organizations) -> Result<(), ServiceError> {
    let Some(org) = orgs.organization_of(ctx.account()) else {
        return Err(errors::bad_value(ctx, "The account is not a member of an organization"));
    };
    let delegated = org.is_delegated(ctx.account(), Some("license-manager.amazonaws.com"));
    if org.management_account != ctx.account()
        && !(ctx.settings.license_manager.delegated_may_link && delegated)
    {
        return Err(errors::access_denied("Only the management account can link AWS Organizations"));
    }
    if org.feature_set != FeatureSet::All {
        return Err(errors::bad_value(ctx, "The organization must have all features enabled"));
    }
    let shares = matches!(org.ram_sharing, RamSharing::On | RamSharing::Onboarding { .. });
    if ctx.settings.license_manager.link_needs_ram_sharing && !shares {
        return Err(errors::bad_value(ctx, "AWS RAM sharing with the organization must be enabled"));
    }
    Ok(())
}

fn leads(account: &str, org: &Organization) -> bool {
    org.management_account == account || org.is_delegated(account, Some("license-manager.amazonaws.com"))
}

/// Topics end in `:<name>`, buckets in `:::<name>` and perhaps a path.
fn check_name(ctx: &Ctx, arn: Option<&str>, member: &str) -> Result<(), ServiceError> {
    let name = |arn: &str| {
        arn.starts_with("arn:") && arn.rsplit(':').next().is_some_and(|name| name.starts_with(PREFIX))
    };
    if arn.is_none_or(name) {
        return Ok(());
    }
    Err(errors::bad_value(ctx, format!("{member}: the name must begin with {PREFIX}")))
}

/// A topic of the caller's account and Region.
fn check_place(ctx: &Ctx, topic: Option<&str>) -> Result<(), ServiceError> {
    let here = format!("arn:{}:sns:{}:{}:", ctx.partition, ctx.region, ctx.account());
    if topic.is_none_or(|topic| topic.is_empty() || topic.starts_with(&here)) {
        return Ok(());
    }
    Err(errors::bad_value(ctx, "SnsTopicArn: the topic must be in this account and Region"))
}

fn made_bucket(ctx: &Ctx) -> String {
    format!("arn:{}:s3:::{PREFIX}{}-{}", ctx.partition, ctx.account(), ctx.region)
}

pub(super) fn key(account: &str, region: &str) -> String {
    format!("{account}/{region}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::desk;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OUTSIDER, code, ctx_of, ctx_with};

    use crate::license_manager::BadValue;

    const BUCKET: &str = "arn:aws:s3:::aws-license-manager-service-x";
    const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:aws-license-manager-service-x";

    fn link(on: bool) -> Value {
        json!({ "OrganizationConfiguration": { "EnableIntegration": on } })
    }

    #[test]
    fn a_fresh_account_has_two_switches_off_and_nothing_else() {
        let shown = desk().manage("GetServiceSettings", json!({})).unwrap();
        let expected = json!({
            "OrganizationConfiguration": { "EnableIntegration": false }, "EnableCrossAccountsDiscovery": false,
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn linking_asks_for_trusted_access_and_after_its_time_for_the_share() {
        let mut desk = desk();
        let ctx =
            ctx_with(MANAGER, |settings| settings.license_manager.share_delay = Duration::from_secs(120));
        desk.ask(&ctx, "UpdateServiceSettings", link(true)).unwrap();
        let expected = [
            Event::TrustedAccess {
                account: MANAGER.to_owned(),
                principals: TRUSTED.map(str::to_owned).to_vec(),
            },
            Event::LicenseManagerLinked {
                account: MANAGER.to_owned(),
                region: "us-east-1".to_owned(),
                at: Duration::from_secs(120),
            },
        ];
        assert_eq!(desk.service.take_events(), expected);
        assert!(desk.service.take_events().is_empty());
        desk.service.share_created(MANAGER, "us-east-1", "arn:share");
        let shown = desk.manage("GetServiceSettings", json!({})).unwrap();
        assert_eq!(shown["LicenseManagerResourceShareArn"], "arn:share");
    }

    #[test]
    fn linking_again_repairs_trusted_access_or_does_nothing() {
        let mut desk = desk();
        desk.manage("UpdateServiceSettings", link(true)).unwrap();
        desk.service.take_events();
        desk.service.share_created(MANAGER, "us-east-1", "arn:aws:ram:share");
        desk.manage("UpdateServiceSettings", link(true)).unwrap();
        assert!(matches!(desk.service.take_events().as_slice(), [Event::TrustedAccess { .. }]));
        let ctx = ctx_with(MANAGER, |settings| settings.license_manager.relink_repairs = false);
        desk.ask(&ctx, "UpdateServiceSettings", link(true)).unwrap();
        assert!(desk.service.take_events().is_empty());
    }

    #[test]
    fn only_the_manager_of_an_organization_with_all_features_links() {
        let mut desk = desk();
        assert_eq!(
            code(desk.ask(&ctx_of(MEMBER), "UpdateServiceSettings", link(true))),
            "AccessDeniedException"
        );
        let alone = ctx_of(OUTSIDER);
        assert_eq!(
            code(desk.ask(&alone, "UpdateServiceSettings", link(true))),
            "InvalidParameterValueException"
        );
        desk.orgs.create_organization(OUTSIDER, "aws", FeatureSet::ConsolidatedBilling, Duration::ZERO);
        assert_eq!(
            code(desk.ask(&alone, "UpdateServiceSettings", link(true))),
            "InvalidParameterValueException"
        );
        assert!(desk.service.take_events().is_empty());
        assert!(!desk.service.service_settings(OUTSIDER, "us-east-1").integration);
    }

    #[test]
    fn a_delegated_administrator_links_where_it_is_switched_so() {
        let mut desk = desk();
        let manager = ctx_of(MANAGER);
        let mut organize =
            |operation: &str, input: Value| desk.orgs.handle(&manager, operation, &input).unwrap();
        organize("EnableAWSServiceAccess", json!({ "ServicePrincipal": TRUSTED[0] }));
        organize(
            "RegisterDelegatedAdministrator",
            json!({ "AccountId": MEMBER, "ServicePrincipal": TRUSTED[0] }),
        );
        assert_eq!(
            code(desk.ask(&ctx_of(MEMBER), "UpdateServiceSettings", link(true))),
            "AccessDeniedException"
        );
        let ctx = ctx_with(MEMBER, |settings| settings.license_manager.delegated_may_link = true);
        desk.ask(&ctx, "UpdateServiceSettings", link(true)).unwrap();
        let events = desk.service.take_events();
        assert!(
            matches!(&events[0], Event::TrustedAccess { account, .. } if account == MANAGER),
            "{events:?}"
        );
    }

    #[test]
    fn discovery_needs_a_bucket_links_by_itself_and_never_goes_off() {
        let mut desk = desk();
        let on = json!({ "EnableCrossAccountsDiscovery": true });
        assert_eq!(code(desk.manage("UpdateServiceSettings", on)), "InvalidParameterValueException");
        let on = json!({ "EnableCrossAccountsDiscovery": true, "S3BucketArn": BUCKET });
        desk.manage("UpdateServiceSettings", on).unwrap();
        let off = json!({ "EnableCrossAccountsDiscovery": false });
        assert_eq!(code(desk.manage("UpdateServiceSettings", off.clone())), "InvalidParameterValueException");
        let ctx =
            ctx_with(MANAGER, |settings| settings.license_manager.discovery_off = DiscoveryOff::Ignored);
        desk.ask(&ctx, "UpdateServiceSettings", off).unwrap();
        let settings = desk.service.service_settings(MANAGER, "us-east-1");
        assert!(settings.integration && settings.discovery);
    }

    #[test]
    fn a_bucket_is_made_where_it_is_switched_so() {
        let mut desk = desk();
        let ctx = ctx_with(MANAGER, |settings| settings.license_manager.bucket = Bucket::Made);
        desk.ask(&ctx, "UpdateServiceSettings", json!({ "EnableCrossAccountsDiscovery": true })).unwrap();
        let bucket = desk.service.service_settings(MANAGER, "us-east-1").s3_bucket_arn.unwrap();
        assert!(bucket.starts_with("arn:aws:s3:::aws-license-manager-service-"), "{bucket}");
    }

    #[test]
    fn the_link_is_undone_where_that_is_accepted_and_discovery_is_off() {
        let mut desk = desk();
        desk.manage("UpdateServiceSettings", link(true)).unwrap();
        let strict = ctx_with(MANAGER, |settings| settings.license_manager.unlink = Unlink::Refused);
        assert_eq!(
            code(desk.ask(&strict, "UpdateServiceSettings", link(false))),
            "InvalidParameterValueException"
        );
        desk.manage("UpdateServiceSettings", link(false)).unwrap();
        assert!(!desk.service.service_settings(MANAGER, "us-east-1").integration);
        let on = json!({ "EnableCrossAccountsDiscovery": true, "S3BucketArn": BUCKET });
        desk.manage("UpdateServiceSettings", on).unwrap();
        assert_eq!(code(desk.manage("UpdateServiceSettings", link(false))), "InvalidParameterValueException");
    }

    #[test]
    fn names_of_topics_and_buckets_are_checked() {
        let mut desk = desk();
        for input in [
            json!({ "SnsTopicArn": "arn:aws:sns:us-east-1:111111111111:alerts" }),
            json!({ "S3BucketArn": "arn:aws:s3:::bucket" }),
            json!({ "SnsTopicArn": "" }),
            json!({ "OrganizationConfiguration": {} }),
        ] {
            let answer = desk.manage("UpdateServiceSettings", input.clone());
            assert_eq!(code(answer), "InvalidParameterValueException", "{input}");
        }
        desk.manage("UpdateServiceSettings", json!({ "SnsTopicArn": TOPIC, "S3BucketArn": BUCKET })).unwrap();
        let shown = desk.manage("GetServiceSettings", json!({})).unwrap();
        assert_eq!((&shown["SnsTopicArn"], &shown["S3BucketArn"]), (&json!(TOPIC), &json!(BUCKET)));
    }

    #[test]
    fn settings_are_of_one_region_and_members_that_are_not_given_stay() {
        let mut desk = desk();
        desk.manage("UpdateServiceSettings", json!({ "SnsTopicArn": TOPIC })).unwrap();
        desk.manage("UpdateServiceSettings", json!({ "EnabledDiscoverySourceRegions": ["eu-west-1"] }))
            .unwrap();
        let here = desk.service.service_settings(MANAGER, "us-east-1");
        assert_eq!(here.sns_topic_arn.as_deref(), Some(TOPIC));
        let shown = desk.manage("GetServiceSettings", json!({})).unwrap();
        assert_eq!(shown["CrossRegionDiscoverySourceRegions"], json!(["eu-west-1"]));
        assert_eq!(desk.service.service_settings(MANAGER, "eu-west-1"), ServiceSettings::default());
    }

    #[test]
    fn unlinking_while_discovery_is_on_and_conflicts_are_as_the_switches_say() {
        let mut desk = desk();
        let on = json!({ "EnableCrossAccountsDiscovery": true, "S3BucketArn": BUCKET });
        desk.manage("UpdateServiceSettings", on).unwrap();
        let busy = ctx_with(MANAGER, |settings| settings.license_manager.unlink = Unlink::Conflict);
        assert_eq!(code(desk.ask(&busy, "UpdateServiceSettings", link(false))), "ConflictException");
        let lax = ctx_with(MANAGER, |settings| settings.license_manager.unlink_needs_discovery_off = false);
        desk.ask(&lax, "UpdateServiceSettings", link(false)).unwrap();
        let settings = desk.service.service_settings(MANAGER, "us-east-1");
        assert!(!settings.integration && settings.discovery);
    }

    #[test]
    fn unlinking_takes_share_and_access_with_it_where_it_is_switched_so() {
        let mut desk = desk();
        desk.manage("UpdateServiceSettings", link(true)).unwrap();
        desk.service.take_events();
        let ctx = ctx_with(MANAGER, |settings| {
            settings.license_manager.unlink_deletes_share = true;
            settings.license_manager.unlink_removes_access = true;
        });
        desk.ask(&ctx, "UpdateServiceSettings", link(false)).unwrap();
        let (account, region) = (MANAGER.to_owned(), "us-east-1".to_owned());
        let share = Event::OwnShareDeleted { account: account.clone(), region };
        let principals = TRUSTED.map(str::to_owned).to_vec();
        assert_eq!(desk.service.take_events(), [share, Event::TrustedAccessRemoved { account, principals }]);
        desk.ask(&ctx, "UpdateServiceSettings", link(false)).unwrap();
        assert_eq!(desk.service.take_events(), []);
    }

    #[test]
    fn an_update_right_after_another_is_a_conflict_where_it_is_switched_so() {
        let mut desk = desk();
        let at = |seconds| {
            let mut ctx = ctx_with(MANAGER, |settings| {
                settings.license_manager.update_window = Duration::from_secs(5);
            });
            ctx.now = Duration::from_secs(seconds);
            ctx
        };
        desk.ask(&at(10), "UpdateServiceSettings", link(true)).unwrap();
        assert_eq!(code(desk.ask(&at(14), "UpdateServiceSettings", link(true))), "ConflictException");
        desk.ask(&at(15), "UpdateServiceSettings", link(true)).unwrap();
    }

    #[test]
    fn bad_values_have_the_code_and_topics_the_place_that_is_set() {
        let mut desk = desk();
        let ctx = ctx_with(MANAGER, |settings| {
            settings.license_manager.bad_value = BadValue::Validation;
            settings.license_manager.checks_topic_place = true;
        });
        for topic in [
            TOPIC.replace("aws-license-manager-service-", ""),
            TOPIC.replace("us-east-1", "eu-west-1"),
            TOPIC.replace(MANAGER, MEMBER),
        ] {
            let answer = desk.ask(&ctx, "UpdateServiceSettings", json!({ "SnsTopicArn": topic }));
            assert_eq!(code(answer), "ValidationException", "{topic}");
        }
        desk.ask(&ctx, "UpdateServiceSettings", json!({ "SnsTopicArn": TOPIC })).unwrap();
        desk.manage("UpdateServiceSettings", json!({ "SnsTopicArn": TOPIC.replace(MANAGER, MEMBER) }))
            .unwrap();
    }

    #[test]
    fn the_status_of_discovery_shows_while_it_is_on_and_ends_after_its_time() {
        let mut desk = desk();
        let at = |seconds, shown| {
            let mut ctx = ctx_with(MANAGER, |settings| {
                settings.license_manager.discovery_delay = Duration::from_secs(60);
                settings.license_manager.shows_status = shown;
            });
            ctx.now = Duration::from_secs(seconds);
            ctx
        };
        let get = |desk: &mut super::super::testing::Desk, ctx: &Ctx| {
            desk.ask(ctx, "GetServiceSettings", json!({})).unwrap()["ServiceStatus"].clone()
        };
        assert_eq!(get(&mut desk, &at(0, true)), Value::Null);
        let on = json!({
            "EnableCrossAccountsDiscovery": true, "S3BucketArn": BUCKET, "EnabledDiscoverySourceRegions": ["eu-west-1"],
        });
        desk.ask(&at(10, true), "UpdateServiceSettings", on).unwrap();
        let status = |text: &str| {
            json!({
                "CrossAccountDiscovery": { "Message": text },
                "CrossRegionDiscovery": { "Message": { "eu-west-1": { "Status": text } } },
            })
        };
        assert_eq!(get(&mut desk, &at(69, true)), status("IN_PROGRESS"));
        assert_eq!(get(&mut desk, &at(70, true)), status("COMPLETED"));
        assert_eq!(get(&mut desk, &at(70, false)), Value::Null);
    }

    #[test]
    fn a_member_sees_the_link_where_it_is_switched_so() {
        let mut desk = desk();
        desk.manage("UpdateServiceSettings", link(true)).unwrap();
        let mut seen = |ctx: &Ctx| {
            let shown = desk.ask(ctx, "GetServiceSettings", json!({})).unwrap();
            shown["OrganizationConfiguration"]["EnableIntegration"].clone()
        };
        assert_eq!(seen(&ctx_of(MEMBER)), false);
        let managers = |account| {
            ctx_with(account, |settings| settings.license_manager.member_sees = MemberSees::Manager)
        };
        assert_eq!((seen(&managers(MEMBER)), seen(&managers(OUTSIDER))), (json!(true), json!(false)));
    }

    #[test]
    fn linking_needs_ram_sharing_where_it_is_switched_so() {
        let mut desk = desk();
        let ctx = ctx_with(MANAGER, |settings| settings.license_manager.link_needs_ram_sharing = true);
        let answer = desk.ask(&ctx, "UpdateServiceSettings", link(true));
        assert_eq!(code(answer), "InvalidParameterValueException");
        let id = desk.orgs.organization_of(MANAGER).unwrap().id.clone();
        desk.orgs.set_ram_sharing(&id, RamSharing::On, Duration::ZERO);
        desk.ask(&ctx, "UpdateServiceSettings", link(true)).unwrap();
    }
}
