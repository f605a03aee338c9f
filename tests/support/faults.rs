//! Faults that tests strike with.

use super::world::World;
use local_cloud::fault::{FaultKind, FaultRule};

/// What RAM answers to who may not.
pub fn denial() -> FaultKind {
    let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
    FaultKind::Error { status: 403, code, message }
}

/// What RAM answers while an association is ASSOCIATING.
pub fn associating() -> FaultKind {
    let message =
        "At least one of the associations in the resource share is in ASSOCIATING status".to_owned();
    FaultKind::Error { status: 400, code: "InvalidStateTransitionException".to_owned(), message }
}

impl World {
    /// The next call of an operation of RAM is denied, after so many that pass.
    pub fn deny(&self, operation: &str, after_calls: u32) {
        self.cloud().add_fault(FaultRule { after_calls, ..FaultRule::once("ram", operation, denial()) });
    }
}
