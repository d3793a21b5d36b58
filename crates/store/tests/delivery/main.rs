//! Random schedules of everything that can happen to mail, against a model of a list for each mailbox.
//!
//! The model knows no table: it keeps messages as plain values by the rules of the specification.
//! After every step the store tells the same of every message it may have touched, of what is unread
//! and of the next lease's end; a fetch gives, and a sweep takes back, what the model says. One mailbox is all but
//! full from the start. At the end the audit log of the schedule proves whole.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

mod model;
mod step;
mod world;

use std::hash::{BuildHasher, RandomState};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use step::{Seen, step};
use world::{Beginning, World};

const SCHEDULES: u32 = 12;
const STEPS: usize = 260;

thread_local! {
    static SEEN: std::cell::RefCell<Seen> = std::cell::RefCell::default();
}

#[test]
fn mail_goes_by_the_rules_whatever_happens() {
    let seed = std::env::var("HUSTING_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("HUSTING_TEST_SEED={seed}");
    let config = ProptestConfig {
        cases: SCHEDULES,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let beginning = runtime.block_on(Beginning::new());
    let schedules = prop::collection::vec(step(), STEPS);
    let outcome = TestRunner::new(config).run(&schedules, |steps| {
        // A panic inside is the failure that gets shrunk.
        let seen = runtime.block_on(World::run(&beginning, &steps));
        SEEN.with_borrow_mut(|all| all.add(&seen));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("HUSTING_TEST_SEED={seed}: {failure}");
    }
    SEEN.with_borrow(Seen::assert_everything_happened);
}
