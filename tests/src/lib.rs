//! Tests of the whole house: its architecture, and its binaries from outside. What is here starts
//! the real `husting` on data folders of its own, beside providers that are not there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

pub mod agent;
pub mod bridge;
pub mod events;
pub mod home;
pub mod instance;
pub mod panel;
pub mod patience;
pub mod program;
pub mod search;
pub mod syscalls;
pub mod tools;
