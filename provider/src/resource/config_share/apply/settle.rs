//! Waits until members have settled.

use super::look::look;
use super::run::{Run, Stop};
use crate::aws::looks;
use crate::domain::{Association, AssociationStatus, Member};
use crate::resource::ApplyError;
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::step::Await;
use std::collections::BTreeSet;
use tokio::time::sleep;

/// Looks at once, and then 0.3, 1, 2, 4, 8 s apart. Without patience, and with nothing changed since the plan was made,
/// the plan's own look was the only one.
pub(super) async fn settle(run: &mut Run<'_>, wait: &Await) -> Result<(), Stop> {
    let mut delays = looks();
    loop {
        let waiting = judge(run, wait)?;
        if waiting.is_empty() {
            return Ok(());
        }
        if run.patience.is_over() && !run.changed {
            return Err(not_settled(run.seen, &waiting));
        }
        look(run, &waiting).await?;
        let waiting = judge(run, wait)?;
        let delay = delays.next().unwrap_or_default();
        if !waiting.is_empty() && run.patience.remaining() <= delay {
            return Err(not_settled(run.seen, &waiting));
        }
        if !waiting.is_empty() {
            sleep(delay).await;
        }
    }
}

/// So many members are named in a Reason.
const NAMED: usize = 20;

fn not_settled(seen: &Observed, waiting: &BTreeSet<Member>) -> Stop {
    let status =
        |member: &Member| seen.members.get(member).map_or("not listed", |found| found.status.as_str());
    let names = some(waiting.iter().map(|member| format!("{member} ({})", status(member))), ", ");
    Stop::Waiting { what: format!("AWS RAM has not settled {names}"), undone: false }
}

/// The first of them, and how many more there are.
fn some(texts: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let more = texts.len().saturating_sub(NAMED);
    let named = texts.take(NAMED).collect::<Vec<_>>().join(separator);
    if more == 0 { named } else { format!("{named}{separator}and {more} more") }
}

/// The members that have not settled; those that RAM gave up on are a failure, or left out in a tolerant run.
fn judge(run: &mut Run<'_>, wait: &Await) -> Result<BTreeSet<Member>, Stop> {
    let failed: Vec<Association> =
        failed(run.seen, wait).filter(|a| !run.left_out.contains(&a.member)).cloned().collect();
    if !failed.is_empty() && !run.tolerant {
        return Err(Stop::Failed(given_up(&failed)));
    }
    for association in failed {
        run.warnings.push(format!("left out: {}", described(&association)));
        run.left_out.insert(association.member);
    }
    Ok(waiting(run.seen, wait).filter(|member| !run.left_out.contains(member)).cloned().collect())
}

const GIVEN_UP: &str = "Put right what it names, or take that member out of the template, and try again";

fn given_up(failed: &[Association]) -> ApplyError {
    let what = some(failed.iter().map(described), "; ");
    ApplyError::Failed { what: format!("AWS RAM gave up on {what}"), advice: GIVEN_UP.to_owned() }
}

fn described(association: &Association) -> String {
    let words = association.message.as_deref().unwrap_or("AWS RAM does not say why");
    format!("{}: {}", association.member, words.trim_end_matches('.'))
}

fn failed<'a>(seen: &'a Observed, wait: &'a Await) -> impl Iterator<Item = &'a Association> {
    let associations = wait.present.iter().filter_map(|member| seen.members.get(member));
    associations.filter(|association| association.status == AssociationStatus::Failed)
}

fn waiting<'a>(seen: &'a Observed, wait: &'a Await) -> impl Iterator<Item = &'a Member> {
    let coming = wait.present.iter().filter(|member| !is_in(seen, member));
    let going = wait.gone.iter().filter(|member| !is_out(seen, member));
    coming.chain(going)
}

fn is_in(seen: &Observed, member: &Member) -> bool {
    seen.members.get(member).is_some_and(|association| match association.status {
        AssociationStatus::Associated | AssociationStatus::Suspended | AssociationStatus::Failed => true,
        AssociationStatus::Associating => seen.is_invited(association),
        AssociationStatus::Disassociating
        | AssociationStatus::Disassociated
        | AssociationStatus::Suspending
        | AssociationStatus::Restoring
        | AssociationStatus::Unknown(_) => false,
    })
}

fn is_out(seen: &Observed, member: &Member) -> bool {
    seen.members.get(member).is_none_or(|association| match association.status {
        AssociationStatus::Disassociated | AssociationStatus::Failed => true,
        AssociationStatus::Associated
        | AssociationStatus::Associating
        | AssociationStatus::Disassociating
        | AssociationStatus::Suspended
        | AssociationStatus::Suspending
        | AssociationStatus::Restoring
        | AssociationStatus::Unknown(_) => false,
    })
}
