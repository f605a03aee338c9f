//! Reads what a look asks for, side by side.

use super::advice::advice;
use super::look::Look;
use super::observed::{LINK_PRINCIPALS, Observed, RAM_ROLE, Settings};
use super::physical_id;
use crate::aws::{AwsError, ErrorKind};
use crate::domain::{AccountId, Organization, TrustedService};
use crate::record::{RecordError, RecordKey};
use crate::resource::{ObserveError, Reach, Subject};
use futures_util::future::try_join3;

/// Reads what `look` asks for; the same look is not read twice.
///
/// # Errors
/// The first read that failed.
pub async fn observe(
    reach: &Reach<'_>,
    subject: &Subject,
    look: &Look,
    done: Option<(Look, Observed)>,
) -> Result<Observed, ObserveError> {
    if let Some((before, seen)) = done
        && before == *look
    {
        return Ok(seen);
    }
    let (settings, organization, elsewhere) =
        try_join3(settings(reach, look), organization(reach, look), elsewhere(reach, subject, look)).await?;
    Ok(Observed { settings, named_elsewhere: elsewhere, ..organization })
}

fn aws(source: AwsError) -> ObserveError {
    ObserveError::Aws { advice: advice(&source).to_owned(), source }
}

async fn settings(reach: &Reach<'_>, look: &Look) -> Result<Option<Settings>, ObserveError> {
    if !look.settings {
        return Ok(None);
    }
    match reach.license_manager().service_settings().await {
        Ok(settings) => Ok(Some(Settings::Known(settings))),
        Err(error) if error.kind == ErrorKind::ServiceRoleMissing => Ok(Some(Settings::RoleMissing)),
        Err(error) => Err(aws(error)),
    }
}

async fn organization(reach: &Reach<'_>, look: &Look) -> Result<Observed, ObserveError> {
    if !look.organization {
        return Ok(Observed::default());
    }
    let (organization, (trusted, administrators), ram_role) =
        try_join3(described(reach), trust(reach, look), ram_role(reach)).await?;
    Ok(Observed { organization, trusted, administrators, ram_role, ..Observed::default() })
}

async fn described(reach: &Reach<'_>) -> Result<Option<Organization>, ObserveError> {
    reach.organizations().describe().await.map_err(aws)
}

type Trust = (Option<Vec<TrustedService>>, Option<Vec<AccountId>>);

async fn trust(reach: &Reach<'_>, look: &Look) -> Result<Trust, ObserveError> {
    let organizations = reach.organizations();
    let administrators = async {
        match look.administrators {
            true => allowed(organizations.delegated_administrators(LINK_PRINCIPALS[0]).await),
            false => Ok(None),
        }
    };
    let trusted = async { allowed(organizations.trusted_services().await) };
    futures_util::future::try_join(trusted, administrators).await
}

async fn ram_role(reach: &Reach<'_>) -> Result<Option<bool>, ObserveError> {
    allowed(reach.iam().has_role(RAM_ROLE).await)
}

/// What this account may not ask, or what no organization answers, is unknown and for the plan to judge.
fn allowed<T>(answer: Result<T, AwsError>) -> Result<Option<T>, ObserveError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_unknown(&error) => Ok(None),
        Err(error) => Err(aws(error)),
    }
}

fn is_unknown(error: &AwsError) -> bool {
    matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotInOrganization)
}

async fn elsewhere(reach: &Reach<'_>, subject: &Subject, look: &Look) -> Result<bool, ObserveError> {
    if !look.elsewhere {
        return Ok(false);
    }
    others(reach, subject)
        .await
        .map(|others| !others.is_empty())
        .map_err(|source| ObserveError::Record { source })
}

/// Other resources that have the link on record.
pub(super) async fn others(
    reach: &Reach<'_>,
    subject: &Subject,
) -> Result<Vec<(RecordKey, super::ledger::Link)>, RecordError> {
    let own = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let records = reach.records.by_object(&physical_id::of(&subject.home)).await?;
    let others = records.into_iter().filter(|(key, record)| *key != own && !record.ended);
    let link = |ledger| serde_json::from_value::<super::ledger::Ledger>(ledger).ok()?.link;
    Ok(others.filter_map(|(key, record)| Some((key, link(record.ledger)?))).collect())
}
