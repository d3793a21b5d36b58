//! Recaps: what their writers are sent, and what is made of whatever they write.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod briefing;
mod reading;
mod rounds;
