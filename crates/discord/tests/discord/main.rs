//! The two ends that speak to Discord, over real sockets with the fake Discord.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the lint knows test functions but not what they share"
)]

mod agents;
mod asking;
mod barred;
mod bridged;
mod burst;
mod catching_up;
mod collecting;
mod commands;
mod content;
mod edge;
mod gateway;
mod hour;
mod limits;
mod listener;
mod marks;
mod names;
mod panels;
mod pausing;
mod posting;
mod quick_clock;
mod refusals;
mod restarts;
mod scene;
mod standing;
mod stopping;
mod stumbles;
mod test_bus;
mod test_panels;
mod whole;
mod whole_replies;
mod withdrawals;
