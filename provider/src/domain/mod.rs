//! The words of License Manager, RAM and Organizations as types. Pure: no SDK, no clock, no environment.

mod account_id;
mod arn;
mod association;
mod invitation;
mod license_configuration;
mod organization;
mod principal;
mod region;
mod role_arn;
mod service_settings;
mod share;
mod shared_resource;

pub use account_id::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError, Home, LicenseConfigurationArn, ShareArn};
pub use association::{Association, AssociationStatus, Member, MemberKind};
pub use invitation::{Acceptance, Invitation, InvitationStatus};
pub use license_configuration::{LicenseConfiguration, LicenseConfigurationStatus};
pub use organization::{Organization, TrustedService};
pub use principal::{Principal, PrincipalError};
pub use region::partition_of;
pub use role_arn::{RoleArn, RoleArnError};
pub use service_settings::{ServiceSettings, SettingsChange};
pub use share::{Share, ShareStatus};
pub use shared_resource::{ResourceStatus, SharedResource};
