//! Files handed to the person: always a new one in the downloads folder, so that a page can
//! neither choose another place nor overwrite anything.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use husting_wire::errors::{Error, ErrorCode};
use tauri::{AppHandle, Manager};

/// How many files of one name are told apart by a number before we give up.
const SAME_NAME: u32 = 1_000;

/// Keeps `text` as a new file called `name`, or `name (2)` and so on; gives its path.
#[tauri::command]
pub(crate) async fn save_file(
    app: AppHandle,
    name: String,
    text: String,
) -> Result<PathBuf, Error> {
    let folder = app
        .path()
        .download_dir()
        .or_else(|_| app.path().home_dir())
        .map_err(no_folder)?;
    let kept = tauri::async_runtime::spawn_blocking(move || keep(&folder, &name, &text)).await;
    match kept {
        Ok(kept) => kept.map_err(not_kept),
        Err(stopped) => Err(not_kept(stopped)),
    }
}

fn keep(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let name = Path::new(name)
        .file_name()
        .map(Path::new)
        .ok_or(io::ErrorKind::InvalidFilename)?;
    for number in 1..=SAME_NAME {
        let path = folder.join(numbered(name, number));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// `map.md`, then `map (2).md`.
fn numbered(name: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return name.to_owned();
    }
    let stem = name.file_stem().unwrap_or_default().to_string_lossy();
    let extension = name
        .extension()
        .map(|found| format!(".{}", found.to_string_lossy()));
    PathBuf::from(format!(
        "{stem} ({number}){}",
        extension.unwrap_or_default()
    ))
}

fn no_folder(error: tauri::Error) -> Error {
    tracing::warn!(%error, "no downloads folder");
    Error::new(
        ErrorCode::Internal,
        "There is neither a downloads folder nor a home folder here.",
    )
}

fn not_kept(error: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::Internal,
        format!("The file could not be written: {error}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_a_name_leaves_the_first_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = keep(folder.path(), "map.md", "one").unwrap();
        let second = keep(folder.path(), "map.md", "two").unwrap();
        assert_eq!(first, folder.path().join("map.md"));
        assert_eq!(second, folder.path().join("map (2).md"));
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(second).unwrap(), "two");
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("downloads");
        assert_eq!(
            keep(&inside, "../../map.md", "").unwrap(),
            inside.join("map.md")
        );
        assert_eq!(
            keep(&inside, "/etc/hosts", "").unwrap(),
            inside.join("hosts")
        );
        for nameless in ["", "..", "/"] {
            assert!(keep(&inside, nameless, "").is_err(), "{nameless:?}");
        }
    }
}
