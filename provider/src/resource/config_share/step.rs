//! The steps of a plan. Each names exactly what to call with: apply has nothing to decide.

use crate::domain::{Member, ShareArn};
use std::collections::BTreeMap;
use std::fmt;

/// One step. `share` is `None` where it is the share that an earlier step of the same plan creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// CreateResourceShare.
    Create(Creation),
    /// AssociateResourceShare with at most 100 license configurations and 100 principals.
    Associate(Change),
    /// DisassociateResourceShare with at most 100 of each.
    Disassociate(Change),
    /// Looks until members have settled.
    Await(Await),
    /// UpdateResourceShare.
    Configure(Configuration),
    /// TagResource.
    Tag(ShareArn, BTreeMap<String, String>),
    /// UntagResource.
    Untag(ShareArn, Vec<String>),
    /// DeleteResourceShare, and a look until it is on its way.
    Delete(ShareArn, String),
}

/// What CreateResourceShare is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// The share's name.
    pub name: String,
    /// Always sent: RAM's own default is true.
    pub allow_external_principals: bool,
    /// Fixed for the share's life.
    pub retain_sharing: bool,
    /// At most 100 of each kind; the rest follows by Associate.
    pub members: Vec<Member>,
    /// The template's tags and the provider's own.
    pub tags: BTreeMap<String, String>,
    /// UUID.
    pub client_token: String,
}

/// Members to associate or to disassociate in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The share.
    pub share: Option<ShareArn>,
    /// At most 100 of each kind.
    pub members: Vec<Member>,
    /// UUID.
    pub client_token: String,
}

/// Members that must have settled before the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Await {
    /// Must be ASSOCIATED, or invited.
    pub present: Vec<Member>,
    /// Must be gone.
    pub gone: Vec<Member>,
}

/// What UpdateResourceShare is called with; what is `None` stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The share.
    pub share: ShareArn,
    /// The new name.
    pub name: Option<String>,
    /// The new `allowExternalPrincipals`.
    pub allow_external_principals: Option<bool>,
    /// UUID.
    pub client_token: String,
}

impl Step {
    /// What the step writes for, as ids: members, or the share where it is about the share itself. None for a wait.
    pub fn writes_for<'a>(&'a self) -> Vec<&'a str> {
        let members =
            |members: &'a [Member]| members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>();
        match self {
            Self::Create(creation) => members(&creation.members),
            Self::Associate(change) | Self::Disassociate(change) => members(&change.members),
            Self::Await(_) => Vec::new(),
            Self::Configure(to) => vec![to.share.as_str()],
            Self::Tag(share, _) | Self::Untag(share, _) | Self::Delete(share, _) => vec![share.as_str()],
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(new) => write!(f, "create share `{}`", new.name)
                .and_then(|()| write!(f, " (external principals {})", allowed(new.allow_external_principals)))
                .and_then(|()| if new.retain_sharing { f.write_str(" (retain sharing)") } else { Ok(()) })
                .and_then(|()| write!(f, " with {}", Members(&new.members))),
            Self::Associate(change) => write!(f, "associate {}", Members(&change.members)),
            Self::Disassociate(change) => write!(f, "disassociate {}", Members(&change.members)),
            Self::Await(wait) => match (wait.present.is_empty(), wait.gone.is_empty()) {
                (_, true) => write!(f, "wait until associated: {}", Members(&wait.present)),
                (true, false) => write!(f, "wait until gone: {}", Members(&wait.gone)),
                (false, false) => write!(
                    f,
                    "wait until associated: {}; until gone: {}",
                    Members(&wait.present),
                    Members(&wait.gone)
                ),
            },
            Self::Configure(to) => f
                .write_str("configure share:")
                .and_then(|()| to.name.iter().try_for_each(|name| write!(f, " name `{name}`")))
                .and_then(|()| {
                    let external = to.allow_external_principals.iter();
                    external.copied().try_for_each(|on| write!(f, " external principals {}", allowed(on)))
                }),
            Self::Tag(_, tags) => write!(f, "tag share: {}", list(tags.keys())),
            Self::Untag(_, keys) => write!(f, "untag share: {}", list(keys)),
            Self::Delete(share, _) => write!(f, "delete share {share}"),
        }
    }
}

fn allowed(on: bool) -> &'static str {
    if on { "allowed" } else { "not allowed" }
}

fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Up to five members by id, then only how many more.
struct Members<'a>(&'a [Member]);

impl fmt::Display for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        if self.0.is_empty() {
            return f.write_str("no members");
        }
        let shown: Vec<&str> = self.0.iter().take(SHOWN).map(|member| member.id.as_str()).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
