//! The use cases as a door calls them: a console on a data folder on disk, providers on real
//! sockets, every request and answer through its JSON. What a test needs is set up by commands.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod agents;
mod attacks;
mod audit;
mod buckets;
mod bus;
mod contract;
mod credit;
mod desk;
mod doctor;
mod estimates;
mod failures;
mod fragile;
mod interleavings;
mod keys;
mod leftovers;
mod managed;
mod models;
mod months;
mod panel;
mod parrot;
mod partial;
mod prompts;
mod providers;
mod recaps;
mod records;
mod recovery;
mod refunds;
mod refusals;
mod rehearsal;
mod requests;
mod retention;
mod retries;
mod rounds;
mod sessions;
mod steering;
mod stops;
mod store_faults;
mod watching;
