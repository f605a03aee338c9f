//! Handing a request over to a later invocation, through the provider's own queue.
//!
//! The message is sent before the present delivery is acknowledged: what breaks in between is delivered again and sends
//! again. A message that was sent twice does no harm, because the look that comes second finds the first one on record
//! ([`crate::record::Records::resume`]) and ends.

use super::failure::Failure;
use super::finish::{Conclusion, outdone};
use super::looks;
use super::margin::Margin;
use super::scene::Scene;
use crate::protocol::{Request, age};
use crate::record::{RecordKey, Written};
use crate::resource::{Resource, Subject};
use std::collections::BTreeSet;
use std::time::Duration;

/// One look at a request that waits, as the queue's message asks for it.
#[derive(Clone, Debug)]
pub struct QueuedLook {
    /// 1 for the first one.
    pub number: u32,
    /// The queue's id of the message.
    pub message_id: String,
    /// What may still be written for; `None`: all.
    pub outstanding: Option<BTreeSet<String>>,
    /// What earlier invocations found worth a warning.
    pub warnings: Vec<String>,
}

/// What goes into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For the log: what is waited for.
    pub what: String,
    /// How long until the next look, in whole seconds.
    pub delay: Duration,
    /// Its number.
    pub look: u32,
    /// What may still be written for then; `None`: all.
    pub outstanding: Option<BTreeSet<String>>,
    /// What was found worth a warning so far.
    pub warnings: Vec<String>,
}

/// The hand-over of a request that failed of something that passes; `None` where there is no queue, no time before the
/// last word, or nothing to hope for.
pub(super) fn wait(
    scene: &Scene<'_>,
    request: &Request,
    failure: &Failure,
    warnings: &[String],
) -> Option<Wait> {
    if !failure.may_pass() {
        return None;
    }
    let (look, delay) = upcoming(scene, request)?;
    let last = scene.look.as_ref();
    let outstanding = match failure {
        Failure::Waited { outstanding, .. } => Some(outstanding.clone()),
        _ => last.and_then(|look| look.outstanding.clone()),
    };
    Some(Wait { what: failure.cause(), delay, look, outstanding, warnings: warnings.to_vec() })
}

/// The number of the next look at a request, and how long until then; `None` where this one is the last.
pub(super) fn upcoming(scene: &Scene<'_>, request: &Request) -> Option<(u32, Duration)> {
    let sent = scene.sent(request);
    let look = scene.look.as_ref().map_or(0, |look| look.number).saturating_add(1);
    let last_word = age::last_word(sent, request.service_timeout);
    let delay = looks::next(look, sent, scene.clock.now(), last_word).filter(|_| scene.has_queue)?;
    Some((look, delay))
}

/// The look after one that could not find out whether it is the newest: it has a number of its own, for this one may be
/// claimed although nobody heard of it. `None` where there is no time for it.
pub(super) fn next_look(scene: &Scene<'_>, request: &Request, look: &QueuedLook) -> Option<Wait> {
    let number = look.number.saturating_add(1);
    let sent = scene.sent(request);
    let delay = looks::next(number, sent, scene.clock.now(), age::last_word(sent, request.service_timeout))?;
    let (outstanding, warnings) = (look.outstanding.clone(), look.warnings.clone());
    Some(Wait { what: "the record".to_owned(), delay, look: number, outstanding, warnings })
}

/// Writes down what is known by now, and that nothing is at work: a newer request that begins meanwhile has seen all
/// that this one did. `None` for `margin`: the record says so already. A record that cannot be written does not stop
/// the hand-over: what was going to be made was recorded before it was made.
pub(super) async fn hand_over<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    wait: Wait,
    ledger: R::Ledger,
    margin: Option<&Margin>,
) -> Conclusion {
    let Some(margin) = margin else { return Conclusion::Wait(wait) };
    let key = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let (value, object) = (margin.at_end(&ledger), R::object(&ledger, subject));
    match scene.records.save(&key, &subject.request_id, &value, object.as_deref()).await {
        Ok(Written::Done) => {}
        Ok(written) => return outdone::<R>(scene, subject, ledger, written).await,
        Err(error) => {
            tracing::warn!(request_id = subject.request_id, %error, "not all that was made is on record");
        }
    }
    Conclusion::Wait(wait)
}
