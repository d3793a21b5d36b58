//! The processes of this machine, as `/proc` shows them. Elsewhere than on Linux nothing is seen.

/// One process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    /// In ticks since the machine started: with the pid it names a process once.
    pub(crate) started: u64,
    /// Not a zombie, which only waits for its parent.
    pub(crate) lives: bool,
}

/// The process `pid`, a zombie too.
pub(crate) fn process(pid: i32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse(pid, &stat)
}

/// All that can be seen. What ends while they are read is left out.
pub(crate) fn processes() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(process)
        .collect()
}

/// Fields by proc(5). The second one is the program's name in parentheses, which may itself hold
/// spaces and parentheses, so the others are counted from its end.
fn parse(pid: i32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<i32>().ok();
    Some(Process {
        pid,
        lives: !matches!(*fields.first()?, "Z" | "X" | "x"),
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_whose_name_looks_like_fields_is_read_right() {
        let rest = "S 3 4 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 9";
        let read = parse(9, &format!("9 (a) Z 1 1 1) {rest}")).unwrap();
        let expected = Process {
            pid: 9,
            parent: 3,
            group: 4,
            session: 5,
            started: 777,
            lives: true,
        };
        assert_eq!(read, expected);
        assert_eq!(parse(9, "9 (a) S 3"), None);
        assert_eq!(parse(9, ""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_seen() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(
            processes()
                .iter()
                .any(|found| found.pid == own && found.lives)
        );
    }
}
