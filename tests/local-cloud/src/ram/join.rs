//! How members come into a share: each is judged before any is added, then all are.

use std::time::Duration;

use super::errors;
use super::inviting;
use super::model::{Association, AssociationStatus, Kind, Next, Share};
use super::principal::{self, Entry, Principal};
use super::resource;
use super::{Around, Ram};
use crate::ctx::Ctx;
use crate::error::ServiceError;

/// A member that is going to be added.
#[derive(Debug, Clone)]
pub(super) struct Addition {
    kind: Kind,
    entity: String,
    entry: Entry,
}

/// Members named in a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Named<'a> {
    pub(super) principals: Vec<&'a str>,
    pub(super) resources: Vec<&'a str>,
}

impl<'a> Named<'a> {
    /// All of them, each once.
    pub(super) fn all(&self) -> Vec<(Kind, &'a str)> {
        let principals = self.principals.iter().map(|entity| (Kind::Principal, *entity));
        let mut all: Vec<_> =
            principals.chain(self.resources.iter().map(|entity| (Kind::Resource, *entity))).collect();
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|(kind, entity)| seen.insert((kind.as_str(), *entity)));
        all
    }
}

impl Ram {
    /// Judges all members that a call names; those that are there already need nothing and are left out.
    pub(super) fn judge(
        &self,
        ctx: &Ctx,
        share: &Share,
        named: &Named<'_>,
        around: &Around<'_>,
    ) -> Result<Vec<Addition>, ServiceError> {
        check_call_size(ctx, named)?;
        let mut additions = Vec::new();
        for (kind, entity) in named.all() {
            let status = share.association(kind, entity).map(|found| found.status);
            match status {
                Some(status) if status.is_present() => {}
                Some(AssociationStatus::Disassociating) => {
                    return Err(errors::state(format!("{entity} is in DISASSOCIATING status.")));
                }
                Some(_) | None => additions.push(judge_one(ctx, share, kind, entity, around)?),
            }
        }
        check_mix(share, named)?;
        self.check_quotas(ctx, share, &additions)?;
        Ok(additions)
    }

    /// Adds members that were judged.
    pub(super) fn join(&mut self, ctx: &Ctx, share_arn: &str, additions: Vec<Addition>) {
        for addition in additions {
            let refused = addition.entry == Entry::Invited && !self.invite(ctx, share_arn, &addition.entity);
            let mut association = self.association(ctx, addition);
            if refused {
                association.status = AssociationStatus::Failed;
                association.message = Some(inviting::TOO_MANY.to_owned());
            }
            let Some(share) = self.share_mut(share_arn) else { continue };
            // A member that failed or left before is listed once, as it is now.
            share.associations.retain(|found| !found.is(association.kind, &association.entity));
            share.associations.push(association);
        }
    }

    fn association(&mut self, ctx: &Ctx, addition: Addition) -> Association {
        let failure = self.failures.take(ctx.account(), &addition.entity);
        let times = &ctx.settings.ram.times;
        let (mut status, mut message) = (AssociationStatus::Associating, None);
        let settle = |after: Duration| Some((ctx.now + after, Next::Associated));
        let mut next = match (addition.kind, addition.entry) {
            (Kind::Resource, _) => settle(times.associate_resource),
            (Kind::Principal, Entry::Settles { organization: true }) => settle(times.associate_organization),
            (Kind::Principal, Entry::Settles { organization: false }) => settle(times.associate_account),
            (Kind::Principal, Entry::Invited) => None,
            (Kind::Principal, Entry::Owner) => {
                (status, message) = (AssociationStatus::Failed, Some(OWNER.to_owned()));
                None
            }
        };
        if let (Some(text), Some((_, end))) = (failure, next.as_mut()) {
            *end = Next::Failed(text);
        }
        let external = addition.entry == Entry::Invited;
        let (created, updated) = (ctx.now, ctx.now);
        Association {
            kind: addition.kind,
            entity: addition.entity,
            status,
            message,
            created,
            updated,
            external,
            next,
        }
    }

    fn check_quotas(&self, ctx: &Ctx, share: &Share, additions: &[Addition]) -> Result<(), ServiceError> {
        let quotas = &ctx.settings.ram.quotas;
        for kind in [Kind::Principal, Kind::Resource] {
            let new = additions.iter().filter(|addition| addition.kind == kind).count();
            if new == 0 {
                continue;
            }
            if share.present(kind).count() + new > quotas.associations_per_share {
                return Err(errors::limit("The associations of the resource share would exceed the quota."));
            }
            let owned =
                self.shares.iter().filter(|found| found.owner == share.owner && found.region == share.region);
            if owned.map(|found| found.present(kind).count()).sum::<usize>() + new
                > quotas.associations_per_account
            {
                return Err(errors::limit("The associations of all resource shares would exceed the quota."));
            }
        }
        let invited = additions.iter().filter(|addition| addition.entry == Entry::Invited).count();
        self.check_invitations(ctx, share, invited)
    }
}

/// A statusMessage for the owner as a principal (terraform-provider-aws issue 16560 has the status; the text is ours).
const OWNER: &str = "A resource share cannot be shared with the account that owns it.";

pub(super) fn check_call_size(ctx: &Ctx, named: &Named<'_>) -> Result<(), ServiceError> {
    let most = ctx.settings.ram.quotas.members_per_call;
    if named.principals.len() > most || named.resources.len() > most {
        return Err(errors::limit(format!(
            "You can associate up to {most} resources or principals per call."
        )));
    }
    Ok(())
}

fn judge_one(
    ctx: &Ctx,
    share: &Share,
    kind: Kind,
    entity: &str,
    around: &Around<'_>,
) -> Result<Addition, ServiceError> {
    let entry = match kind {
        Kind::Principal => {
            let parsed = Principal::parse(entity, &ctx.partition)?;
            principal::judge(entity, parsed, share, around.organizations, ctx.now)?
        }
        Kind::Resource => {
            resource::judge(entity, ctx, around.license_manager)?;
            Entry::Settles { organization: false }
        }
    };
    Ok(Addition { kind, entity: entity.to_owned(), entry })
}

/// License configurations cannot be shared with IAM principals or services, whichever of the two comes second.
fn check_mix(share: &Share, named: &Named<'_>) -> Result<(), ServiceError> {
    let there = |kind| share.present(kind).map(|found| found.entity.as_str());
    let mut principals = named.principals.iter().copied().chain(there(Kind::Principal));
    let refused = principals
        .find(|text| Principal::parse(text, share.partition()).is_ok_and(Principal::is_iam_or_service));
    let mut resources = named.resources.iter().copied().chain(there(Kind::Resource));
    let license = resources.find(|text| resource::is_license_configuration(text));
    match (refused, license) {
        (Some(principal), Some(license)) => Err(errors::invalid_parameter(format!(
            "Resource {license} cannot be shared with principal {principal}: resources of type \
             license-manager:LicenseConfiguration can be shared with accounts, organizational units and organizations \
             only."
        ))),
        _ => Ok(()),
    }
}
