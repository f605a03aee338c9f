//! The rescue function: the last word to requests that the provider's function has left without an answer.
//!
//! It is the same binary in a function of its own, with `PROVIDER_ROLE=rescue`. It reads nothing of AWS and changes
//! nothing there but the record, so that what ends the provider's process does not end this one. A message that it
//! cannot serve is an error: its queue delivers it again, and puts it into the alarmed queue at last.

use crate::clock::Clock;
use crate::config::{Config, RescueConfig};
use crate::domain::Home;
use crate::drive::{Failure, LastWord, last_answer, last_word};
use crate::invocation::{
    Handler, HandlerError, Invocation, end_of, home, not_trusted, parse, refused_message, send, silent,
};
use crate::protocol::reason::chain;
use crate::protocol::{Abandoned, Request, Upload, age};
use crate::record::Records;
use crate::resource::serves_anyone;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;
use tokio::time::{Instant, timeout_at};

/// From this delivery of a message on, a record that cannot be used no longer stands in the way of an answer. The
/// queues of `provider.yaml` deliver a message at least so often, minutes apart.
pub const WITHOUT_RECORD: u32 = 5;

/// What the rescue function works with, for as long as the process lives.
#[derive(Debug)]
pub struct Rescue {
    config: Config,
    own: RescueConfig,
    records: Arc<dyn Records>,
    upload: Arc<dyn Upload>,
}

impl Handler for Rescue {
    async fn handle(&self, event: &[u8], invocation: &Invocation, clock: Clock) -> Result<(), HandlerError> {
        self.handle(event, invocation, clock).await
    }
}

impl Rescue {
    /// A rescue function that has made no connection yet.
    pub fn new(
        config: Config,
        own: RescueConfig,
        records: Arc<dyn Records>,
        upload: Arc<dyn Upload>,
    ) -> Self {
        Self { config, own, records, upload }
    }

    /// Handles one message, a batch of one, of one of its two queues. The request in it is checked as if it were new.
    ///
    /// # Errors
    /// Nothing could be answered, or the answer was not taken: the message is delivered again.
    pub async fn handle(
        &self,
        event: &[u8],
        invocation: &Invocation,
        clock: Clock,
    ) -> Result<(), HandlerError> {
        let home = home(&invocation.function_arn)?;
        let abandoned = Abandoned::read(event, &self.own.entrances).map_err(refused_message)?;
        let request = parse(&self.config, abandoned.event.as_bytes(), &home, clock.now())?;
        let arrived = abandoned.arrived.unwrap_or_else(|| clock.now());
        if age::given_up(request.sent.unwrap_or(arrived), clock.now(), request.service_timeout) {
            silent(&request, "CloudFormation has given up on this request: nothing is done");
            return Ok(());
        }
        let until = end_of(invocation, clock);
        match self.last_word(&request, &home, &abandoned, arrived, until).await? {
            LastWord::Answer(answer) => send(&self.upload, request, &answer, until).await,
            LastWord::Silent(why) => {
                silent(&request, why);
                Ok(())
            }
        }
    }

    /// Within half of the time; the other half is for sending.
    async fn last_word(
        &self,
        request: &Request,
        home: &Home,
        abandoned: &Abandoned,
        arrived: SystemTime,
        until: Instant,
    ) -> Result<LastWord, HandlerError> {
        if let Some(failure) = not_trusted(&self.config, request, home, serves_anyone(&request.resource_type))
        {
            return Ok(LastWord::Answer(last_answer(request, &failure, &Value::Null).body().to_owned()));
        }
        let failure = self.failure(request, abandoned);
        // Made once: what goes on record and what is sent are the same bytes, also where nobody hears of the record.
        let made = OnceLock::new();
        let answer = |ledger: &Value| -> String {
            made.get_or_init(|| last_answer(request, &failure, ledger).body().to_owned()).clone()
        };
        let now = Instant::now();
        let recording = last_word(&*self.records, request, arrived, &abandoned.cause, &answer);
        let error = match timeout_at(now + until.saturating_duration_since(now) / 2, recording).await {
            Ok(Ok(last_word)) => return Ok(last_word),
            Ok(Err(source)) => HandlerError::Record { source },
            Err(_elapsed) => HandlerError::RecordLate,
        };
        let (request_id, receives) = (&request.request_id, abandoned.receives);
        tracing::error!(request_id, receives, cause = %chain(&error), "the answer is not on record");
        if receives < WITHOUT_RECORD { Err(error) } else { Ok(LastWord::Answer(answer(&Value::Null))) }
    }

    fn failure(&self, request: &Request, abandoned: &Abandoned) -> Failure {
        Failure::Abandoned {
            cause: abandoned.cause.clone(),
            log_group: self.own.log_group.clone(),
            request_id: request.request_id.clone(),
        }
    }
}
