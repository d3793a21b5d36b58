//! Who holds a port: a person who is refused one should be told by whom.

/// A process that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// Its name, as the system lists it.
    pub name: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} ({})", self.pid, self.name)
    }
}

/// The process that listens on a TCP port of this machine, where the system lets us see it:
/// on Linux, among this user's own processes.
#[must_use]
pub fn holder_of(port: u16) -> Option<Holder> {
    #[cfg(target_os = "linux")]
    return linux::holder_of(port);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = port;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::Holder;

    /// The state of a listening socket in `/proc/net/tcp` (proc(5), `tcp_states.h`).
    const LISTEN: &str = "0A";

    pub(super) fn holder_of(port: u16) -> Option<Holder> {
        let sockets: HashSet<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .flat_map(|table| listening(&table, port))
            .collect();
        let processes = fs::read_dir("/proc").ok()?.flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .find(|pid| holds_one_of(*pid, &sockets))
            .map(|pid| Holder {
                pid,
                name: name(pid),
            })
    }

    /// Links as `/proc/<pid>/fd` shows them, of the sockets that listen on the port.
    fn listening(table: &str, port: u16) -> Vec<String> {
        let local_end = format!(":{port:04X}");
        let link = |line: &str| {
            let columns: Vec<_> = line.split_whitespace().collect();
            let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
            (local.ends_with(&local_end) && *state == LISTEN).then(|| format!("socket:[{inode}]"))
        };
        table.lines().skip(1).filter_map(link).collect()
    }

    fn holds_one_of(pid: u32, sockets: &HashSet<String>) -> bool {
        let Ok(files) = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")) else {
            return false;
        };
        files.flatten().any(|file| {
            fs::read_link(file.path()).is_ok_and(|target| {
                target
                    .to_str()
                    .is_some_and(|target| sockets.contains(target))
            })
        })
    }

    fn name(pid: u32) -> String {
        fs::read_to_string(format!("/proc/{pid}/comm"))
            .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
    }

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn a_port_of_our_own_is_ours() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let holder = holder_of(listener.local_addr().unwrap().port()).unwrap();
            assert_eq!(holder.pid, std::process::id());
        }

        #[test]
        fn a_port_nobody_listens_on_has_no_holder() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(listener);
            assert_eq!(holder_of(port), None);
        }
    }
}
