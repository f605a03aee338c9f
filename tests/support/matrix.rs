//! The fault matrix: every call of every flow, in every delivery, meets every fault for every duration.
//!
//! - [`flow`] says what a flow is; [`shares`], [`meetings`], [`refusals`], [`links`] and [`acceptances`] are the flows.
//! - [`run`] plays one flow under a strict CloudFormation, with a fault or without; [`judge`] says what is wrong with how
//!   it ended, [`stays`] what a Reason must name, [`warned`] what a warning accounts for; [`cases`] makes the product,
//!   plays it and tells; [`answers`] does so for answers on their way.
//! - [`function`] starts a process in trouble for each invocation.

pub mod acceptances;
pub mod answers;
pub mod cases;
pub mod flow;
pub mod function;
pub mod judge;
pub mod links;
pub mod meetings;
pub mod refusals;
pub mod run;
pub mod shares;
pub mod stays;
pub mod warned;
