//! The desktop entry of a start at login (freedesktop.org, *Desktop Application Autostart*). The plugin writes
//! one that says neither what happens once the program is gone nor where a path with spaces ends.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tauri::{AppHandle, Manager};

use crate::arguments::HIDDEN;

/// Where the plugin writes it.
pub(super) fn path(app: &AppHandle) -> tauri::Result<PathBuf> {
    let name = format!("{}.desktop", app.package_info().name);
    Ok(app.path().home_dir()?.join(".config/autostart").join(name))
}

/// Writes the entry anew for the program that it starts. A desktop passes over an entry whose `TryExec` is
/// not there, and says nothing: so a package that was removed leaves nothing that fails.
pub(super) fn complete(path: &Path) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let program = program(&text).ok_or_else(|| {
        let words = format!("{} starts no program", path.display());
        io::Error::new(io::ErrorKind::InvalidData, words)
    })?;
    fs::write(path, entry(program))
}

fn program(text: &str) -> Option<&str> {
    let command = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
    command.trim_end().strip_suffix(HIDDEN).map(str::trim_end)
}

fn entry(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Husting\nComment=Goes on with your agents behind the tray’s icon\n\
         TryExec={}\nExec={} {HIDDEN}\nIcon=husting-desktop\nStartupNotify=false\nTerminal=false\n",
        value(program),
        value(&argument(program)),
    )
}

/// One argument of a command: quoted where a word would end or mean something.
fn argument(word: &str) -> String {
    let word = word.replace('%', "%%");
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+,:@%".contains(letter);
    if word.chars().all(is_plain) {
        return word;
    }
    let mut quoted = String::from('"');
    for letter in word.chars() {
        if matches!(letter, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// The value of a key, in which a backslash begins an escape.
fn value(text: &str) -> String {
    text.replace('\\', r"\\")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::installed("/usr/bin/husting-desktop", "/usr/bin/husting-desktop")]
    #[case::spaces("/opt/my apps/husting", r#""/opt/my apps/husting""#)]
    #[case::field_code("/opt/50%/husting", "/opt/50%%/husting")]
    #[case::meaning(r#"/opt/$a"b\c"#, r#""/opt/\\$a\\"b\\\\c""#)]
    fn an_entry_starts_the_program_while_it_is_there(#[case] program: &str, #[case] word: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Husting.desktop");
        fs::write(&path, format!("[Desktop Entry]\nExec={program} --hidden\n")).unwrap();
        complete(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let try_exec = format!("TryExec={}", program.replace('\\', r"\\"));
        assert!(lines.contains(&try_exec.as_str()), "{text}");
        assert!(
            lines.contains(&format!("Exec={word} --hidden").as_str()),
            "{text}"
        );
    }

    #[test]
    fn an_entry_without_a_program_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Husting.desktop");
        fs::write(&path, "[Desktop Entry]\n").unwrap();
        let fault = complete(&path).unwrap_err();
        assert!(fault.to_string().ends_with("starts no program"), "{fault}");
    }
}
