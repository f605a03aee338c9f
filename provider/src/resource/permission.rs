//! What the provider's role must allow for a resource type: the one list from which the registry form's handlers, the
//! IAM statements and the README's table of permissions come, and to which tests hold `provider.yaml` and the calls.

/// A request as registry types name it. CloudFormation sends no Read to a custom resource: it stands for what is looked at
/// before anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handler {
    /// Create, with what takes a failed one back.
    Create,
    /// The looks of the other three.
    Read,
    /// Update, in place, rolled back, or the new side of a replacement.
    Update,
    /// Delete, of a replaced resource too.
    Delete,
}

impl Handler {
    /// All of them, in the order of the registry's documents.
    pub const ALL: &[Self] = &[Self::Create, Self::Read, Self::Update, Self::Delete];

    /// `create`, as in a registry schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A condition of an IAM statement: one operator on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`.
    pub operator: &'static str,
    /// `organizations:ServicePrincipal`.
    pub key: &'static str,
    /// What the key may hold.
    pub values: &'static [&'static str],
}

/// An IAM statement: what its operations may be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The statement's id, of letters and digits.
    pub sid: &'static str,
    /// ARNs with CloudFormation's pseudo parameters, as `Fn::Sub` takes them, or `*`.
    pub resources: &'static [&'static str],
    /// Under which condition.
    pub condition: Option<Condition>,
    /// The resources in words, for the README.
    pub on: &'static str,
    /// What it is for, for the README.
    pub purpose: &'static str,
}

/// Acting in other accounts, which is for the trust policies there to limit. The name is the parameter's of `provider.yaml`.
pub(super) const ASSUME_ACCEPTANCE_ROLES: Grant = Grant {
    sid: "AssumeAcceptanceRoles",
    resources: &["arn:${AWS::Partition}:iam::*:role/${AcceptanceRoleName}"],
    condition: None,
    on: "roles of the name `AcceptanceRoleName`, in any account",
    purpose: "accepting in other accounts",
};

/// An operation of an AWS service that the provider may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `ram:GetResourceShares`, as IAM names it.
    pub action: &'static str,
    /// The statement that allows it.
    pub grant: &'static Grant,
    /// The requests that may call it.
    pub handlers: &'static [Handler],
}
