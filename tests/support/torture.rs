//! Whether the whole product of the matrices is to be run: `make torture` sets TORTURE=1.

#[expect(clippy::disallowed_methods, reason = "the one place of the tests that reads the environment")]
pub fn whole() -> bool {
    std::env::var_os("TORTURE").is_some_and(|value| value == "1")
}
