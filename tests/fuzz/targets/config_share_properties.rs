//! Fuzzes `fuzz_targets::config_share_properties`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::config_share_properties(input));
