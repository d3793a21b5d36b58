//! Who works on the data folder: the process that locked it, and the line that started it.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::folder::Home;

/// A process that has the folder for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// Its program and arguments; empty where the system does not tell them. They hold what a
    /// person wrote: say the command, never the rest.
    pub line: Vec<String>,
}

impl Home {
    /// The process that works on the folder now, if one does and has signed its lock.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        let path = self.lock_file();
        let file = File::open(&path).ok()?;
        let Err(TryLockError::WouldBlock) = file.try_lock_shared() else {
            return None;
        };
        let pid = std::fs::read_to_string(&path).ok()?.trim().parse().ok()?;
        Some(Holder {
            pid,
            line: line_of(pid),
        })
    }
}

/// The arguments of a process, from <https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html>.
fn line_of(pid: u32) -> Vec<String> {
    let file = Path::new("/proc").join(pid.to_string()).join("cmdline");
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_while_its_lock_is() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        assert_eq!(home.holder(), None, "nobody was ever here");
        std::fs::write(home.lock_file(), format!("{}\n", std::process::id())).unwrap();
        assert_eq!(home.holder(), None, "who was here has gone");
        let lock = File::open(home.lock_file()).unwrap();
        lock.try_lock().unwrap();
        let holder = home.holder().unwrap();
        assert_eq!(holder.pid, std::process::id());
        if cfg!(target_os = "linux") {
            assert_eq!(holder.line, std::env::args().collect::<Vec<_>>());
        }
        drop(lock);
        assert_eq!(home.holder(), None);
    }
}
