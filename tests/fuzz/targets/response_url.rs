//! Fuzzes `fuzz_targets::response_url`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::response_url(input));
