//! Waits until members have settled.

use super::invite;
use super::look::look;
use super::members::associate_again;
use super::run::{ADVICE, Run, Stop};
use crate::aws::looks;
use crate::domain::{Association, AssociationStatus, Member};
use crate::resource::ApplyError;
use crate::resource::config_share::elsewhere::{Elsewhere, elsewhere};
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::step::Await;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Looks after which what RAM has taken and does not list is associated again: about 7 s, for its lists trail its writes.
const AGAIN: usize = 5;

/// Looks at once, and then 0.3, 1, 2, 4, 8 s apart. Without patience, and with nothing changed since the plan was made,
/// the plan's own look was the only one.
pub(super) async fn settle(run: &mut Run<'_>, wait: &Await) -> Result<(), Stop> {
    let started = Instant::now();
    let mut delays = looks();
    for looked in 1_usize.. {
        let waiting = judge(run, wait)?;
        if waiting.is_empty() {
            return Ok(());
        }
        if run.patience.is_over() && !run.changed && !run.tolerant {
            return Err(not_settled(run.seen, &waiting));
        }
        look(run, &waiting).await?;
        if looked == AGAIN {
            associate_again(run, &waiting).await?;
            leave_to_others(run, wait).await?;
        }
        let waiting = judge(run, wait)?;
        let delay = delays.next().unwrap_or_default();
        let is_over = run.patience.remaining() <= delay;
        let waiting = if run.tolerant && (is_over || is_half(run, started, delay)) {
            let_stay(run, wait, waiting)
        } else {
            waiting
        };
        if !waiting.is_empty() && is_over {
            return Err(not_settled(run.seen, &waiting));
        }
        if !waiting.is_empty() {
            sleep(delay).await;
        }
    }
    Ok(())
}

/// A member that this run has removed and that is back, because another resource has added it meanwhile, does not go: by
/// the record it is left to that one in a new plan.
async fn leave_to_others(run: &Run<'_>, wait: &Await) -> Result<(), Stop> {
    let back: Vec<&Member> = wait.gone.iter().filter(|member| run.seen.has(member)).collect();
    if back.is_empty() {
        return Ok(());
    }
    let found = elsewhere(run.reach, run.subject, &run.share()?).await.unwrap_or_else(|error| {
        let aws_request_id = error.call().aws_request_id.as_deref();
        tracing::warn!(request_id = run.subject.request_id, %error, aws_request_id, "other records cannot be read");
        Elsewhere::default()
    });
    match back.iter().find(|member| found.named.contains(&member.id)) {
        Some(member) => Err(Stop::Replan(format!("another resource has added {member} meanwhile"))),
        None => Ok(()),
    }
}

/// A tolerant run waits for members to go half as long as there is time: the other half is for what comes after.
fn is_half(run: &Run<'_>, started: Instant, delay: Duration) -> bool {
    started.elapsed() + delay >= run.until.remaining()
}

/// What does not go stays, with a warning; answers what is waited for besides.
fn let_stay(run: &mut Run<'_>, wait: &Await, waiting: BTreeSet<Member>) -> BTreeSet<Member> {
    let (staying, coming) = waiting.into_iter().partition(|member| wait.gone.contains(member));
    let staying: BTreeSet<Member> = staying;
    for member in &staying {
        let why = format!("AWS RAM still has it as {}", status(run.seen, member));
        run.stays(member, &why);
    }
    coming
}

/// So many members are named in a Reason.
const NAMED: usize = 20;

fn not_settled(seen: &Observed, waiting: &BTreeSet<Member>) -> Stop {
    let names = some(waiting.iter().map(|member| format!("{member} ({})", status(seen, member))), ", ");
    Stop::Waiting { what: format!("AWS RAM has not settled {names}"), advice: ADVICE, undone: false }
}

fn status<'a>(seen: &'a Observed, member: &Member) -> &'a str {
    seen.members.get(member).map_or("not listed", |found| found.status.as_str())
}

/// The first of them, and how many more there are.
pub(super) fn some(texts: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let more = texts.len().saturating_sub(NAMED);
    let named = texts.take(NAMED).collect::<Vec<_>>().join(separator);
    if more == 0 { named } else { format!("{named}{separator}and {more} more") }
}

/// The members that have not settled; those that RAM gave up on are a failure, or left out in a tolerant run.
fn judge(run: &mut Run<'_>, wait: &Await) -> Result<BTreeSet<Member>, Stop> {
    invite::check(run, true)?;
    let failed: Vec<Association> =
        failed(run.seen, wait).filter(|a| !run.left_out.contains(&a.member)).cloned().collect();
    if !failed.is_empty() && !run.tolerant {
        return Err(Stop::Failed(given_up(&failed)));
    }
    for association in failed {
        run.warnings.push(format!("left out: {}", described(&association)));
        run.left_out.insert(association.member);
    }
    Ok(waiting(run, wait).filter(|member| !run.left_out.contains(member)).cloned().collect())
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

fn waiting<'a>(run: &'a Run<'_>, wait: &'a Await) -> impl Iterator<Item = &'a Member> {
    let coming = wait.present.iter().filter(|member| !is_in(run, member));
    let going = wait.gone.iter().filter(|member| !is_out(run.seen, member));
    coming.chain(going)
}

fn is_in(run: &Run<'_>, member: &Member) -> bool {
    run.seen.members.get(member).is_some_and(|association| match association.status {
        AssociationStatus::Associated | AssociationStatus::Suspended | AssociationStatus::Failed => true,
        AssociationStatus::Associating => run.seen.is_invited(association) && !run.told.contains_key(member),
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
