//! Fuzzes `fuzz_targets::wait_message`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::wait_message(input));
