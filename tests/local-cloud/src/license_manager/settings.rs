//! What can be switched about License Manager. Where AWS's own answer is not known, the default is what was assumed.

use std::collections::BTreeSet;
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
    /// The setting becomes false; what becomes of share and trusted access has switches of its own.
    #[default]
    Accepted,
    /// `InvalidParameterValueException`.
    Refused,
    /// `ConflictException`.
    Conflict,
}

/// The code with which UpdateServiceSettings refuses a bad value. Its model has both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BadValue {
    /// `InvalidParameterValueException`, the older one (assumed).
    #[default]
    InvalidParameterValue,
    /// `ValidationException`.
    Validation,
}

/// What GetServiceSettings shows of a member's own link. Not known of AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberSees {
    /// Its own settings: not linked (assumed).
    #[default]
    Own,
    /// EnableIntegration as the management account has it.
    Manager,
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
    /// The first call of an account without License Manager's core role makes the role instead of being refused. Reports
    /// say both (license manager facts 1.5); refused is assumed.
    pub makes_core_role: bool,
    /// How long License Manager's own share takes to appear after the link. AWS: about two minutes.
    #[serde(with = "crate::settings::seconds")]
    pub share_delay: Duration,
    /// `EnableIntegration: false`.
    pub unlink: Unlink,
    /// `EnableIntegration: false` is refused while cross-account discovery is on (assumed).
    pub unlink_needs_discovery_off: bool,
    /// Unlinking deletes License Manager's own share. Assumed: it stays.
    pub unlink_deletes_share: bool,
    /// Unlinking takes trusted access away. Assumed: it stays, as Organizations alone is said to take it away.
    pub unlink_removes_access: bool,
    /// `EnableCrossAccountsDiscovery: false`.
    pub discovery_off: DiscoveryOff,
    /// Cross-account discovery without an S3 bucket.
    pub bucket: Bucket,
    /// UpdateServiceSettings refuses topics and buckets whose names do not begin as License Manager's roles demand.
    pub checks_names: bool,
    /// UpdateServiceSettings refuses topics of another account or Region. Assumed not.
    pub checks_topic_place: bool,
    /// The code of a refused value in UpdateServiceSettings.
    pub bad_value: BadValue,
    /// An UpdateServiceSettings within this time of the one before, of the same account and Region, is ConflictException.
    /// AWS does not say how long; zero means never.
    #[serde(with = "crate::settings::seconds")]
    pub update_window: Duration,
    /// UpdateServiceSettings that links needs the caller's own permission for organizations:EnableAWSServiceAccess and
    /// iam:CreateServiceLinkedRole, too. Not documented; assumed not.
    pub forwards_access: bool,
    /// A delegated administrator may link, not the management account alone.
    pub delegated_may_link: bool,
    /// GetServiceSettings in a member account.
    pub member_sees: MemberSees,
    /// GetServiceSettings has ServiceStatus. The texts are ours: AWS names no values.
    pub shows_status: bool,
    /// Discovery shows other accounts' machines so long after it was turned on, or they joined. AWS: up to 24 hours.
    #[serde(with = "crate::settings::seconds")]
    pub discovery_delay: Duration,
    /// License Manager's member role is in the members' accounts so long after the link.
    #[serde(with = "crate::settings::seconds")]
    pub member_role_delay: Duration,
    /// License Manager's member role accepts invitations to shares that hold license configurations. Its policy allows
    /// it; whether it does is not known, and assumed not.
    pub member_role_accepts: bool,
    /// It does so this long after the invitation shows.
    #[serde(with = "crate::settings::seconds")]
    pub member_role_accepts_after: Duration,
    /// Linking is refused while RAM does not share with the organization. AWS does not say so; assumed not.
    pub link_needs_ram_sharing: bool,
    /// `EnableIntegration: true` of a linked account turns on trusted access that is missing, and makes a missing share.
    pub relink_repairs: bool,
    /// `EnableIntegration: true` turns on trusted access. AWS's user guide says so; off to see what is done without it.
    pub link_gives_access: bool,
    /// Members of UpdateServiceSettings that are taken and not kept, by their names in AWS's model. That AWS does so is not
    /// known; assumed of none.
    pub forgets: BTreeSet<String>,
}

impl Default for LicenseManagerSettings {
    fn default() -> Self {
        Self {
            unknown_in_list: UnknownInList::default(),
            deleted_shown: true,
            quota: 25,
            creations_a_day: None,
            makes_core_role: false,
            share_delay: Duration::ZERO,
            unlink: Unlink::default(),
            unlink_needs_discovery_off: true,
            unlink_deletes_share: false,
            unlink_removes_access: false,
            discovery_off: DiscoveryOff::default(),
            bucket: Bucket::default(),
            checks_names: true,
            checks_topic_place: false,
            bad_value: BadValue::default(),
            update_window: Duration::ZERO,
            forwards_access: false,
            delegated_may_link: false,
            member_sees: MemberSees::default(),
            shows_status: true,
            discovery_delay: Duration::ZERO,
            member_role_delay: Duration::ZERO,
            member_role_accepts: false,
            member_role_accepts_after: Duration::ZERO,
            link_needs_ram_sharing: false,
            relink_repairs: true,
            link_gives_access: true,
            forgets: BTreeSet::new(),
        }
    }
}
