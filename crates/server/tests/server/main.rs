//! The server from outside, over real sockets, with a stand-in for the program behind it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod contract;
mod doors;
mod events;
mod fixture;
mod login;
mod misfits;
mod nobody;
mod pages;
mod rpc;
mod shutdown;
mod stand_in;
