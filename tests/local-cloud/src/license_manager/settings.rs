//! What can be switched about License Manager. Where AWS's own answer is not known, the default is what was assumed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What ListLicenseConfigurations does with an ARN that names nothing. Not known of AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnknownInList {
    /// `InvalidParameterValueException`, as GetLicenseConfiguration answers (assumed).
    #[default]
    Refused,
    /// The list is answered without it.
    LeftOut,
}

/// What `EnableIntegration: false` does after the link. Documented as possible, never described.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unlink {
    /// The setting becomes false; trusted access and the share stay (assumed). Refused while cross-account discovery is on.
    #[default]
    Accepted,
    /// `InvalidParameterValueException`.
    Refused,
}

/// What `EnableCrossAccountsDiscovery: false` does once it was true. Documented as impossible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscoveryOff {
    /// `InvalidParameterValueException` (assumed).
    #[default]
    Refused,
    /// The call succeeds and it stays on.
    Ignored,
}

/// What becomes of cross-account discovery without an S3 bucket. The console makes one; of the API it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bucket {
    /// `InvalidParameterValueException` (assumed).
    #[default]
    Required,
    /// License Manager makes one.
    Made,
}

/// The switches.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch by itself, set by its name in JSON")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LicenseManagerSettings {
    /// An unknown ARN in ListLicenseConfigurations.
    pub unknown_in_list: UnknownInList,
    /// GetLicenseConfiguration still answers a deleted one, with status DELETED.
    pub deleted_shown: bool,
    /// License configurations an account and Region; deleted ones do not count. AWS: 25.
    pub quota: usize,
    /// License configurations made in one day, deleted ones counted, where there is a limit. AWS: about 10.
    pub creations_a_day: Option<usize>,
    /// Accounts (12 digits) without License Manager's core service-linked role: every call of theirs is refused.
    pub without_service_role: Vec<String>,
    /// How long License Manager's own share takes to appear after the link. AWS: about two minutes.
    #[serde(with = "crate::settings::seconds")]
    pub share_delay: Duration,
    /// `EnableIntegration: false`.
    pub unlink: Unlink,
    /// `EnableCrossAccountsDiscovery: false`.
    pub discovery_off: DiscoveryOff,
    /// Cross-account discovery without an S3 bucket.
    pub bucket: Bucket,
    /// UpdateServiceSettings refuses topics and buckets whose names do not begin as License Manager's roles demand.
    pub checks_names: bool,
    /// A delegated administrator may link, not the management account alone.
    pub delegated_may_link: bool,
    /// `EnableIntegration: true` of a linked account turns on trusted access that is missing.
    pub relink_repairs: bool,
}

impl Default for LicenseManagerSettings {
    fn default() -> Self {
        Self {
            unknown_in_list: UnknownInList::default(),
            deleted_shown: true,
            quota: 25,
            creations_a_day: None,
            without_service_role: Vec::new(),
            share_delay: Duration::ZERO,
            unlink: Unlink::default(),
            discovery_off: DiscoveryOff::default(),
            bucket: Bucket::default(),
            checks_names: true,
            delegated_may_link: false,
            relink_repairs: true,
        }
    }
}
