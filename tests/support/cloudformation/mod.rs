//! A strict CloudFormation: it plays the service against the handler in this process, on virtual time, or against the
//! real binary, and does what no emulator does.
//!
//! Source: AWS CloudFormation user guide (custom resources, request and response objects, ServiceTimeout, stack failure
//! options, continuing to roll back an update, StackSets concepts); the protocol facts 1.1 to 1.8, which say what is
//! from AWS's pages and what from users' reports.
//!
//! - [`template`], [`request`] and [`response`] are pure: what is asked, how it is written, which answers are taken.
//! - [`order`] runs resources in the order of their dependencies, as many at once as can be.
//! - [`service`] sends one request and waits for its answer; [`create`], [`update`], [`rollback`] and [`delete`] are
//!   stack operations; [`stack_set`] runs stacks in many accounts.
//! - [`lambda`] delivers events asynchronously, again after errors, and to the failure destination at last; [`messages`]
//!   is a queue that invokes a function; [`function`] is what runs an invocation.

pub mod binary;
pub mod create;
pub mod delete;
pub mod function;
pub mod lambda;
pub mod messages;
pub mod order;
pub mod request;
pub mod response;
pub mod rollback;
pub mod scripted;
pub mod service;
pub mod stack;
pub mod stack_set;
pub mod template;
pub mod update;
