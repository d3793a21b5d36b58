//! The real `husting` from outside: its arguments, exit codes, sockets, files and system calls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

mod agents_cli;
mod aimock;
mod attacks;
mod backups;
mod bus;
mod bus_attacks;
mod bus_kill;
mod bus_limits;
mod channel;
mod clients_log;
mod commands;
mod deliberate_offline;
mod deliberators;
mod discord_app;
mod discord_bus;
mod discord_check_live;
mod discord_cli;
mod discord_deliberate;
mod discord_desk;
mod discord_kill;
mod discord_path;
mod discord_scene;
mod discord_twin;
mod discord_words;
mod disk;
mod doctor;
mod erasing;
mod faults_cli;
mod finding;
mod follow;
mod following;
mod held;
mod idempotency;
mod in_flight;
mod keyed;
mod kill;
mod limit;
mod lines;
mod mint;
mod models;
mod mute;
mod outside;
mod parked;
mod priced;
mod progress;
mod provider_sandbox;
mod recaps;
mod reference;
mod rest;
mod revocation;
mod runs;
mod secrets;
mod seed_curl;
mod serve;
mod sessions;
mod sse;
mod store;
mod tampering;
mod tenanted;
mod trace;
mod typed;
mod usage;
mod wire;
