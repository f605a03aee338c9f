//! Whether the whole product of the matrices is to be run: `make torture` sets TORTURE=1.

#[expect(clippy::disallowed_methods, reason = "the one reader of the tests' environment")]
pub fn whole() -> bool {
    std::env::var_os("TORTURE").is_some_and(|value| value == "1")
}
