//! The program that runs here, begun anew.

use std::ffi::OsStr;
use std::io;
#[cfg(unix)]
use std::{ffi::OsString, path::PathBuf};

/// Runs the same program with these arguments, and `variables` beside the environment, in this process, so
/// that whoever started it goes on to watch over it. Returns where the system refuses, with what it says.
#[cfg(unix)]
#[must_use]
pub fn begin_anew<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> io::Error {
    use std::os::unix::process::CommandExt;

    let (named, invoked) = (std::env::current_exe(), std::env::args_os().next());
    match program(named, invoked) {
        Ok(program) => std::process::Command::new(program).args(arguments).exec(),
        Err(fault) => fault,
    }
}

/// Returns at once: this system has no such step.
#[cfg(not(unix))]
#[must_use]
pub fn begin_anew<A: AsRef<OsStr>>(_: impl IntoIterator<Item = A>) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// The program's file as the system names it; where an upgrade has put another one in its place, that. Linux says
/// so behind the name (<https://man7.org/linux/man-pages/man5/proc_pid_exe.5.html>). Where neither is there, what
/// the program was started as.
#[cfg(unix)]
fn program(named: io::Result<PathBuf>, invoked: Option<OsString>) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    const REPLACED: &[u8] = b" (deleted)";
    let named = match named {
        Ok(named) if named.exists() => return Ok(named),
        named => named,
    };
    let before = named.as_ref().ok().and_then(|named| {
        let before = named.as_os_str().as_bytes().strip_suffix(REPLACED)?;
        Some(PathBuf::from(OsStr::from_bytes(before)))
    });
    let in_its_place = before.filter(|path| path.exists());
    in_its_place
        .or_else(|| invoked.map(PathBuf::from))
        .map_or(named, Ok)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_while_it_ran_is_followed_by_the_one_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let of = |named: PathBuf| program(Ok(named), Some("husting".into())).unwrap();
        std::fs::write(at("here"), "").unwrap();
        assert_eq!(of(at("here")), at("here"));
        assert_eq!(of(at("here (deleted)")), at("here"), "it was upgraded");
        std::fs::write(at("here (deleted)"), "").unwrap();
        assert_eq!(
            of(at("here (deleted)")),
            at("here (deleted)"),
            "it is called so"
        );
        assert_eq!(
            of(at("gone (deleted)")),
            PathBuf::from("husting"),
            "it was moved, and is looked for as it was started"
        );
    }

    #[test]
    fn what_the_system_says_is_told_where_nothing_else_is_known() {
        let refused = || Err(io::ErrorKind::PermissionDenied.into());
        assert_eq!(
            program(refused(), None).unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        let started_as = program(refused(), Some("./husting".into())).unwrap();
        assert_eq!(started_as, PathBuf::from("./husting"));
    }
}
