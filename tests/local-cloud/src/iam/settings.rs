//! What can be switched about IAM. Where AWS's own answer is not known, the default is what was assumed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IamSettings {
    /// Every account has License Manager's core role from the start, as one that has used License Manager's console has.
    /// Accounts that lose theirs by the scene, or delete it, have none.
    pub core_role_everywhere: bool,
    /// License Manager sees a new core role so much later than IAM. AWS: seconds.
    #[serde(with = "crate::settings::seconds")]
    pub propagation: Duration,
    /// RAM's role made through IAM mends a sharing with the organization that lacks it (RamSharing WithoutRole). Assumed
    /// not: the AWS RAM user guide names EnableSharingWithAwsOrganization alone.
    pub ram_role_mends_sharing: bool,
    /// GetRole of a role that is not there is denied instead of answered NoSuchEntity: IAM does not know the role's path,
    /// and the caller's policy names none without it. Not documented; assumed that the policy names both.
    pub denies_missing_role: bool,
}

impl Default for IamSettings {
    fn default() -> Self {
        Self {
            core_role_everywhere: true,
            propagation: Duration::ZERO,
            ram_role_mends_sharing: false,
            denies_missing_role: false,
        }
    }
}
