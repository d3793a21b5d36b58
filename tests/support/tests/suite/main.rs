//! What really goes over the socket: each fault and each option, on both wires, byte by byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the lint knows test functions but not what they share"
)]

mod debate;
mod faults;
mod golden;
mod options;
mod process;
mod raw;
mod script;
mod strictness;
