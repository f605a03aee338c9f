//! What is wrong with how a run ended.

use super::super::cloudformation::stack::StackStatus;
use super::super::snapshot::Snapshot;
use super::super::trouble::{Fault, Lasting, Strike};
use super::super::world::SIGNATURE;
use super::run::Ended;

/// Every complaint about a run that met a fault, where `calm` is the one that met none.
pub fn complaints(strike: &Strike, ended: &Ended, calm: &Ended, log: &str) -> Vec<String> {
    let mut found = ended.doubts.clone();
    if ended.struck == 0 {
        found.push("the fault struck nothing".to_owned());
    }
    found.extend(status(strike, ended));
    found.extend(state(ended, calm));
    found.extend(costs(strike, ended));
    if [SIGNATURE, "AKIAEXAMPLE", "X-Amz-"].iter().any(|secret| log.contains(secret)) {
        found.push("the log holds a part of the response URL".to_owned());
    }
    found
}

/// A stack is stuck only where the rollback itself met the fault, and only until that is over.
fn status(strike: &Strike, ended: &Ended) -> Option<String> {
    use StackStatus as S;
    let Ended { status, remedied, .. } = ended;
    let stuck = matches!(status, S::RollbackFailed | S::UpdateRollbackFailed);
    if stuck && strike.lasting != Lasting::UntilRolledBack {
        return Some(format!("{status:?}, and no fault had struck the rollback"));
    }
    let wanted = match status {
        S::RollbackFailed | S::DeleteFailed => S::DeleteComplete,
        S::UpdateRollbackFailed => S::UpdateRollbackComplete,
        _ => return None,
    };
    (*remedied != Some(wanted)).then(|| format!("{status:?}, and the remedy came to {remedied:?}"))
}

/// The wanted state, or the state before.
fn state(ended: &Ended, calm: &Ended) -> Vec<String> {
    use StackStatus as S;
    let done = matches!(ended.status, S::CreateComplete | S::UpdateComplete) || ended.deletes;
    if done {
        return differences("wanted", &ended.after, &calm.after);
    }
    let found = differences("before", &ended.after, &ended.before);
    if found.is_empty() {
        return found;
    }
    // An organization link: what cannot be taken back may stay, and a Reason names it.
    let beyond = differences("before", &ended.after.without_link(), &ended.before.without_link());
    if !beyond.is_empty() {
        return beyond;
    }
    let named = ["stays", "cannot be taken back"];
    let is_named = ended.reasons.iter().any(|reason| named.iter().any(|words| reason.contains(words)));
    if is_named { Vec::new() } else { [vec!["no Reason names what stays".to_owned()], found].concat() }
}

fn differences(what: &str, found: &Snapshot, expected: &Snapshot) -> Vec<String> {
    found.differs_from(expected).into_iter().map(|line| format!("{what}: {line}")).collect()
}

/// One call of AWS that fails and would not fail again costs nobody anything.
fn costs(strike: &Strike, ended: &Ended) -> Option<String> {
    let passes = strike.lasting == Lasting::Once && strike.fault != Fault::Denied && strike.at.call.is_aws();
    (passes && ended.success != Some(true)).then(|| "a single fault that passes cost the request".to_owned())
}
