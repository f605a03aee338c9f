//! Fuzzes `fuzz_targets::cloud_requests`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::cloud_requests(input));
