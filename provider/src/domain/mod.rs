//! The words of License Manager, RAM and Organizations as types. Pure: no SDK, no clock, no environment.

mod account_id;
mod arn;
mod association;
mod license_configuration;
mod principal;
mod share;

pub use account_id::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError, Home, LicenseConfigurationArn, ShareArn};
pub use association::{Association, AssociationStatus, Member, MemberKind};
pub use license_configuration::{LicenseConfiguration, LicenseConfigurationStatus};
pub use principal::{Principal, PrincipalError};
pub use share::{Share, ShareStatus};
