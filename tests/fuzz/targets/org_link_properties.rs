//! Fuzzes `fuzz_targets::org_link_properties`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::org_link_properties(input));
