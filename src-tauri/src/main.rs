//! The window's executable: wiring only.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match husting_desktop::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("husting-desktop: {error}");
            ExitCode::FAILURE
        }
    }
}
