//! Fuzzes `fuzz_targets::rescue_message`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::rescue_message(input));
