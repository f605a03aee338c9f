//! What came of accepting for accounts through a role, and how a person reads it.

use super::run::Run;
use super::settle::some;
use crate::domain::Member;

/// What came of accepting for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It is accepted; RAM has still to associate it.
    Accepted,
    /// Not yet: there is no invitation to be seen, or AWS did not answer. Another try may find otherwise.
    Later(String),
    /// There was one, and nobody can accept it any more. A newer one may come.
    Closed(String),
    /// STS refuses the role. One that was made a moment ago is refused too, until it is known everywhere.
    NotLetIn(String),
    /// The role or its permissions do not allow it.
    Refused(String),
}

impl Reply {
    /// What is in the way.
    fn cause(&self) -> Option<&str> {
        match self {
            Self::Accepted => None,
            Self::Later(cause) | Self::Closed(cause) | Self::NotLetIn(cause) | Self::Refused(cause) => {
                Some(cause)
            }
        }
    }
}

/// Accounts by id, the first twenty.
pub(super) fn names(accounts: &[Member]) -> String {
    some(accounts.iter().map(|account| account.id.clone()), ", ")
}

/// What is in the way of accepting through the role, for those that have not accepted: one of the causes, for they are
/// the same as a rule.
pub(super) fn because(run: &Run<'_>) -> String {
    let invited: Vec<&Member> = run.seen.invited().collect();
    let mut causes = run.replies.iter().filter(|(account, _)| invited.contains(account));
    let first = causes.find_map(|(account, reply)| Some((account, reply.cause()?)));
    let Some((account, cause)) = first else { return String::new() };
    let more = causes.filter(|(_, reply)| reply.cause().is_some()).count();
    let more = if more == 0 { String::new() } else { format!("; the same or the like for {more} more") };
    format!(". The provider could not accept for {account}: {}{more}", cause.trim_end_matches('.'))
}

/// What a SUCCESS with accounts that are still to accept says of them.
pub(super) fn warning(run: &Run<'_>) -> Option<String> {
    let because = because(run);
    let because = because.strip_prefix(". ")?;
    Some(because.to_owned())
}
