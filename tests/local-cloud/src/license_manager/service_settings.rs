//! GetServiceSettings and UpdateServiceSettings: the link to Organizations and cross-account discovery, an account and
//! Region (license manager facts 1.1 to 1.5). Only members that are given change (assumed).

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::settings::{Bucket, DiscoveryOff, Unlink};
use super::{LicenseManager, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};
use crate::organizations::{FeatureSet, Organization, Organizations};
use crate::{Ctx, Event};

/// The services that linking gives trusted access (License Manager user guide, share page).
const TRUSTED: [&str; 2] = ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"];
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
    pub(super) fn get_settings(&self, ask: &Ask<'_>) -> Outcome {
        let settings = self.service_settings(ask.ctx.account(), &ask.ctx.region);
        let mut shown = Map::new();
        let mut put =
            |name: &str, value: Option<Value>| shown.extend(value.map(|value| (name.to_owned(), value)));
        put("S3BucketArn", settings.s3_bucket_arn.map(Value::from));
        put("SnsTopicArn", settings.sns_topic_arn.map(Value::from));
        put("OrganizationConfiguration", Some(json!({ "EnableIntegration": settings.integration })));
        put("EnableCrossAccountsDiscovery", Some(json!(settings.discovery)));
        put("LicenseManagerResourceShareArn", settings.resource_share_arn.map(Value::from));
        if !settings.source_regions.is_empty() {
            put("CrossRegionDiscoveryHomeRegion", Some(json!(ask.ctx.region)));
            put("CrossRegionDiscoverySourceRegions", Some(json!(settings.source_regions)));
        }
        Ok(Value::Object(shown))
    }

    pub(super) fn update_settings(&mut self, ask: &Ask<'_>, orgs: &Organizations) -> Outcome {
        let wanted = Wanted::read(ask)?;
        let before = self.service_settings(ask.ctx.account(), &ask.ctx.region);
        let after = wanted.applied_to(before.clone(), ask.ctx)?;
        if wanted.links() {
            check_link(ask.ctx, orgs)?;
            self.link(ask.ctx, orgs, &before);
        }
        self.services.insert(key(ask.ctx.account(), &ask.ctx.region), after);
        Ok(json!({}))
    }

    fn link(&mut self, ctx: &Ctx, orgs: &Organizations, before: &ServiceSettings) {
        let settings = &ctx.settings.license_manager;
        if before.integration && !settings.relink_repairs {
            return;
        }
        let manager = orgs.organization_of(ctx.account()).map(|org| org.management_account.clone());
        self.events.push(Event::TrustedAccess {
            account: manager.unwrap_or_else(|| ctx.account().to_owned()),
            principals: TRUSTED.map(str::to_owned).to_vec(),
        });
        if before.resource_share_arn.is_none() && !before.integration {
            self.events.push(Event::LicenseManagerLinked {
                account: ctx.account().to_owned(),
                region: ctx.region.clone(),
                at: ctx.now + settings.share_delay,
            });
        }
    }

    /// Tells that License Manager's own share of an account and Region is there.
    pub fn share_created(&mut self, account: &str, region: &str, arn: &str) {
        self.services.entry(key(account, region)).or_default().resource_share_arn = Some(arn.to_owned());
    }

    /// What the core must do in other services since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn is_searching_all_accounts(&self, ctx: &Ctx, orgs: &Organizations) -> bool {
        let leads = orgs.organization_of(ctx.account()).is_some_and(|org| leads(ctx.account(), org));
        leads && self.service_settings(ctx.account(), &ctx.region).discovery
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
        if ask.ctx.settings.license_manager.checks_names {
            check_name(wanted.bucket, "S3BucketArn")?;
            check_name(wanted.topic, "SnsTopicArn")?;
        }
        Ok(wanted)
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
        }
        self.apply_discovery(&mut settings, ctx)?;
        self.apply_integration(&mut settings, ctx)?;
        Ok(settings)
    }

    fn apply_discovery(&self, settings: &mut ServiceSettings, ctx: &Ctx) -> Result<(), ServiceError> {
        let switches = &ctx.settings.license_manager;
        match self.discovery {
            Some(false) if settings.discovery && switches.discovery_off == DiscoveryOff::Refused => {
                Err(errors::invalid("Cross-account discovery cannot be disabled"))
            }
            Some(true) if settings.s3_bucket_arn.is_none() && switches.bucket == Bucket::Required => {
                Err(errors::invalid("S3BucketArn is required for cross-account discovery"))
            }
            Some(true) => {
                settings.discovery = true;
                settings.s3_bucket_arn.get_or_insert_with(|| made_bucket(ctx));
                Ok(())
            }
            Some(false) | None => Ok(()),
        }
    }

    fn apply_integration(&self, settings: &mut ServiceSettings, ctx: &Ctx) -> Result<(), ServiceError> {
        let off = self.integration == Some(false) && settings.integration;
        if off && (settings.discovery || ctx.settings.license_manager.unlink == Unlink::Refused) {
            return Err(errors::invalid("Integration with AWS Organizations cannot be disabled"));
        }
        if self.links() {
            settings.integration = true;
        } else if let Some(integration) = self.integration {
            settings.integration = integration;
        }
        Ok(())
    }
}

/// All features, and the management account (or, by a switch, License Manager's delegated administrator).
fn check_link(ctx: &Ctx, orgs: &Organizations) -> Result<(), ServiceError> {
    let Some(org) = orgs.organization_of(ctx.account()) else {
        return Err(errors::invalid("The account is not a member of an organization"));
    };
    let delegated = org.is_delegated(ctx.account(), Some("license-manager.amazonaws.com"));
    if org.management_account != ctx.account()
        && !(ctx.settings.license_manager.delegated_may_link && delegated)
    {
        return Err(errors::access_denied("Only the management account can link AWS Organizations"));
    }
    if org.feature_set != FeatureSet::All {
        return Err(errors::invalid("The organization must have all features enabled"));
    }
    Ok(())
}

fn leads(account: &str, org: &Organization) -> bool {
    org.management_account == account || org.is_delegated(account, Some("license-manager.amazonaws.com"))
}

/// Topics end in `:<name>`, buckets in `:::<name>` and perhaps a path.
fn check_name(arn: Option<&str>, member: &str) -> Result<(), ServiceError> {
    let name = |arn: &str| {
        arn.starts_with("arn:") && arn.rsplit(':').next().is_some_and(|name| name.starts_with(PREFIX))
    };
    if arn.is_none_or(name) {
        return Ok(());
    }
    Err(errors::invalid(format!("{member}: the name must begin with {PREFIX}")))
}

fn made_bucket(ctx: &Ctx) -> String {
    format!("arn:{}:s3:::{PREFIX}{}-{}", ctx.partition, ctx.account(), ctx.region)
}

fn key(account: &str, region: &str) -> String {
    format!("{account}/{region}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::desk;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OUTSIDER, code, ctx_of, ctx_with};

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
}
