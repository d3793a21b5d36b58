//! Secrets of one line from standard input. At a terminal a person is asked for them, and nothing of what they type is
//! shown.

use std::io::{self, IsTerminal};
use std::path::Path;

use rpassword::prompt_password;

use super::files::text_of;
use crate::exit::Failure;
use crate::signals::undisturbed;

/// A secret that is there already, such as `the key`.
///
/// # Errors
/// As [`text_of`], and wrong usage where a person typed none.
pub fn secret(what: &str) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return at_terminal(|| prompt(what));
    }
    let text = text_of(Path::new("-"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A secret that is only being made, such as `the passphrase`: a person types it twice, because nothing shows a slip.
///
/// # Errors
/// As [`secret`], and wrong usage where they typed two.
pub fn new_secret(what: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return secret(what);
    }
    let both = || Ok((prompt(what)?, prompt_password("Type it once more: ")?));
    let (once, again) = at_terminal(both)?;
    if once == again {
        Ok(once)
    } else {
        Err(Failure::Usage(format!(
            "{what} was not typed the same twice; nothing was done"
        )))
    }
}

fn prompt(what: &str) -> io::Result<String> {
    prompt_password(format!("Type {what}, which is not shown: "))
}

fn at_terminal<T>(ask: impl FnOnce() -> io::Result<T>) -> Result<T, Failure> {
    undisturbed(ask).map_err(|fault| match fault.kind() {
        // Ctrl C and Ctrl D.
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => {
            Failure::Usage("nothing was done".to_owned())
        }
        _ => Failure::Stream(fault),
    })
}
