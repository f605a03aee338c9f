//! Members in and out.

use super::recover::{Recovery, Refused, Withdraw, recover};
use super::run::{Run, Stop, refused_for_now, stop};
use crate::aws::{AwsError, ErrorKind, looks};
use crate::domain::Member;
use crate::resource::ApplyError;
use crate::resource::config_share::token::derived;
use std::collections::BTreeSet;
use tokio::time::sleep;

/// Associates `members`; in a tolerant run those that RAM refuses are found by halving and left out.
pub(super) async fn associate(run: &mut Run<'_>, members: &[Member], client_token: &str) -> Result<(), Stop> {
    let mut left = vec![(members.to_vec(), client_token.to_owned())];
    while let Some((members, token)) = left.pop() {
        match associated(run, &members, &token).await {
            Ok(()) => {}
            Err(error) if run.tolerant && is_refusal(&error) => match members.as_slice() {
                [one] => leave_out(run, one, &error),
                _ => left.extend(halves(&members, &token)),
            },
            Err(error) => return Err(not_added(&members, error)),
        }
    }
    Ok(())
}

/// Why `members` could not be added.
pub(super) fn not_added(members: &[Member], error: AwsError) -> Stop {
    match error.kind {
        ErrorKind::InvalidState => refused_for_now(&adding(members), &error),
        _ => stop(adding(members), error),
    }
}

/// Associates those of `waiting` again that RAM has taken and does not list: the token was one that an earlier call of
/// the same request had used, before the member was taken out in passing.
pub(super) async fn associate_again(run: &mut Run<'_>, waiting: &BTreeSet<Member>) -> Result<(), Stop> {
    let missing: Vec<Member> =
        run.told.keys().filter(|member| waiting.contains(member) && !run.seen.has(member)).cloned().collect();
    let token = missing.first().and_then(|first| run.told.get(first)).map(|token| derived(token, "again"));
    match token {
        Some(token) => associate(run, &missing, &token).await,
        None => Ok(()),
    }
}

/// Associates `members` in one call; waits out a share that is changing.
pub(super) async fn associated(run: &mut Run<'_>, members: &[Member], token: &str) -> Result<(), AwsError> {
    let Ok(share) = run.share() else { return Ok(()) };
    let mut delays = looks();
    loop {
        match run.ram.associate(&share, members, token).await {
            Ok(associations) => {
                run.changed = true;
                run.seen.take_in(associations);
                run.told.extend(members.iter().map(|member| (member.clone(), token.to_owned())));
                return Ok(());
            }
            Err(error) if error.kind == ErrorKind::InvalidState => {
                let delay = delays.next().unwrap_or_default();
                if run.patience.remaining() <= delay {
                    return Err(error);
                }
                sleep(delay).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether RAM will not have what a call asks for, however often: a rollback leaves that out.
pub(super) fn is_refusal(error: &AwsError) -> bool {
    use ErrorKind::{Invalid, LimitExceeded, NotFound, NotPermitted};
    matches!(error.kind, Invalid | NotFound | NotPermitted | LimitExceeded)
}

fn leave_out(run: &mut Run<'_>, member: &Member, error: &AwsError) {
    run.warnings.push(format!("left out: {member}: {error}"));
    run.left_out.insert(member.clone());
}

fn halves(members: &[Member], token: &str) -> [(Vec<Member>, String); 2] {
    let (first, second) = members.split_at(members.len() / 2);
    [(first.to_vec(), derived(token, "first")), (second.to_vec(), derived(token, "second"))]
}

fn adding(members: &[Member]) -> String {
    format!("adding {}", counted(members))
}

fn counted(members: &[Member]) -> String {
    match members {
        [one] => one.id.clone(),
        [first, ..] => format!("{} members, {first} first", members.len()),
        [] => "no members".to_owned(),
    }
}

/// Disassociates `members`; in a tolerant run those that RAM does not let go are found by halving, and stay.
pub(super) async fn disassociate(
    run: &mut Run<'_>,
    members: &[Member],
    client_token: &str,
) -> Result<(), Stop> {
    let mut left = vec![(members.to_vec(), client_token.to_owned())];
    while let Some((members, token)) = left.pop() {
        match removed(run, &members, &token).await {
            Ok(()) => {}
            Err(Removal::Refused(error)) if is_final(run, &error) && members.len() > 1 => {
                left.extend(halves(&members, &token));
            }
            Err(Removal::Refused(error)) if is_final(run, &error) => stay(run, &members, &error),
            Err(Removal::Stopped(Stop::Failed(error))) if run.tolerant && is_in_the_way(&error) => {
                stay(run, &members, &error);
            }
            Err(removal) => return Err(removal.stop(&members)),
        }
    }
    Ok(())
}

/// Whether a refusal makes no new plan, and must not make a rollback fail.
fn is_final(run: &Run<'_>, error: &AwsError) -> bool {
    run.tolerant && error.kind != ErrorKind::NotFound
}

/// Whether the state of the share keeps RAM from removing anything, and waiting did not help.
fn is_in_the_way(error: &ApplyError) -> bool {
    match error {
        ApplyError::Failed { .. } => true,
        ApplyError::Record { .. } => false,
        ApplyError::Call { source, .. } => source.kind == ErrorKind::InvalidState,
    }
}

fn stay(run: &mut Run<'_>, members: &[Member], error: &(dyn std::error::Error + 'static)) {
    let why = crate::protocol::reason::chain(error);
    for member in members {
        run.stays(member, &why);
    }
}

/// Disassociates `members` in one call. Whether RAM takes this for members that it gave up on is UNCONFIRMED: where it does not,
/// they stay listed as failed, which gives nobody access.
async fn removed(run: &mut Run<'_>, members: &[Member], client_token: &str) -> Result<(), Removal> {
    let in_effect: Vec<Member> =
        members.iter().filter(|member| !run.seen.has_failed(member)).cloned().collect();
    match disassociated(run, members, client_token).await {
        Err(Removal::Refused(_)) if in_effect.is_empty() => Ok(()),
        Err(Removal::Refused(_)) if in_effect.len() < members.len() => {
            let token = derived(client_token, "in effect");
            disassociated(run, &in_effect, &token).await
        }
        result => result,
    }
}

/// Why members were not removed.
enum Removal {
    /// RAM says that it does not have one of them, or that it cannot go.
    Refused(AwsError),
    Stopped(Stop),
}

impl Removal {
    fn stop(self, members: &[Member]) -> Stop {
        match self {
            Self::Refused(error) if error.kind == ErrorKind::NotFound => {
                Stop::Replan("some members were gone already".to_owned())
            }
            Self::Refused(error) => stop(format!("removing {}", counted(members)), error),
            Self::Stopped(stop) => stop,
        }
    }
}

async fn disassociated(run: &mut Run<'_>, members: &[Member], client_token: &str) -> Result<(), Removal> {
    let share = run.share().map_err(Removal::Stopped)?;
    let mut recovery = Recovery::default();
    loop {
        match run.ram.disassociate(&share, members, client_token).await {
            Ok(associations) => {
                run.changed = true;
                run.seen.take_in(associations);
                return Ok(());
            }
            Err(error) if error.kind == ErrorKind::InvalidState => {
                let refused = Refused { own: members, client_token, withdraw: Withdraw::Ours };
                recover(run, &mut recovery, refused, error).await.map_err(Removal::Stopped)?;
            }
            Err(error) if is_refusal(&error) => return Err(Removal::Refused(error)),
            Err(error) => {
                return Err(Removal::Stopped(stop(format!("removing {}", counted(members)), error)));
            }
        }
    }
}
