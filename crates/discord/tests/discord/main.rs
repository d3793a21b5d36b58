//! The two ends that speak to Discord, over real sockets with the fake Discord.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the lint knows test functions but not what they share"
)]

mod content;
mod gateway;
mod limits;
mod listener;
mod posting;
mod quick_clock;
mod refusals;
mod restarts;
mod scene;
