//! Whether the library is there that draws the tray's icon. Where it is not, building the icon
//! would end the program.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// By the names under which it is loaded.
const NAMES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];

/// Every library that the loader knows, by its path (ld.so(8)).
const KNOWN: &str = "/etc/ld.so.cache";

/// Where the loader looks without being told.
const ALWAYS: [&str; 4] = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Whether one of its names can be loaded.
pub(crate) fn is_there() -> bool {
    let told = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&told)
        .chain(ALWAYS.map(PathBuf::from))
        .collect();
    // A system without the file has the folders.
    let known = std::fs::read(KNOWN).unwrap_or_default();
    NAMES
        .iter()
        .any(|name| is_known(&known, name) || is_in(&folders, name))
}

fn is_in(folders: &[PathBuf], name: &str) -> bool {
    folders.iter().any(|folder| folder.join(name).is_file())
}

/// The file holds paths with a zero behind each.
fn is_known(cache: &[u8], name: &str) -> bool {
    let ending = format!("/{name}");
    cache
        .split(|byte| *byte == 0)
        .filter(|text| text.ends_with(ending.as_bytes()))
        .any(|path| Path::new(OsStr::from_bytes(path)).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_counts_where_its_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let file = folder.path().join(NAMES[0]);
        let cache = format!("glibc-ld.so.cache\0{}\0{}\0", NAMES[0], file.display());
        assert!(!is_in(&folders, NAMES[0]));
        assert!(!is_known(cache.as_bytes(), NAMES[0]), "listed, but gone");
        std::fs::write(&file, "").unwrap();
        assert!(is_in(&folders, NAMES[0]));
        assert!(is_known(cache.as_bytes(), NAMES[0]));
        assert!(!is_known(cache.as_bytes(), NAMES[1]));
    }
}
