//! Reads the records of other resources once more, when this one's says what it lets go of and what it counts on.

use super::run::{Run, Stop};
use crate::aws::looks;
use crate::domain::Member;
use crate::record::RecordError;
use crate::resource::ApplyError;
use crate::resource::config_share::elsewhere::{Elsewhere, elsewhere_now};
use crate::resource::config_share::step::Consultation;
use std::time::Duration;
use tokio::time::sleep;

/// How long the table's index may trail the table: by then another resource that lets go of a member has seen that this
/// one counts on it, or is seen. DynamoDB gives no bound (developer guide, global secondary indexes).
const INDEX_TRAILS: Duration = Duration::from_secs(2);

const CLAIMED: &str = "members that were there already are on record now";

/// Where the others' records do not agree with the plan, there is another plan. There is one after every claim: only a
/// look that comes after this shows what is there to stay.
pub(super) async fn consult(run: &mut Run<'_>, on: &Consultation) -> Result<(), Stop> {
    let mut found = read(run, on).await?;
    if on.claim.iter().any(|member| found.knows(&member.id)) {
        index_catches_up(run).await;
        found = read(run, on).await?;
    }
    let mut delays = looks();
    loop {
        if let Some(why) = disagreement(on, &found) {
            // The look for the next plan is by the index.
            index_catches_up(run).await;
            return Err(Stop::Replan(why));
        }
        let Some(going) = on.claim.iter().find(|member| found.going.contains(&member.id)) else { break };
        let delay = delays.next().unwrap_or_default();
        if run.patience.remaining() <= delay {
            return still_going(run, going);
        }
        sleep(delay).await;
        found = read(run, on).await?;
    }
    if on.claim.is_empty() { Ok(()) } else { Err(Stop::Replan(CLAIMED.to_owned())) }
}

async fn read(run: &Run<'_>, on: &Consultation) -> Result<Elsewhere, Stop> {
    elsewhere_now(run.reach, run.subject, &on.share, &on.ids()).await.map_err(unread)
}

fn unread(source: RecordError) -> Stop {
    Stop::Failed(ApplyError::Record {
        doing: "reading what other resources have in the share".to_owned(),
        source,
    })
}

async fn index_catches_up(run: &Run<'_>) {
    sleep(INDEX_TRAILS.min(run.until.remaining())).await;
}

fn disagreement(on: &Consultation, found: &Elsewhere) -> Option<String> {
    let named = |member: &&Member| found.named.contains(&member.id);
    let removed = on.remove.iter().find(named);
    let left = on.leave.iter().find(|member| !named(member));
    let removed = removed.map(|member| format!("another resource names {member} by now"));
    removed.or_else(|| left.map(|member| format!("no other resource names {member} any more")))
}

const ADVICE: &str = "Try again when that one is done";

/// A rollback goes on: the plan that follows finds the member there or adds it.
fn still_going(run: &Run<'_>, member: &Member) -> Result<(), Stop> {
    let what = format!("another resource is letting go of {member} in the same share");
    if run.tolerant {
        return Err(Stop::Replan(what));
    }
    Err(Stop::Waiting { what, advice: ADVICE, undone: true })
}
