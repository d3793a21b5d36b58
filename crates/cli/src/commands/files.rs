//! Texts from files and standard input, within a size.

use std::io::{self, Read};
use std::path::Path;

use crate::exit::Failure;

/// More than the largest text that Husting takes.
const MOST: u64 = 5 * 1024 * 1024;

/// The text of a file; `-` is standard input.
pub fn text_of(path: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File {
        path: path.to_owned(),
        doing: "read",
        source,
    };
    let bytes = if path == Path::new("-") {
        all_of(io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(all_of)
    };
    let bytes = bytes.map_err(failed)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::Usage(format!("{} is no text in UTF-8", path.display())))
}

fn all_of(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(format!(
            "it is larger than {} MiB",
            MOST / (1024 * 1024)
        )));
    }
    Ok(bytes)
}
