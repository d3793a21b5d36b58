//! The window's executable: wiring only.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match husting_desktop::run() {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        Err(error) => {
            eprintln!("husting-desktop: {error}");
            ExitCode::FAILURE
        }
    }
}
