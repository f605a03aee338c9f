//! Whether the whole product of the matrices is to be run: `make torture` sets TORTURE=1.

use std::ffi::OsStr;

/// # Panics
/// TORTURE is set to anything but 1: who misspells it would take a sample for the whole.
#[expect(clippy::disallowed_methods, reason = "the one place of the tests that reads the environment")]
pub fn whole() -> bool {
    let set = std::env::var_os("TORTURE");
    is_whole(set.as_deref()).unwrap_or_else(|| panic!("TORTURE is 1 or not set, and not {set:?}"))
}

fn is_whole(set: Option<&OsStr>) -> Option<bool> {
    match set {
        None => Some(false),
        Some(value) => (value == "1").then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torture_is_one_or_not_set() {
        assert_eq!((is_whole(Some(OsStr::new("1"))), is_whole(None)), (Some(true), Some(false)));
        for wrong in ["", "0", "2", "11", " 1", "true", "yes"] {
            assert_eq!(is_whole(Some(OsStr::new(wrong))), None, "{wrong:?}");
        }
    }
}
