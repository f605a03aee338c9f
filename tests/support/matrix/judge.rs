//! What is wrong with how a run ended.

use super::super::cloudformation::stack::StackStatus;
use super::super::secrets::Secrets;
use super::super::snapshot::Snapshot;
use super::super::trouble::{CallName, Fault, Lasting, Phase, Strike};
use super::run::Ended;
use super::stays::{unnamed, unwanted};
use super::warned::{Stays, is_leaving, is_left_out, is_leftover, is_to_accept};

/// Every complaint about a run that met a fault, where `calm` is the one that met none.
pub fn complaints(strike: &Strike, ended: &Ended, calm: &Ended, log: &str) -> Vec<String> {
    let mut found = ended.doubts.clone();
    if ended.struck == 0 {
        found.push("the fault struck nothing".to_owned());
    }
    found.extend(status(strike, ended));
    found.extend(state(strike, ended, calm, log));
    found.extend(costs(strike, ended, calm));
    found.extend(leaks(ended.told.iter().chain(&ended.reasons).map(String::as_str).chain([log])));
    found
}

/// The secrets in what may be read by others.
pub fn leaks<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let secrets = Secrets::of_world();
    let held = texts.flat_map(|text| secrets.held(text).into_iter().map(move |secret| (secret, text)));
    held.map(|(secret, text)| format!("{secret} can be read: {text}")).collect()
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
    let stays = Stays::of(log, &ended.names);
    let done = matches!(ended.status, S::CreateComplete | S::UpdateComplete) || ended.deletes;
    if done {
        let found = ended.after.differs_from(&calm.after).into_iter();
        return told(
            "wanted",
            found.filter(|line| !is_to_accept(line, &ended.warnings) && !stays.names(line)),
        );
    }
    let accounted = |line: &str| {
        is_used_up(line)
            || is_void(line, ended)
            || is_mended(line, &ended.drift)
            || is_leaving(line, &ended.warnings)
            || is_left_out(line, &ended.warnings)
            || is_to_accept(line, &ended.warnings)
            || stays.names(line)
    };
    let found = ended.after.differs_from(&ended.before).into_iter();
    let found: Vec<String> = found.filter(|line| !accounted(line)).collect();
    if let Some(deleted) = &ended.deleted {
        let unnamed = found.into_iter().filter(|line| !is_leftover(line, &ended.warnings));
        let deleted = told("after the stack's deletion", deleted.differs_from(&ended.bare));
        return [told("before, and no warning names it", unnamed), deleted].concat();
    }
    let of_link = |line: &String| Snapshot::is_of_link(line.get(2..).unwrap_or_default());
    if !found.iter().all(of_link) {
        return told("before", found);
    }
    // An organization link: of what was wanted, what cannot be taken back may stay, and a Reason names it. Only who cannot
    // begin on the record does not know what an earlier delivery did.
    let begin = CallName { service: "record", operation: "begin" };
    let blind = strike.at.call == begin && strike.at.phase != Phase::First;
    let unnamed = if blind { Vec::new() } else { unnamed(&found, &ended.reasons) };
    let unwanted = told("stays, and nobody wanted it", unwanted(&found, &calm.after.lines));
    [told("no Reason names what stays", unnamed), unwanted].concat()
}

fn told(what: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{what}: {line}")).collect()
}

/// An invitation that was accepted is no more, whatever becomes of the account.
fn is_used_up(line: &str) -> bool {
    line.starts_with("- invitation of") || (line.starts_with("- share") && line.ends_with("ASSOCIATING"))
}

/// On record as accepted, and removed by hand meanwhile: there is nothing to leave any more.
fn is_void(line: &str, ended: &Ended) -> bool {
    !ended.drift.is_empty() && line.contains("#Acceptance: /holdings/0/accepted ")
}

/// A rollback brings about what was wanted before: what had been changed by hand meanwhile is mended.
fn is_mended(line: &str, drift: &[String]) -> bool {
    let (sign, text) = line.split_at(2);
    drift.iter().any(|changed| changed.split_at(2) == (if sign == "+ " { "- " } else { "+ " }, text))
}

/// One call that fails and would not fail again costs nobody anything: not the request, and, where AWS answers or the
/// connection breaks at once, no hand-over either. The records and the queue fail here once the SDK has tried again: that
/// may cost a hand-over.
fn costs(strike: &Strike, ended: &Ended, calm: &Ended) -> Option<String> {
    let of_aws = strike.at.call.is_aws();
    let passes = if of_aws { passes_at_aws(strike) } else { passes_elsewhere(strike) };
    let passes = strike.lasting == Lasting::Once && passes;
    if passes && ended.success != calm.success {
        return Some("a single fault that passes cost the request".to_owned());
    }
    let is_told = matches!(strike.fault, Fault::Throttled | Fault::Fails | Fault::Reset);
    let waited = of_aws && passes && is_told && ended.handed_over > calm.handed_over;
    waited.then(|| "a single fault that passes cost a hand-over".to_owned())
}

fn passes_at_aws(strike: &Strike) -> bool {
    // The SDK reads half of a document of STS as a whole one that lacks something.
    let half_read = strike.fault == Fault::Malformed && strike.at.call.service == "sts";
    strike.fault != Fault::Denied && !half_read
}

/// Nothing is begun without a record.
fn passes_elsewhere(strike: &Strike) -> bool {
    let passes = [Fault::Throttled, Fault::Fails, Fault::Reset, Fault::LosesAnswer].contains(&strike.fault);
    passes && strike.at.call.operation != "begin"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::world::SECRET_KEY;

    #[test]
    fn a_secret_is_a_complaint() {
        assert_eq!(leaks(["nothing", SECRET_KEY].into_iter()).len(), 1);
    }

    #[test]
    fn only_what_had_been_changed_meanwhile_is_mended() {
        let drift = ["- share a", "+ share b"].map(str::to_owned);
        assert!(is_mended("+ share a", &drift) && is_mended("- share b", &drift));
        for line in ["- share a", "+ share b", "+ share c", "- share c"] {
            assert!(!is_mended(line, &drift), "{line}");
        }
    }
}
