//! The wire: who calls, which operation of which service, and how answers look in each protocol.

mod answer;
mod caller;
mod protocol;

pub use answer::{answer, error, failure, malformed};
pub use caller::{Caller, Credential, NoCaller, is_account, partition_of};
pub use protocol::{Input, Refused, Request, Service, read};
