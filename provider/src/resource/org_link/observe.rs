//! Reads what a look asks for, side by side.

use super::advice::advice;
use super::claim;
use super::look::Look;
use super::observed::{Candidate, LINK_PRINCIPALS, Observed, RAM_ROLE, Settings};
use super::{physical_id, unlinking};
use crate::aws::{AwsError, ErrorKind};
use crate::domain::AccountId;
use crate::record::{RecordError, RecordKey};
use crate::resource::{ObserveError, Reach, Subject};
use futures_util::future::{join5, try_join5};

/// What an organization with consolidated billing only answers to most questions.
const NOT_ALL_FEATURES: &str = "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE";

/// Reads what `look` asks for; what was seen before is not read twice.
///
/// # Errors
/// The first read that failed.
pub(crate) async fn observe(
    reach: &Reach<'_>,
    subject: &Subject,
    look: &Look,
    done: Option<(Look, Observed)>,
) -> Result<Observed, ObserveError> {
    let (before, seen) = done.filter(|(before, _)| is_part(before, look)).unwrap_or_default();
    let settings = async {
        if look.settings && !before.settings {
            settings(reach).await.map(Some)
        } else {
            Ok(seen.settings.clone())
        }
    };
    let organization = async {
        if look.organization && !before.organization {
            organization(reach, subject, look).await
        } else {
            Ok(seen.clone())
        }
    };
    let elsewhere = async {
        if look.elsewhere { named_elsewhere(reach, subject).await.map_err(record) } else { Ok(false) }
    };
    let claim = async { if look.claim { holds_claim(reach, subject).await } else { Ok(false) } };
    let unlinking = has_begun_to_unlink(reach, subject, look);
    let (settings, organization, named_elsewhere, holds_claim, has_begun_to_unlink) =
        Box::pin(try_join5(settings, organization, elsewhere, claim, unlinking)).await?;
    let holds_still = false;
    Ok(Observed { settings, named_elsewhere, has_begun_to_unlink, holds_claim, holds_still, ..organization })
}

/// Whether what `before` asked for can be taken over as it is.
fn is_part(before: &Look, look: &Look) -> bool {
    before.administrator == look.administrator
}

fn aws(source: AwsError) -> ObserveError {
    ObserveError::Aws { advice: advice(&source).to_owned(), source }
}

fn record(source: RecordError) -> ObserveError {
    ObserveError::Record { source }
}

async fn settings(reach: &Reach<'_>) -> Result<Settings, ObserveError> {
    match reach.license_manager().service_settings().await {
        Ok(settings) => Ok(Settings::Known(settings)),
        Err(error) if error.kind == ErrorKind::ServiceRoleMissing => Ok(Settings::RoleMissing),
        Err(error) => Err(aws(error)),
    }
}

async fn organization(reach: &Reach<'_>, subject: &Subject, look: &Look) -> Result<Observed, ObserveError> {
    let (organizations, iam) = (reach.organizations(), reach.iam());
    let (administrators, candidate) = (administrators(reach, look), candidate(reach, look));
    let (organization, trusted, administrators, candidate, ram_role) = join5(
        organizations.describe(),
        organizations.trusted_services(),
        administrators,
        candidate,
        iam.has_role(RAM_ROLE),
    )
    .await;
    let organization = organization.map_err(aws)?;
    let management = organization.as_ref().map(|found| &found.management_account);
    let manages = management == Some(&subject.home.account);
    Ok(Observed {
        trusted: allowed(trusted, manages)?,
        administrators: allowed(administrators, manages)?.flatten(),
        candidate: allowed(candidate, manages)?.flatten(),
        // Another account's role says nothing of the one that shares with the organization.
        ram_role: if manages { told(ram_role)? } else { None },
        organization,
        ..Observed::default()
    })
}

async fn administrators(reach: &Reach<'_>, look: &Look) -> Result<Option<Vec<AccountId>>, AwsError> {
    if look.administrator.is_none() {
        return Ok(None);
    }
    reach.organizations().delegated_administrators(LINK_PRINCIPALS[0]).await.map(Some)
}

async fn candidate(reach: &Reach<'_>, look: &Look) -> Result<Option<Candidate>, AwsError> {
    let Some(account) = &look.administrator else { return Ok(None) };
    Ok(Some(match reach.organizations().is_active(account).await? {
        Some(true) => Candidate::Active,
        Some(false) => Candidate::Inactive,
        None => Candidate::Stranger,
    }))
}

/// What this account may not ask where it is not the one that `manages`, and what no organization with all features
/// would refuse, is unknown and for the plan to judge.
fn allowed<T>(answer: Result<T, AwsError>, manages: bool) -> Result<Option<T>, ObserveError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotInOrganization => Ok(None),
        Err(error) if error.rule() == Some(NOT_ALL_FEATURES) => Ok(None),
        Err(error) if error.kind == ErrorKind::AccessDenied && !manages => Ok(None),
        Err(error) => Err(aws(error)),
    }
}

/// A role that IAM denies a look at is unknown: the policy may name the path of one that is not there, which IAM does not
/// know (UNCONFIRMED).
fn told(role: Result<bool, AwsError>) -> Result<Option<bool>, ObserveError> {
    match role {
        Err(error) if error.kind == ErrorKind::AccessDenied => Ok(None),
        other => other.map(Some).map_err(aws),
    }
}

/// Whether other resources have the link on record.
pub(super) async fn named_elsewhere(reach: &Reach<'_>, subject: &Subject) -> Result<bool, RecordError> {
    let own = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let records = reach.records.by_object(&physical_id::of(&subject.home)).await?;
    Ok(records.iter().any(|(key, record)| *key != own && !record.ended))
}

async fn holds_claim(reach: &Reach<'_>, subject: &Subject) -> Result<bool, ObserveError> {
    let holder = claim::holder(reach.records, &physical_id::of(&subject.home)).await.map_err(record)?;
    Ok(holder == Some(RecordKey::new(&subject.stack_id, &subject.logical_id)))
}

async fn has_begun_to_unlink(
    reach: &Reach<'_>,
    subject: &Subject,
    look: &Look,
) -> Result<bool, ObserveError> {
    let Some(create) = &look.unlinking else { return Ok(false) };
    let id = physical_id::of(&subject.home);
    unlinking::has_begun(reach.records, &id, create).await.map_err(record)
}
