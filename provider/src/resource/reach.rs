//! What a resource type can reach: AWS, within a deadline, and the records of other resources.

use super::acting::Roles;
use crate::aws::{AwsError, Clients, Deadline, Iam, LicenseManager, Organizations, Ram};
use crate::clock::Clock;
use crate::record::{RecordError, Records};

/// AWS and the records, for one request.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    /// The clients.
    pub clients: &'a Clients,
    /// What other resources have on record.
    pub records: &'a dyn Records,
    /// The roles that the request has assumed.
    pub roles: &'a Roles,
    /// When every call must have ended.
    pub until: Deadline,
    /// Until when something that settles by itself is waited for, between calls; never after `until`.
    pub patience: Deadline,
    /// The time of day.
    pub clock: Clock,
}

impl Reach<'_> {
    /// RAM.
    pub fn ram(&self) -> Ram {
        self.clients.ram(self.until)
    }

    /// License Manager.
    pub fn license_manager(&self) -> LicenseManager {
        self.clients.license_manager(self.until)
    }

    /// Organizations.
    pub fn organizations(&self) -> Organizations {
        self.clients.organizations(self.until)
    }

    /// IAM.
    pub fn iam(&self) -> Iam {
        self.clients.iam(self.until)
    }
}

/// A look that failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// An AWS read failed.
    #[error("looking at what is there")]
    Aws {
        /// What AWS said.
        #[source]
        source: AwsError,
        /// What to do about it; may be empty.
        advice: String,
    },
    /// Reading other records failed.
    #[error("reading what other resources have on record")]
    Record {
        /// What DynamoDB said.
        #[source]
        source: RecordError,
    },
}
