//! What is wrong with how a run ended.

use super::super::cloudformation::stack::StackStatus;
use super::super::secrets::Secrets;
use super::super::snapshot::Snapshot;
use super::super::trouble::{CallName, Fault, Lasting, Strike};
use super::run::Ended;
use super::stays::unnamed;

/// Every complaint about a run that met a fault, where `calm` is the one that met none.
pub fn complaints(strike: &Strike, ended: &Ended, calm: &Ended, log: &str) -> Vec<String> {
    let mut found = ended.doubts.clone();
    if ended.struck == 0 {
        found.push("the fault struck nothing".to_owned());
    }
    found.extend(status(strike, ended));
    found.extend(state(strike, ended, calm, log));
    found.extend(costs(strike, ended, calm));
    found.extend(leaks(ended, log));
    found
}

/// What may be read by others, and holds a secret.
fn leaks(ended: &Ended, log: &str) -> Vec<String> {
    let secrets = Secrets::of_world();
    let texts = ended.reasons.iter().map(String::as_str).chain([log, &ended.warnings]);
    texts
        .flat_map(|text| secrets.held(text))
        .map(|secret| format!("{secret} is in the log or in an answer"))
        .collect()
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
fn state(strike: &Strike, ended: &Ended, calm: &Ended, log: &str) -> Vec<String> {
    use StackStatus as S;
    let left_in = LEFT_IN.iter().any(|words| log.contains(words));
    let said = format!("{}{}", ended.warnings, if left_in { log } else { "" });
    let done = matches!(ended.status, S::CreateComplete | S::UpdateComplete) || ended.deletes;
    if done {
        let found = ended.after.differs_from(&calm.after);
        return told("wanted", found.into_iter().filter(|line| !is_warned_of(line, &said)));
    }
    if let Some(deleted) = &ended.deleted {
        return told("after the stack's deletion", deleted.differs_from(&ended.bare));
    }
    let found = ended.after.differs_from(&ended.before).into_iter();
    let accounted = |line: &str| {
        is_used_up(line)
            || is_void(line, ended)
            || is_mended(line, ended, calm)
            || is_leaving(line, &said)
            || is_left_out(line, &ended.warnings)
    };
    let is_left = |line: &str| left_in && is_warned_of(line, &said);
    let found: Vec<String> = found.filter(|line| !accounted(line) && !is_left(line)).collect();
    let of_link = |line: &String| Snapshot::is_of_link(line.get(2..).unwrap_or_default());
    if !found.iter().all(of_link) {
        return told("before", found);
    }
    // An organization link: what cannot be taken back may stay, and a Reason names it. Only who cannot begin on the record
    // does not know what an earlier delivery did.
    let blind = strike.at.call == CallName { service: "record", operation: "begin" };
    if blind { Vec::new() } else { told("no Reason names what stays", unnamed(&found, &ended.reasons)) }
}

fn told(what: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{what}: {line}")).collect()
}

/// That a partner has not accepted yet, or could not be made to, is a warning.
fn is_warned_of(line: &str, warnings: &str) -> bool {
    let of_partner = line.contains("invitation of") || line.contains(": member ");
    let mut accounts = line.split(' ').filter(|word| word.len() == 12 && word.parse::<u64>().is_ok());
    of_partner && accounts.any(|account| warnings.contains(account))
}

/// In the log of a Delete that cannot take the account out of a share.
const LEFT_IN: [&str; 2] = ["the account stays in", "should it show later, leave it by hand"];

/// A member that a rollback has taken out, and that RAM had not let go yet, stays on record with a warning.
fn is_leaving(line: &str, warnings: &str) -> bool {
    let member = line.rsplit('"').nth(1).unwrap_or("nobody");
    line.contains("/added/") && warnings.contains(member)
}

/// A rollback goes on without a delegated administrator that it may not register: it says so, and must not fail.
fn is_left_out(line: &str, warnings: &str) -> bool {
    let of_administrator = line.contains("delegated administrator") || line.contains("/link/registered");
    of_administrator && warnings.contains("left out, register delegated administrator")
}

/// An invitation that was accepted is no more, whatever becomes of the account.
fn is_used_up(line: &str) -> bool {
    line.starts_with("- invitation of") || (line.starts_with("- share") && line.ends_with("ASSOCIATING"))
}

/// On record as accepted, and removed by hand meanwhile: there is nothing to leave any more.
fn is_void(line: &str, ended: &Ended) -> bool {
    ended.drifted && line.contains("#Acceptance: /holdings/0/accepted ")
}

/// A rollback brings about what was wanted before: what had been changed by hand meanwhile is mended.
fn is_mended(line: &str, ended: &Ended, calm: &Ended) -> bool {
    let (sign, text) = line.split_at(2);
    let wanted = calm.after.lines.iter().any(|other| other == text);
    ended.drifted && wanted == (sign == "+ ")
}

/// One call of AWS that fails and would not fail again costs nobody anything: not the request, and, where AWS answers or
/// the connection breaks at once, no hand-over either.
fn costs(strike: &Strike, ended: &Ended, calm: &Ended) -> Option<String> {
    // The SDK reads half of a document of STS as a whole one that lacks something.
    let half_read = strike.fault == Fault::Malformed && strike.at.call.service == "sts";
    let may_fail = strike.fault == Fault::Denied || half_read;
    let passes = strike.lasting == Lasting::Once && !may_fail && strike.at.call.is_aws();
    if passes && ended.success != Some(true) {
        return Some("a single fault that passes cost the request".to_owned());
    }
    let is_told = matches!(strike.fault, Fault::Throttled | Fault::Fails | Fault::Reset);
    let waited = passes && is_told && ended.handed_over > calm.handed_over;
    waited.then(|| "a single fault that passes cost a hand-over".to_owned())
}
