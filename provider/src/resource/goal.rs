//! Who is asked, and for what.

use crate::domain::Home;
use crate::protocol::{RequestType, StackId};
use std::collections::BTreeSet;
use std::time::SystemTime;

/// The resource that a request is about, without its properties and without the response URL.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The whole ARN of the stack.
    pub stack_id: String,
    /// Its name in the template.
    pub logical_id: String,
    /// The request.
    pub request_id: String,
    /// Create, Update or Delete.
    pub request_type: RequestType,
    /// What CloudFormation knows it by; never there on Create.
    pub physical_id: Option<String>,
    /// Where the provider acts.
    pub home: Home,
    /// The time of day when the request came.
    pub now: SystemTime,
}

impl Subject {
    /// The stack's ARN taken apart; there for every request that was let in.
    pub fn stack(&self) -> Option<StackId> {
        self.stack_id.parse().ok()
    }
}

/// What is wanted.
#[derive(Clone, Debug)]
pub enum Goal<D> {
    /// That it is as the properties say.
    Present {
        /// What they say.
        desired: D,
        /// A rollback, or something like it, to properties that were in force before: what can no longer be had is
        /// left out with a warning.
        is_return: bool,
        /// At a look of a request that waits: what may still be written for, as ids that the type itself gave out when
        /// it handed over. `None`: all; the plan has not been carried out.
        outstanding: Option<BTreeSet<String>>,
    },
    /// That nothing of it is left.
    Absent(Which),
}

/// Which of the things on record are to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// What this physical id names.
    PhysicalId(String),
    /// What this request made, for a `none` id or one that CloudFormation invented.
    Request(String),
    /// What this request began and never answered SUCCESS: a failed or overtaken request takes back its own.
    Unanswered(String),
    /// What was begun after that which this physical id names: by the later ones of `requests`, oldest first.
    After {
        /// The id that is in force.
        physical_id: String,
        /// All requests that ran.
        requests: Vec<String>,
        /// The request that cleans up.
        except: String,
    },
    /// What requests other than this one left unanswered: a crash or a lost race.
    Leftovers {
        /// The request that cleans up.
        except: String,
    },
}
