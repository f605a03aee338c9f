//! Reads what a look asks for: RAM, License Manager and the records of other resources, side by side.

use super::advice::advice;
use super::elsewhere::{self, ledger_of};
use super::ledger::Holding;
use super::look::{Aim, Look};
use super::observed::Observed;
use super::ownership::{self, Owner};
use crate::aws::{AwsError, Only, looks};
use crate::domain::{Association, LicenseConfiguration, MemberKind, Share, ShareArn};
use crate::record::{RecordError, RecordKey};
use crate::resource::{ObserveError, Reach, Subject};
use futures_util::future::{try_join, try_join4};
use std::collections::BTreeSet;
use tokio::time::sleep;

/// Looks more at a share on record that RAM does not know: about 7 s.
const AGAIN: usize = 4;

/// Reads what `look` asks for. What `done` has found already is not read again, where it was about the same share.
///
/// # Errors
/// The first read that failed.
pub(super) async fn observe(
    reach: &Reach<'_>,
    subject: &Subject,
    look: &Look,
    done: Option<(Look, Observed)>,
) -> Result<Observed, ObserveError> {
    let done = done.filter(|(before, _)| before.aim == look.aim);
    if let Some((before, seen)) = &done
        && before == look
    {
        return Ok(seen.clone());
    }
    let reads = Reads { reach, subject, look, done };
    let (share, configurations, elsewhere, replaced) = Box::pin(try_join4(
        reads.share_and_members(),
        reads.license_configurations(),
        reads.elsewhere(),
        reads.replaced_accounts(),
    ))
    .await?;
    let mut seen =
        Observed { share: share.share, namesakes: share.namesakes, replaced, ..Observed::default() };
    seen.take_in(share.members);
    seen.license_configurations =
        configurations.into_iter().map(|found| (found.arn.clone(), found)).collect();
    seen.named_elsewhere = elsewhere.named.into_iter().chain(share.named_elsewhere).collect();
    seen.former_owner_is_gone = elsewhere.former_owner_is_gone;
    seen.former_holding = share.former_holding;
    seen.dead = share.dead;
    seen.is_owned_elsewhere = share.is_owned_elsewhere;
    Ok(seen)
}

struct Reads<'a> {
    reach: &'a Reach<'a>,
    subject: &'a Subject,
    look: &'a Look,
    done: Option<(Look, Observed)>,
}

#[derive(Default)]
struct ShareRead {
    share: Option<Share>,
    members: Vec<Association>,
    namesakes: Vec<Share>,
    dead: BTreeSet<ShareArn>,
    former_holding: Option<Holding>,
    is_owned_elsewhere: bool,
    /// For a share that was not known before it was read.
    named_elsewhere: BTreeSet<String>,
}

#[derive(Default)]
struct Elsewhere {
    named: BTreeSet<String>,
    former_owner_is_gone: bool,
}

fn aws(source: AwsError) -> ObserveError {
    ObserveError::Aws { advice: advice(&source), source }
}

fn record(source: RecordError) -> ObserveError {
    ObserveError::Record { source }
}

impl Reads<'_> {
    async fn share_and_members(&self) -> Result<ShareRead, ObserveError> {
        match &self.look.aim {
            Aim::Share(arn) => {
                let (share, members) = self.share_with_members(arn).await?;
                match &share {
                    None if self.look.handed_over => {
                        let owned = elsewhere::is_owned_elsewhere(self.reach, self.subject, arn).await;
                        let is_owned_elsewhere = owned.map_err(record)?;
                        Ok(ShareRead { is_owned_elsewhere, ..ShareRead::default() })
                    }
                    Some(found) if self.look.handed_over && self.is_handed_over(found) => {
                        let named_elsewhere = self.named_elsewhere(arn).await.map_err(record)?;
                        let members = self.read_members(arn).await?;
                        Ok(ShareRead { share, members, named_elsewhere, ..ShareRead::default() })
                    }
                    _ => Ok(ShareRead { share, members, ..ShareRead::default() }),
                }
            }
            Aim::CreatedBy(request_id) => {
                let found = self
                    .reach
                    .ram()
                    .find_shares_tagged(ownership::REQUEST_ID, request_id)
                    .await
                    .map_err(aws)?;
                let own = found.into_iter().filter(|share| is_of(share, self.subject));
                let (live, dead): (Vec<_>, Vec<_>) = own.partition(|share| share.status.is_live());
                let read = self.with_members(live.into_iter().next()).await?;
                Ok(ShareRead { dead: dead.into_iter().map(|share| share.arn).collect(), ..read })
            }
            Aim::New => match &self.look.namesakes {
                Some(name) => self.namesakes(name).await,
                None => Ok(ShareRead::default()),
            },
        }
    }

    /// Both side by side; once more, one after the other, where the share comes to be known late.
    async fn share_with_members(
        &self,
        arn: &ShareArn,
    ) -> Result<(Option<Share>, Vec<Association>), ObserveError> {
        let (share, members) = try_join(self.share(arn), self.members(arn)).await?;
        if share.is_some() || !self.look.on_record {
            return Ok((share, members));
        }
        match self.share_again(arn).await? {
            Some(share) if self.look.members => Ok((Some(share), self.read_members(arn).await?)),
            share => Ok((share, members)),
        }
    }

    /// Looks some more times at a share that RAM does not know, for RAM's lists trail its writes.
    async fn share_again(&self, arn: &ShareArn) -> Result<Option<Share>, ObserveError> {
        for delay in looks().take(AGAIN).take_while(|delay| *delay < self.reach.until.remaining()) {
            sleep(delay).await;
            if let Some(share) = self.reach.ram().find_share(arn).await.map_err(aws)? {
                return Ok(Some(share));
            }
        }
        Ok(None)
    }

    async fn share(&self, arn: &ShareArn) -> Result<Option<Share>, ObserveError> {
        match &self.done {
            Some((_, seen)) => Ok(seen.share.clone()),
            None => self.reach.ram().find_share(arn).await.map_err(aws),
        }
    }

    async fn members(&self, arn: &ShareArn) -> Result<Vec<Association>, ObserveError> {
        match &self.done {
            _ if !self.look.members => Ok(Vec::new()),
            Some((before, seen)) if before.members => Ok(seen.members.values().cloned().collect()),
            _ => self.read_members(arn).await,
        }
    }

    async fn read_members(&self, arn: &ShareArn) -> Result<Vec<Association>, ObserveError> {
        let ram = self.reach.ram();
        let resources = ram.associations(arn, MemberKind::Resource, Only::All);
        let principals = ram.associations(arn, MemberKind::Principal, Only::All);
        let (resources, principals) = try_join(resources, principals).await.map_err(aws)?;
        Ok([resources, principals].concat())
    }

    fn is_handed_over(&self, share: &Share) -> bool {
        matches!(ownership::owner(share, self.subject), Owner::SameStack { .. })
    }

    async fn replaced_accounts(&self) -> Result<Vec<Association>, ObserveError> {
        let Some(replaced) = &self.look.replaces else { return Ok(Vec::new()) };
        let principals =
            self.reach.ram().associations(replaced, MemberKind::Principal, Only::All).await.map_err(aws)?;
        Ok(principals.into_iter().filter(|a| a.member.is_account() && a.status.is_present()).collect())
    }

    /// The only share of the wanted name is the one to adopt; more than one are for the plan to refuse.
    async fn namesakes(&self, name: &str) -> Result<ShareRead, ObserveError> {
        let namesakes = self.reach.ram().find_shares_named(name).await.map_err(aws)?;
        match namesakes.as_slice() {
            [only] => {
                let (former_holding, named_elsewhere) =
                    try_join(self.former_holding(only), self.named_elsewhere(&only.arn))
                        .await
                        .map_err(record)?;
                let found = self.with_members(Some(only.clone())).await?;
                Ok(ShareRead { former_holding, named_elsewhere, ..found })
            }
            _ => Ok(ShareRead { namesakes, ..ShareRead::default() }),
        }
    }

    async fn with_members(&self, share: Option<Share>) -> Result<ShareRead, ObserveError> {
        let members = match &share {
            Some(share) => self.members(&share.arn).await?,
            None => Vec::new(),
        };
        Ok(ShareRead { share, members, ..ShareRead::default() })
    }

    /// What the resource of the same stack that `share` names as its owner has on record about it.
    async fn former_holding(&self, share: &Share) -> Result<Option<Holding>, RecordError> {
        let Owner::SameStack { logical_id } = ownership::owner(share, self.subject) else { return Ok(None) };
        let key = RecordKey::new(&self.subject.stack_id, &logical_id);
        let found = self.reach.records.get(&key).await?;
        let ledger = found.map(|found| ledger_of(&found)).unwrap_or_default();
        let Some(holding) = ledger.of_share(&share.arn).filter(|holding| holding.is_own()) else {
            return Ok(None);
        };
        let inherits = match holding.former_owner() {
            Some(first) => self.is_gone(first).await?,
            None => false,
        };
        Ok(Some(if inherits { holding.clone().inherit() } else { holding.clone() }))
    }

    async fn license_configurations(&self) -> Result<Vec<LicenseConfiguration>, ObserveError> {
        let wanted = &self.look.license_configurations;
        match &self.done {
            _ if wanted.is_empty() => Ok(Vec::new()),
            Some((before, seen)) if before.license_configurations == *wanted => {
                Ok(seen.license_configurations.values().cloned().collect())
            }
            _ => self.reach.license_manager().find_license_configurations(wanted).await.map_err(aws),
        }
    }

    async fn elsewhere(&self) -> Result<Elsewhere, ObserveError> {
        let named = match &self.look.aim {
            Aim::Share(share) if self.look.elsewhere => self.named_elsewhere(share).await.map_err(record)?,
            _ => BTreeSet::new(),
        };
        let former_owner_is_gone = match &self.look.former_owner {
            Some(logical_id) => self.is_gone(logical_id).await.map_err(record)?,
            None => false,
        };
        Ok(Elsewhere { named, former_owner_is_gone })
    }

    async fn named_elsewhere(&self, share: &ShareArn) -> Result<BTreeSet<String>, RecordError> {
        Ok(elsewhere::elsewhere(self.reach, self.subject, share).await?.named)
    }

    async fn is_gone(&self, logical_id: &str) -> Result<bool, RecordError> {
        let key = RecordKey::new(&self.subject.stack_id, logical_id);
        Ok(self.reach.records.get(&key).await?.is_none_or(|record| record.ended))
    }
}

fn is_of(share: &Share, subject: &Subject) -> bool {
    ownership::owner(share, subject) == Owner::Subject
}
