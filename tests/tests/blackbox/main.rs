//! The real `husting` from outside: its arguments, exit codes, sockets, files and system calls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

mod aimock;
mod commands;
mod deliberate_offline;
mod faults_cli;
mod following;
mod kill;
mod priced;
mod secrets;
mod serve;
mod store;
mod trace;
