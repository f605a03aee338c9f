//! The steps of a plan. Each names exactly what to call with: apply has nothing to decide.

use super::role_name::RoleName;
use crate::domain::{Member, ShareArn};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One step. `share` is `None` where it is the share that an earlier step of the same plan creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// CreateResourceShare.
    Create(Creation),
    /// AssociateResourceShare with at most 100 license configurations and 100 principals.
    Associate(Change),
    /// AssociateResourceShare with accounts that may have to be invited.
    Invite(Invite),
    /// Looks until there is room for more invitations; what follows is for a new plan.
    InviteLater(Later),
    /// Accepts through a role, and looks until accounts have accepted.
    Accept(Acceptance),
    /// Reads what other resources have on record, once this one's intent is there.
    Consult(Consultation),
    /// DisassociateResourceShare with at most 100 of each.
    Disassociate(Change),
    /// Looks until members have settled.
    Await(Await),
    /// Looks until the share is ACTIVE.
    AwaitActive(ShareArn),
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

/// Accounts to associate that may have to be invited, no more than there is room for on this share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The call.
    pub change: Change,
    /// One call for each account, where RAM has refused several at once for so many looks: invitations of other shares
    /// count too.
    pub one_by_one: Option<u32>,
    /// Where RAM refuses them, pending invitations are accepted, which makes room.
    pub through: Option<Through>,
}

/// Accounts for whose invitations there is no room yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Who they are.
    pub accounts: Vec<Member>,
    /// Pending invitations are accepted, which makes room.
    pub through: Option<Through>,
}

/// Where the provider may accept itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The role in each account.
    pub role: RoleName,
    /// The accounts that the template names: invitations that others sent are theirs.
    pub accounts: Vec<Member>,
}

/// Accounts that have to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// All that may be invited.
    pub accounts: Vec<Member>,
    /// The role through which the provider accepts there.
    pub role: Option<RoleName>,
    /// Whether to wait for those that the provider cannot make accept.
    pub wait: bool,
}

/// What depends on the records of other resources. By now this one's says what it lets go of, and what it counts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consultation {
    /// The share.
    pub share: ShareArn,
    /// Members to remove, as long as no other resource names them.
    pub remove: Vec<Member>,
    /// Members to let go of without removing them, as long as another resource names them.
    pub leave: Vec<Member>,
    /// Members that are there already and that this resource counts on from now on, unless another one is letting go
    /// of them.
    pub claim: Vec<Member>,
}

impl Consultation {
    fn members(&self) -> impl Iterator<Item = &Member> {
        self.remove.iter().chain(&self.leave).chain(&self.claim)
    }

    /// The ids of all of them.
    pub fn ids(&self) -> BTreeSet<&str> {
        self.members().map(|member| member.id.as_str()).collect()
    }
}

/// Begins the one among the ids of what is outstanding that says that accounts are invited one by one; for the how
/// manyth time follows. RAM would answer the same token as it did before.
pub(super) const ONE_BY_ONE: &str = "one by one, try ";

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
    /// Whether it changes anything in AWS, or needs the intent on record.
    pub fn writes(&self) -> bool {
        match self {
            Self::Await(_) | Self::AwaitActive(_) => false,
            Self::InviteLater(later) => later.through.is_some(),
            Self::Accept(acceptance) => acceptance.role.is_some(),
            Self::Create(_)
            | Self::Associate(_)
            | Self::Invite(_)
            | Self::Consult(_)
            | Self::Disassociate(_)
            | Self::Configure(_)
            | Self::Tag(..)
            | Self::Untag(..)
            | Self::Delete(..) => true,
        }
    }

    /// What the step writes for, as ids: members, or the share where it is about the share itself. None for a wait, nor
    /// for an acceptance, which is tried again at each look.
    pub fn writes_for<'a>(&'a self) -> Vec<&'a str> {
        let members =
            |members: &'a [Member]| members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>();
        match self {
            Self::Create(creation) => members(&creation.members),
            Self::Associate(change) | Self::Disassociate(change) => members(&change.members),
            Self::Invite(invite) => members(&invite.change.members),
            Self::InviteLater(later) => members(&later.accounts),
            Self::Consult(on) => on.ids().into_iter().collect(),
            Self::Await(_) | Self::AwaitActive(_) | Self::Accept(_) => Vec::new(),
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
            Self::Invite(invite) => {
                let how = if invite.one_by_one.is_some() { " one by one" } else { "" };
                write!(f, "associate{how}, perhaps by invitation: {}", Members(&invite.change.members))
            }
            Self::InviteLater(later) => {
                write!(f, "wait for room for the invitations of {}", Members(&later.accounts))
            }
            Self::Accept(acceptance) => fmt_acceptance(f, acceptance),
            Self::Consult(on) => fmt_consultation(f, on),
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
            Self::AwaitActive(share) => write!(f, "wait until active: {share}"),
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

fn fmt_consultation(f: &mut fmt::Formatter<'_>, on: &Consultation) -> fmt::Result {
    f.write_str("read other records once more")?;
    for (doing, members) in [("remove", &on.remove), ("leave", &on.leave), ("count on", &on.claim)] {
        if !members.is_empty() {
            write!(f, ", to {doing} {}", Members(members))?;
        }
    }
    Ok(())
}

fn fmt_acceptance(f: &mut fmt::Formatter<'_>, acceptance: &Acceptance) -> fmt::Result {
    let accounts = Members(&acceptance.accounts);
    match (&acceptance.role, acceptance.wait) {
        (Some(role), true) => write!(f, "accept through role {role}, and wait until accepted: {accounts}"),
        (Some(role), false) => write!(f, "accept through role {role}: {accounts}"),
        (None, _) => write!(f, "wait until accepted: {accounts}"),
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
