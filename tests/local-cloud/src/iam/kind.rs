//! The service-linked roles that the local cloud knows (license manager facts 1.6; AWS RAM user guide).

use serde::{Deserialize, Serialize};

/// Which service-linked role. In JSON it is the service's principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkedRole {
    /// License Manager's core role, without which it refuses every call.
    #[serde(rename = "license-manager.amazonaws.com")]
    Core,
    /// License Manager's role in the management account.
    #[serde(rename = "license-manager.master-account.amazonaws.com")]
    Master,
    /// License Manager's role in member accounts.
    #[serde(rename = "license-manager.member-account.amazonaws.com")]
    Member,
    /// The role of License Manager's Linux subscriptions.
    #[serde(rename = "license-manager-linux-subscriptions.amazonaws.com")]
    LinuxSubscriptions,
    /// RAM's role, with which it shares with an organization.
    #[serde(rename = "ram.amazonaws.com")]
    Ram,
}

impl LinkedRole {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Core, Self::Master, Self::Member, Self::LinuxSubscriptions, Self::Ram];

    /// The service's principal.
    pub fn service(self) -> &'static str {
        match self {
            Self::Core => "license-manager.amazonaws.com",
            Self::Master => "license-manager.master-account.amazonaws.com",
            Self::Member => "license-manager.member-account.amazonaws.com",
            Self::LinuxSubscriptions => "license-manager-linux-subscriptions.amazonaws.com",
            Self::Ram => "ram.amazonaws.com",
        }
    }

    /// The role's name.
    pub fn role_name(self) -> &'static str {
        match self {
            Self::Core => "AWSServiceRoleForAWSLicenseManagerRole",
            Self::Master => "AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
            Self::Member => "AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
            Self::LinuxSubscriptions => "AWSServiceRoleForAWSLicenseManagerLinuxSubscriptionsService",
            Self::Ram => "AWSServiceRoleForResourceAccessManager",
        }
    }

    /// `/aws-service-role/<service>/`.
    pub fn path(self) -> String {
        format!("/aws-service-role/{}/", self.service())
    }

    /// The role's ARN in an account.
    pub fn arn(self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:role{}{}", self.path(), self.role_name())
    }

    /// The role of a service's principal.
    pub fn of_service(service: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.service() == service)
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.role_name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_service_and_its_name_and_written_as_its_service() {
        for role in LinkedRole::ALL {
            assert_eq!(LinkedRole::of_service(role.service()), Some(role));
            assert_eq!(LinkedRole::named(role.role_name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.service());
        }
        assert_eq!(LinkedRole::of_service("ec2.amazonaws.com"), None);
    }

    #[test]
    fn the_core_roles_arn_is_aws_own() {
        let expected = "arn:aws:iam::111111111111:role/aws-service-role/license-manager.amazonaws.com/\
                        AWSServiceRoleForAWSLicenseManagerRole";
        assert_eq!(LinkedRole::Core.arn("aws", "111111111111"), expected);
    }
}
