//! Writing a ledger down while a request is at work.

use super::failure::Failure;
use super::margin::Margin;
use super::scene::Scene;
use crate::record::{RecordKey, Written};
use crate::resource::{Resource, Subject};

/// In whose name the record is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keeping<'a> {
    /// This request's, until it is answered.
    Own(&'a Margin),
    /// That of the newest request, which has ended.
    Beside { newest: &'a str, margin: &'a Margin },
    /// The ledger is not the record's: nothing is written.
    Nobody,
}

/// Why the work stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Failure),
    /// The record says that this delivery is not the one that counts.
    Outdone(Written),
}

impl Stop {
    /// What to say of it in the log.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Failed(failure) => crate::protocol::reason::chain(failure),
            Self::Outdone(_) => "a newer request keeps the record".to_owned(),
        }
    }
}

impl Keeping<'_> {
    /// Writes `ledger` down.
    ///
    /// # Errors
    /// The record could not be written, or is not this request's any more.
    pub(super) async fn keep<R: Resource>(
        self,
        scene: &Scene<'_>,
        subject: &Subject,
        ledger: &R::Ledger,
    ) -> Result<(), Stop> {
        let key = RecordKey::new(&subject.stack_id, &subject.logical_id);
        let object = R::object(ledger, subject);
        let (records, object) = (scene.records, object.as_deref());
        let written = match self {
            Self::Nobody => return Ok(()),
            Self::Own(margin) => {
                let request_id = &subject.request_id;
                records.save(&key, request_id, &margin.at_work(ledger, request_id), object).await
            }
            Self::Beside { newest, margin } => {
                records.amend(&key, newest, &margin.at_end(ledger), object).await
            }
        };
        match written {
            Ok(Written::Done) => {
                scene.known.is(ledger);
                Ok(())
            }
            Ok(written) => Err(Stop::Outdone(written)),
            Err(source) => Err(Stop::Failed(Failure::Record { source })),
        }
    }
}
