//! What holds for any bytes that come in from outside, as one function a target.
//!
//! `make fuzz` lets libFuzzer look for bytes that break one (`targets/`), and `make test` replays those in `corpus/`. A
//! function panics where its law is broken and says nothing otherwise; each takes everything anew, so that one input
//! does the same each time.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a broken law ends the process: that is how libFuzzer hears of it"
)]

mod answers;
mod cloud_requests;
mod event;
mod function;
mod messages;
mod names;
mod properties;
mod regions;
mod response_url;
mod scene;

pub use cloud_requests::cloud_requests;
pub use event::event;
pub use messages::{rescue_message, wait_message};
pub use names::names;
pub use properties::{config_share_properties, org_link_properties, share_acceptance_properties};
pub use response_url::response_url;

/// A function that is fuzzed, by the name of its binary and of its folder in `corpus/`.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// `event`.
    pub name: &'static str,
    /// Panics where the law is broken.
    pub run: fn(&[u8]),
}

macro_rules! targets {
    ($($name:ident,)*) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: $name }),*];
    };
}

targets! {
    cloud_requests,
    config_share_properties,
    event,
    names,
    org_link_properties,
    rescue_message,
    response_url,
    share_acceptance_properties,
    wait_message,
}
