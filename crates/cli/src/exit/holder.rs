//! Whoever works on the data folder, in words.

use std::path::Path;

use husting_home::Holder;

use crate::arguments::command;

/// What its file is called where it is the window.
const WINDOW: &str = "husting-desktop";

/// Who holds the folder, and what to do about it.
pub fn at_work(holder: &Holder) -> String {
    let (name, pid) = (command_of(holder), holder.pid);
    let way_out = if runs_until_ended(holder) {
        "`husting console link` opens its console; end it before another takes the folder"
    } else {
        "wait, or run `husting serve`, through which commands work side by side"
    };
    format!("{name}, process {pid}, is at work on this folder; {way_out}")
}

/// Who works on the folder and answers nobody, and what to do about it. What hangs, or was stopped, heeds no wish to end.
pub fn silent(holder: &Holder) -> String {
    let (name, pid) = (command_of(holder), holder.pid);
    format!(
        "{name}, process {pid}, works on this folder and does not answer: it hangs, was stopped, or is just beginning; try \
         again in a moment, or end it with `kill -9 {pid}` and start it anew, which loses nothing that is on disk"
    )
}

/// `husting deliberate`: the command alone, of all that its line says.
pub fn command_of(holder: &Holder) -> String {
    if is_window(holder) {
        return "the window of husting".to_owned();
    }
    subcommand(holder).map_or_else(|| "husting".to_owned(), |name| format!("husting {name}"))
}

/// Commands end by themselves; these do not.
fn runs_until_ended(holder: &Holder) -> bool {
    is_window(holder) || subcommand(holder).is_some_and(|name| name == "serve")
}

fn is_window(holder: &Holder) -> bool {
    let program = holder.line.first().map(Path::new);
    program.and_then(Path::file_name) == Some(WINDOW.as_ref())
}

fn subcommand(holder: &Holder) -> Option<String> {
    let matches = command().try_get_matches_from(&holder.line).ok()?;
    matches.subcommand_name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_by_its_name_wherever_flags_stand() {
        let table = [
            (
                "husting deliberate Why?",
                "husting deliberate",
                "run `husting serve`",
            ),
            (
                "/usr/bin/husting --home wallet --json session list",
                "husting session",
                "run `husting serve`",
            ),
            ("husting --home d serve", "husting serve", "end it before"),
            (
                "/opt/husting-desktop",
                "the window of husting",
                "end it before",
            ),
            ("something else", "husting", "wait"),
            ("", "husting", "wait"),
        ];
        for (line, name, way_out) in table {
            let line = line.split_whitespace().map(str::to_owned).collect();
            let holder = Holder { pid: 7, line };
            let said = at_work(&holder);
            assert!(
                said.starts_with(&format!("{name}, process 7, is at work")),
                "{said}"
            );
            assert!(said.contains(way_out), "{said}");
        }
    }
}
