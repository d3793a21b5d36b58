//! Texts from files and standard input, within a size.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// The largest text that Husting takes, in bytes: a reference.
const MOST: u64 = 4 * 1024 * 1024;

/// The text of a file that has some; `-` is standard input.
///
/// # Errors
/// As [`text_of`], and wrong usage where nothing is written in it.
pub fn document(path: &Path) -> Result<String, Failure> {
    let text = text_of(path)?;
    if text.trim().is_empty() {
        return Err(Failure::Usage(format!("{} is empty", name_of(path))));
    }
    Ok(text)
}

/// The text of a file; `-` is standard input.
///
/// # Errors
/// When it cannot be read, and wrong usage where it is too large or no text.
pub fn text_of(path: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File {
        path: path.to_owned(),
        doing: "read",
        source,
    };
    let bytes = if path == Path::new("-") {
        beginning_of(io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(beginning_of)
    };
    let bytes = bytes.map_err(failed)?;
    if bytes.len() as u64 > MOST {
        let most = MOST / (1024 * 1024);
        let refusal = format!("{} is larger than {most} MiB", name_of(path));
        return Err(Failure::Usage(refusal));
    }
    String::from_utf8(bytes).map_err(|fault| Failure::Usage(no_text(path, fault.as_bytes())))
}

/// Writes a text to a file that does not exist yet, for its owner alone.
///
/// # Errors
/// When it exists, or cannot be written.
pub fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Failure::Exists(path.to_owned()),
        _ => Failure::File {
            path: path.to_owned(),
            doing: "written",
            source,
        },
    })
}

/// Where another process will write a new file, which works in another folder than we do.
///
/// # Errors
/// When the file is there already, or its folder is not.
pub fn new_place(file: &Path) -> Result<PathBuf, Failure> {
    let failed = |source| Failure::File {
        path: file.to_owned(),
        doing: "written",
        source,
    };
    let path = std::path::absolute(file).map_err(failed)?;
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Exists(path));
    }
    match path.parent() {
        Some(folder) if !folder.is_dir() => Err(failed(io::ErrorKind::NotFound.into())),
        _ => Ok(path),
    }
}

/// One byte more than is taken, at the most: enough to see that it is too much.
fn beginning_of(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Pictures and the like have zeros in them, texts of older encodings have none.
fn no_text(path: &Path, bytes: &[u8]) -> String {
    let name = name_of(path);
    if bytes.contains(&0) {
        return format!("{name} is no text; Husting reads text in UTF-8");
    }
    format!(
        "{name} is no text in UTF-8; `iconv -f LATIN1 -t UTF-8 {}` makes it one where it is Latin-1",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn refused(bytes: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let refused = document(file.path()).unwrap_err();
        assert_eq!(refused.exit(), Exit::Usage);
        let name = file.path().display().to_string();
        refused.to_string().replace(&name, "FILE")
    }

    #[test]
    fn what_is_no_document_is_refused_with_what_to_do() {
        let most = vec![b'a'; usize::try_from(MOST).unwrap()];
        for (bytes, said) in [
            (&b""[..], "FILE is empty"),
            (b" \n\t\n", "FILE is empty"),
            (&[&most[..], b"a"].concat(), "FILE is larger than 4 MiB"),
            (
                b"na\xefve",
                "FILE is no text in UTF-8; `iconv -f LATIN1 -t UTF-8 FILE` makes it one where it is Latin-1",
            ),
            (b"\x89PNG\0", "FILE is no text; Husting reads text in UTF-8"),
        ] {
            assert_eq!(refused(bytes), said);
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &most).unwrap();
        assert_eq!(document(file.path()).unwrap().len(), most.len());
    }
}
