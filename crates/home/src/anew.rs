//! The program that runs here, begun anew.

use std::io;

/// Runs the same program with the same arguments, and `variables` beside the environment, in this process, so
/// that whoever started it goes on to watch over it. Returns where the system refuses, with what it says.
#[cfg(unix)]
#[must_use]
pub fn begin_anew(variables: &[(&str, &str)]) -> io::Error {
    use std::os::unix::process::CommandExt;

    match std::env::current_exe() {
        Ok(program) => std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .envs(variables.iter().copied())
            .exec(),
        Err(fault) => fault,
    }
}

/// Returns at once: this system has no such step.
#[cfg(not(unix))]
#[must_use]
pub fn begin_anew(_: &[(&str, &str)]) -> io::Error {
    io::ErrorKind::Unsupported.into()
}
