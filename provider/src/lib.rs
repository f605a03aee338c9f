//! The provider as a library.

pub mod protocol;
pub mod record;
