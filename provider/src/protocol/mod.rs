//! Stand-in until the protocol layer is merged.

/// What CloudFormation asks for (CloudFormation user guide, custom resource request types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestType {
    /// Make the resource.
    Create,
    /// Change the resource.
    Update,
    /// Remove the resource.
    Delete,
}
