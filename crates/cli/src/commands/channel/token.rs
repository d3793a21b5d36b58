//! The agent's token, from where nobody else can read it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use crate::exit::Failure;

/// Holds the token where no file is named.
const VARIABLE: &str = "HUSTING_AGENT_TOKEN";
/// What an agent's token begins with.
const PREFIX: &str = "hst_a_";
/// Most bytes of a file that may hold one.
const MOST: u64 = 4_096;

/// The token of this file, else of the environment.
///
/// # Errors
/// Wrong usage where there is none, where what is there is none, or where others can read it.
pub(super) fn read(file: Option<&Path>) -> Result<SecretString, Failure> {
    let (text, source) = match file {
        Some(path) => (of_file(path)?, path.display().to_string()),
        None => (of_environment()?, VARIABLE.to_owned()),
    };
    let token = text.trim();
    if token.starts_with(PREFIX) && !token.contains(char::is_whitespace) {
        return Ok(SecretString::from(token));
    }
    Err(Failure::Usage(format!(
        "{source} holds no agent's token ({PREFIX}…); `husting agent rotate NAME` shows a new one"
    )))
}

fn of_environment() -> Result<String, Failure> {
    let text = std::env::var(VARIABLE).ok();
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
        Failure::Usage(format!(
            "whose channel is it? Name a file with the agent's token, --token-file FILE, or set {VARIABLE}"
        ))
    })
}

fn of_file(path: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File {
        path: path.to_owned(),
        doing: "read",
        source,
    };
    let file = File::open(path).map_err(failed)?;
    // Of what was opened, which nobody can exchange meanwhile.
    if let Some(mode) = wider(&file).map_err(failed)? {
        return Err(Failure::Usage(format!(
            "{} can be read by others (mode {mode:o}): chmod 600 '{}'",
            path.display(),
            path.display()
        )));
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// The mode of a file that others can read.
#[cfg(unix)]
fn wider(file: &File) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

// Elsewhere the folders of a person are closed to others by their access lists.
#[cfg(not(unix))]
fn wider(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}
