//! The fake Discord over real sockets: the gateway as a library sees it that nobody here wrote, and as
//! raw frames; the REST API as plain JSON.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the lint knows test functions but not what they share"
)]

mod client;
mod commands;
mod events;
mod faults;
mod files;
mod gateway;
mod interactions;
mod library;
mod limits;
mod messages;
mod permissions;
mod process;
mod threads;
mod webhooks;
