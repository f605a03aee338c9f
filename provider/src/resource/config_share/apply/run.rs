//! One run through the steps of a plan.

use super::replies::{self, Reply};
use crate::aws::{AwsError, Deadline, ErrorKind, Ram};
use crate::domain::{Member, ShareArn};
use crate::resource::config_share::advice::advice;
use crate::resource::config_share::ledger::{Holding, as_member};
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::plan::SharePlan;
use crate::resource::config_share::step::{ONE_BY_ONE, Step};
use crate::resource::{Applied, ApplyError, Reach, Subject, Waiting};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What a run knows while it goes.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub reach: &'a Reach<'a>,
    pub subject: &'a Subject,
    pub ram: Ram,
    pub until: Deadline,
    /// Until when what settles by itself is waited for.
    pub patience: Deadline,
    /// A call of this run has changed members, so that `seen` may be outdated.
    pub changed: bool,
    /// A refused member is left out with a warning.
    pub tolerant: bool,
    pub seen: &'a mut Observed,
    pub warnings: Vec<String>,
    /// Members that RAM refused, in a tolerant run.
    pub left_out: BTreeSet<Member>,
    /// Members on record as added: those that do not go in a tolerant run stay there.
    pub added: BTreeSet<Member>,
    /// Accounts whose invitations were withdrawn so that RAM would take another call.
    pub withdrawn: BTreeSet<Member>,
    /// Members of which only an Associate's answer says that they are there, with its token: RAM answers a token that was
    /// used before as it did then, whatever became of the member. A look tells.
    pub told: BTreeMap<Member, String>,
    /// Accounts that RAM did not invite because too many invitations are pending.
    pub uninvited: BTreeSet<Member>,
    /// For how many looks that has been so.
    pub tries: u32,
    /// What came of accepting for accounts, through a role.
    pub replies: BTreeMap<Member, Reply>,
    /// The share was made in this run.
    pub created: bool,
    /// Members that are this resource's: the plan that follows invites those again that are to stay.
    pub ours: BTreeSet<Member>,
}

/// Why a run stops before its last step.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something changed under the plan.
    Replan(String),
    /// What is left needs another plan, for which this one has made way.
    Progress,
    /// It is not over, and patience is.
    Waiting {
        /// A clause for a person.
        what: String,
        /// What to do where it has not come about at the end.
        advice: &'static str,
        /// Whether the step at which it stopped is still to be done.
        undone: bool,
    },
    /// The same at the last step, and what is there suffices where there is no more time.
    WaitingOr {
        /// A clause for a person.
        what: String,
        /// What the success warns of then.
        warning: String,
    },
    /// It failed.
    Failed(ApplyError),
}

/// How long a run looks again at what people do.
const SHORT: Duration = Duration::from_secs(15);

/// What to do about what RAM should do by itself.
pub(super) const ADVICE: &str = "Try again in a few minutes; if it stays so, ask AWS Support";

impl<'a> Run<'a> {
    pub(super) fn new(
        reach: &'a Reach<'a>,
        subject: &'a Subject,
        plan: &SharePlan,
        seen: &'a mut Observed,
    ) -> Self {
        let share = seen.share.as_ref().map(|share| &share.arn);
        let holding = share.and_then(|share| plan.intent.of_share(share));
        Self {
            reach,
            subject,
            ram: reach.ram(),
            until: reach.until,
            patience: reach.patience,
            changed: false,
            tolerant: plan.tolerant,
            ours: holding.map(Holding::invited_again).unwrap_or_default(),
            added: holding.map(Holding::all_added).unwrap_or_default().into_iter().map(as_member).collect(),
            seen,
            warnings: Vec::new(),
            left_out: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            told: BTreeMap::new(),
            uninvited: BTreeSet::new(),
            tries: 0,
            replies: BTreeMap::new(),
            created: false,
        }
    }

    /// The share that the steps are about.
    pub(super) fn share(&self) -> Result<ShareArn, Stop> {
        let share = self.seen.share.as_ref().map(|share| share.arn.clone());
        share.ok_or_else(|| Stop::Replan("the share is not known yet".to_owned()))
    }

    /// Notes in a tolerant run that `member` should have gone and did not.
    pub(super) fn stays(&mut self, member: &Member, why: &str) {
        self.warnings.push(format!("could not be removed: {member}: {why}"));
        self.left_out.insert(member.clone());
        if self.added.contains(member) {
            self.seen.staying.insert(member.clone());
        }
    }

    /// The run stopped at the first of `left`, whose rest is still to be done.
    pub(super) fn waiting(self, what: String, advice: &str, undone: bool, left: &[Step]) -> Waiting {
        let steps = if undone { left } else { left.get(1..).unwrap_or_default() };
        let withdrawn = self.withdrawn.iter().chain(&self.uninvited).map(|member| member.id.as_str());
        let tries = self.tries.saturating_add(1);
        let one_by_one = (!self.uninvited.is_empty()).then(|| format!("{ONE_BY_ONE}{tries}"));
        let ids = steps.iter().flat_map(Step::writes_for).chain(withdrawn);
        let outstanding = ids.map(str::to_owned).chain(one_by_one).collect();
        Waiting { what, advice: advice.to_owned(), outstanding, warnings: self.warnings }
    }

    /// How the run ended.
    pub(super) fn applied(mut self) -> Applied {
        self.warnings.extend(replies::warning(&self));
        if self.withdrawn.is_empty() {
            return Applied::Done { warnings: self.warnings };
        }
        Applied::Replan { why: "invitations were withdrawn in passing".to_owned(), warnings: self.warnings }
    }

    /// Until when a run looks again at what people, or other accounts, are to do: longer only in the queue.
    pub(super) fn short(&self) -> Deadline {
        self.patience.min(Deadline::after(SHORT))
    }
}

/// Turns RAM's refusal into the end of the run: what an earlier delivery of the request has done already, and what is
/// not there any more, is a matter for a new plan.
pub(super) fn stop(doing: impl Into<String>, source: AwsError) -> Stop {
    match source.kind {
        ErrorKind::IdempotentParameterMismatch => {
            Stop::Replan(format!("an earlier delivery has called {} already", source.operation))
        }
        _ => Stop::Failed(ApplyError::Call { doing: doing.into(), advice: advice(&source), source }),
    }
}

/// RAM refuses a call because of the state that the share is in, which passes.
pub(super) fn refused_for_now(doing: &str, error: &AwsError) -> Stop {
    Stop::Waiting { what: format!("{doing} is not possible yet: {error}"), advice: ADVICE, undone: true }
}
