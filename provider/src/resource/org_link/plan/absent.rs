//! Letting go of the link: by default nothing is changed.

use super::LinkPlan;
use crate::resource::org_link::ledger::{Ledger, Link};
use crate::resource::org_link::observed::Observed;
use crate::resource::org_link::step::Step;
use crate::resource::{Plan, Which};

pub(super) fn plan(which: &Which, ledger: &Ledger, seen: &Observed) -> LinkPlan {
    let (steps, warnings) = ledger.link.as_ref().map(|link| steps(which, link, seen)).unwrap_or_default();
    Plan { steps, intent: ledger.clone(), conclusion: Ledger::default(), warnings, tolerant: false }
}

fn steps(which: &Which, link: &Link, seen: &Observed) -> (Vec<Step>, Vec<String>) {
    if !link.is_taken_by(which) {
        let (steps, kept) = undelegate(link, seen);
        return (steps, stays(link.switched_on_by.is_some()).into_iter().chain(kept).collect());
    }
    if !link.unlink {
        return Default::default();
    }
    match kept(link, seen) {
        None => {
            let create = link.request_id.clone();
            (vec![Step::Unlink { create, resumed: seen.has_begun_to_unlink }], Vec::new())
        }
        Some(why) => (Vec::new(), vec![format!("the organization stays linked: {why}")]),
    }
}

/// A Create that failed takes back the delegated administrator that it registered; the link itself it cannot. Another
/// stack that declares the link may want the administrator as well: then it stays, with a word about it.
fn undelegate(link: &Link, seen: &Observed) -> (Vec<Step>, Vec<String>) {
    if !seen.named_elsewhere {
        let registered = link.registered.iter().filter_map(|id| id.parse().ok());
        return (registered.map(Step::Undelegate).collect(), Vec::new());
    }
    let kept = |id| {
        format!(
            "delegated administrator {id} stays registered: another stack declares the link. Deregister it in AWS \
             Organizations if it is to go"
        )
    };
    (Vec::new(), link.registered.iter().map(kept).collect())
}

fn stays(switched_on: bool) -> Vec<String> {
    if switched_on {
        vec!["the organization stays linked: that cannot be taken back".to_owned()]
    } else {
        Vec::new()
    }
}

/// Why the link is not to be switched off.
fn kept(link: &Link, seen: &Observed) -> Option<&'static str> {
    if !link.may_unlink() {
        return Some("this resource did not switch the link on");
    }
    if seen.has_begun_to_unlink {
        return None;
    }
    if seen.named_elsewhere {
        return Some("another stack declares it");
    }
    match seen.known() {
        Some(settings) if settings.integration => None,
        _ => Some("it is off already"),
    }
}
