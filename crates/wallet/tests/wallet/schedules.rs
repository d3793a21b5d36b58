//! Random schedules of everything that can happen to a wallet, against a model of three numbers.
//!
//! The model knows no ledger: it keeps the buckets as plain integers by the rules of the
//! specification. After every step the wallet's buckets are the model's, the ledger proves
//! sound, and what the buckets lost to rounds is the sum of their debits.

mod model;
mod outcome;
mod proofs;
mod step;
mod world;

use std::hash::{BuildHasher, RandomState};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use outcome::Outcome;
use step::step;
use world::World;

const SCHEDULES: u32 = 2_400;
const FEWEST_STEPS: usize = 8;

#[test]
fn no_schedule_loses_or_invents_a_micro_dollar() {
    let seed = std::env::var("HUSTING_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("HUSTING_TEST_SEED={seed}");
    let config = ProptestConfig {
        cases: SCHEDULES,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let schedules = prop::collection::vec(step(), FEWEST_STEPS..40);
    let mut seen = Outcome::default();
    let outcome = TestRunner::new(config).run(&schedules, |steps| {
        // Steps are applied to one world; a panic inside is the failure that gets shrunk.
        let ended = World::new().run(&steps);
        SEEN.with_borrow_mut(|seen| seen.add(&ended));
        Ok(())
    });
    SEEN.with_borrow(|all| seen.add(all));
    println!("{seen:?}");
    if let Err(failure) = outcome {
        panic!("HUSTING_TEST_SEED={seed}: {failure}");
    }
    seen.assert_everything_happened();
}

thread_local! {
    static SEEN: std::cell::RefCell<Outcome> = std::cell::RefCell::default();
}
