//! Fuzzes `fuzz_targets::share_acceptance_properties`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::share_acceptance_properties(input));
