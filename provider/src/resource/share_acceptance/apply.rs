//! Does the steps of a plan.

use super::advice::advice;
use super::look::Actor;
use super::observe::{ram, visible};
use super::observed::Observed;
use super::plan::AcceptancePlan;
use super::step::{ACCEPT, Step};
use crate::aws::{AwsError, ErrorKind, Ram, looks};
use crate::domain::{Acceptance, LicenseConfigurationArn, ShareArn};
use crate::protocol::reason::chain;
use crate::resource::{Applied, ApplyError, Reach, Subject, Waiting};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long what was accepted is waited for in this invocation; mostly it is visible after seconds (ram facts 1.8).
const SHOWS: Duration = Duration::from_secs(20);

/// RAM's words for an invitation that was answered before.
const REJECTED: &str = "ResourceShareInvitationAlreadyRejectedException";
const EXPIRED: &str = "ResourceShareInvitationExpiredException";

/// Does the steps in order, and keeps `seen` up to date.
///
/// # Errors
/// What AWS said, with what to do about it.
pub(super) async fn apply(
    reach: &Reach<'_>,
    subject: &Subject,
    plan: &AcceptancePlan,
    seen: &mut Observed,
) -> Result<Applied, ApplyError> {
    let mut run =
        Run { reach, subject, tolerant: plan.tolerant, seen, is_stale: false, warnings: Vec::new() };
    for step in &plan.steps {
        if let Some(applied) = run.step(step).await? {
            return Ok(applied);
        }
    }
    Ok(Applied::Done { warnings: run.warnings })
}

struct Run<'a> {
    reach: &'a Reach<'a>,
    subject: &'a Subject,
    /// A rollback: what can no longer be had is left out.
    tolerant: bool,
    seen: &'a mut Observed,
    /// Something was done since the share was looked at.
    is_stale: bool,
    warnings: Vec<String>,
}

impl Run<'_> {
    /// `None`: go on with the next step.
    async fn step(&mut self, step: &Step) -> Result<Option<Applied>, ApplyError> {
        match step {
            Step::Accept { by, invitation, again, token } => self.accept(by, invitation, *again, token).await,
            Step::AwaitInvitation { by, share, past } => Ok(self.await_invitation(by, share, past)),
            Step::AwaitVisible { by, share, license_configurations, may_accept } => {
                let whole = self.look_until_whole(by, share, license_configurations).await?;
                let waits = || self.unseen(by, share, license_configurations, *may_accept);
                let applied = if whole { None } else { Some(waits()) };
                Ok(applied.and_then(|applied| self.or_left_out(applied)))
            }
            Step::Leave { by, share, token } => self.leave(by, share, token).await,
        }
    }

    async fn accept(
        &mut self,
        by: &Actor,
        invitation: &str,
        again: bool,
        token: &str,
    ) -> Result<Option<Applied>, ApplyError> {
        let doing = || format!("accepting the invitation {invitation} in account {}", by.account);
        let ram = ram(self.reach, self.subject, by).await.map_err(|error| error.doing(doing()))?;
        self.is_stale = true;
        let error = match ram.accept_invitation(invitation, token).await {
            Ok(acceptance) => {
                self.seen.accepted = true;
                if acceptance == Acceptance::Before && !again {
                    self.seen.not_ours.insert(invitation.to_owned());
                }
                return Ok(None);
            }
            Err(error) => error,
        };
        if !may_have_been_done(&error, again) {
            self.seen.not_ours.insert(invitation.to_owned());
        }
        if error.kind == ErrorKind::NotFound {
            return Ok(self.or_left_out(Applied::Waiting(not_found(by, invitation))));
        }
        let failed = refused(error, by, invitation, doing());
        if self.tolerant && !passes(&failed) {
            self.warnings.push(format!("left out: {}", chain(&failed)));
            return Ok(None);
        }
        Err(failed)
    }

    /// Looks until all is visible; `false`: it is not, and patience is over.
    async fn look_until_whole(
        &mut self,
        by: &Actor,
        share: &ShareArn,
        wanted: &BTreeSet<LicenseConfigurationArn>,
    ) -> Result<bool, ApplyError> {
        let doing = || format!("looking for {share} in account {}", by.account);
        let ram = ram(self.reach, self.subject, by).await.map_err(|error| error.doing(doing()))?;
        let started = Instant::now();
        // A rollback waits for what it has just accepted, and for nothing else.
        let waits = self.is_stale || !self.tolerant;
        for delay in looks() {
            if self.is_stale {
                self.look(&ram, share).await.map_err(|source| failed(source, by, doing()))?;
            }
            if self.seen.is_whole(wanted) {
                return Ok(true);
            }
            if !waits || started.elapsed() + delay > SHOWS || self.reach.patience.remaining() <= delay {
                break;
            }
            sleep(delay).await;
            self.is_stale = true;
        }
        Ok(false)
    }

    async fn look(&mut self, ram: &Ram, share: &ShareArn) -> Result<(), AwsError> {
        let (found, resources) = visible(ram, share).await?;
        self.seen.share = found;
        self.seen.resources = resources;
        Ok(())
    }

    fn await_invitation(&mut self, by: &Actor, share: &ShareArn, past: &str) -> Option<Applied> {
        let account = &by.account;
        let waiting = Waiting {
            what: format!(
                "account {account} sees neither the resource share {share} nor an invitation to it that can be \
                 accepted{past}"
            ),
            advice: format!(
                "See that the owner's stack names account {account} among the Principals of the share (with \
                 AllowExternalPrincipals where it is outside the organization), then try again"
            ),
            outstanding: BTreeSet::from([ACCEPT.to_owned()]),
            warnings: self.warnings.clone(),
        };
        self.or_left_out(Applied::Waiting(waiting))
    }

    /// What to do where not all is visible yet.
    fn unseen(
        &self,
        by: &Actor,
        share: &ShareArn,
        wanted: &BTreeSet<LicenseConfigurationArn>,
        may_accept: bool,
    ) -> Applied {
        let account = &by.account;
        let outstanding = may_accept.then(|| ACCEPT.to_owned()).into_iter().collect();
        let warnings = self.warnings.clone();
        if self.seen.visible().is_some() {
            let missing: Vec<&str> =
                self.seen.missing(wanted).into_iter().map(LicenseConfigurationArn::as_str).collect();
            let what = format!(
                "account {account} is in the resource share {share} and does not see {} in it",
                missing.join(", ")
            );
            let advice = "See that the owner shares them with it, then update the stack with another Revision. The \
                          account stays in the share";
            return Applied::Waiting(Waiting { what, advice: advice.to_owned(), outstanding, warnings });
        }
        let unseen = format!("account {account} has accepted the resource share {share} and does not see it");
        let what = format!("{unseen}, or was taken out since");
        let advice = "It can take more than an hour: update the stack with another Revision then. The account stays in the \
                      share";
        let waiting = Waiting { what, advice: advice.to_owned(), outstanding, warnings };
        if wanted.is_empty() {
            let warning = format!("{unseen} yet, which can take more than an hour, or was taken out since");
            Applied::WaitingOr { waiting, warning }
        } else {
            Applied::Waiting(waiting)
        }
    }

    /// A rollback goes on without what would have to be waited for.
    fn or_left_out(&mut self, applied: Applied) -> Option<Applied> {
        match applied {
            Applied::Waiting(waiting) | Applied::WaitingOr { waiting, .. } if self.tolerant => {
                self.warnings.push(format!("not waited for: {}", waiting.what));
                None
            }
            other => Some(other),
        }
    }

    async fn leave(
        &mut self,
        by: &Actor,
        share: &ShareArn,
        token: &str,
    ) -> Result<Option<Applied>, ApplyError> {
        let doing = || format!("taking account {} out of {share}", by.account);
        let ram = match ram(self.reach, self.subject, by).await {
            Ok(ram) => ram,
            // The role may have gone with the same stack: the Delete must not hang on it.
            Err(error) if error.is_refused() => {
                self.stays(by, share, &format!("{}. {}", chain(&error), error.advice));
                return Ok(None);
            }
            Err(error) => return Err(error.doing(doing())),
        };
        for delay in looks() {
            let error = match ram.leave(share, &by.account, token).await {
                Ok(()) => return Ok(None),
                Err(error) => error,
            };
            match error.kind {
                ErrorKind::NotPermitted => {
                    self.stays(by, share, &chain(&error));
                    return Ok(None);
                }
                // A role of the same stack loses its policy before it goes.
                ErrorKind::AccessDenied if by.role.is_some() => {
                    self.stays(by, share, &format!("{}. {}", chain(&error), advice(&error, by)));
                    return Ok(None);
                }
                ErrorKind::InvalidState if self.reach.patience.remaining() > delay => sleep(delay).await,
                ErrorKind::InvalidState => return Ok(Some(Applied::Waiting(changing(by, share)))),
                _ => return Err(failed(error, by, doing())),
            }
        }
        Ok(None)
    }

    fn stays(&mut self, by: &Actor, share: &ShareArn, why: &str) {
        let (request_id, account) = (&self.subject.request_id, &by.account);
        tracing::warn!(request_id, %account, %share, why, "the account stays in the share");
        self.warnings.push(format!("account {account} stays in {share}: {why}"));
    }
}

/// Whether the invitation may be accepted all the same: by this call or, where RAM refused that only for now, by an earlier
/// delivery's.
fn may_have_been_done(error: &AwsError, again: bool) -> bool {
    let is_for_now = matches!(error.kind, ErrorKind::DeadlineOver | ErrorKind::Throttled);
    error.may_be_done || (again && is_for_now)
}

fn not_found(by: &Actor, invitation: &str) -> Waiting {
    Waiting {
        what: format!("the invitation {invitation} to account {} cannot be found any more", by.account),
        advice: "See that the owner still shares with the account, then try again".to_owned(),
        outstanding: BTreeSet::from([ACCEPT.to_owned()]),
        warnings: Vec::new(),
    }
}

fn changing(by: &Actor, share: &ShareArn) -> Waiting {
    Waiting {
        what: format!("AWS RAM does not let account {} leave {share} while that is changing", by.account),
        advice: "Try again in a few minutes".to_owned(),
        outstanding: BTreeSet::new(),
        warnings: Vec::new(),
    }
}

fn refused(error: AwsError, by: &Actor, invitation: &str, doing: String) -> ApplyError {
    let what = match error.code.as_deref() {
        Some(REJECTED) => format!("was rejected meanwhile by somebody in account {}", by.account),
        Some(EXPIRED) => "has expired".to_owned(),
        _ => return failed(error, by, doing),
    };
    ApplyError::Failed {
        what: format!("the invitation {invitation} {what}"),
        advice: "Only the owner can invite again: have it change Revision of its Custom::LicenseConfigShare, or share \
                 again in AWS RAM. Then try again"
            .to_owned(),
    }
}

fn failed(source: AwsError, by: &Actor, doing: String) -> ApplyError {
    ApplyError::Call { doing, advice: advice(&source, by), source }
}

/// Whether it is AWS that is not up to it for now.
fn passes(error: &ApplyError) -> bool {
    let ApplyError::Call { source, .. } = error else { return false };
    matches!(
        source.kind,
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver
    )
}
