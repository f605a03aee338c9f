//! How the laws, that is the tests over made-up cases, are run: with the same cases in every run, and as many of them as
//! `PROPTEST_CASES` asks for. Proptest reads that and `PROPTEST_RNG_SEED` from the environment itself.

use proptest::test_runner::{Config, RngSeed};

/// Proptest's own number of cases, for which `PROPTEST_CASES` stands where it is set.
const USUAL: u32 = 256;

/// Runs a law on `cases` cases where `PROPTEST_CASES` is 256 or not set, and on as many times more as it is larger.
pub(crate) fn config(cases: u32) -> Config {
    let asked = Config::default();
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_125),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let cases = (cases.saturating_mul(asked.cases) / USUAL).max(1);
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..asked }
}
