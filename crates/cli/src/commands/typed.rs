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
        let asks = asks_for(what);
        return at_terminal(move || Ok(some(prompt_password(asks)?)));
    }
    let text = text_of(Path::new("-"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A secret that is only being made, such as `the passphrase`, of so many characters at the least: a person types it
/// twice, because nothing shows a slip.
///
/// # Errors
/// As [`secret`], and wrong usage where they typed too little, or two.
pub fn new_secret(what: &str, least: usize) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return secret(what);
    }
    let asks = format!("Type {what}, {least} characters or more, which is not shown: ");
    let what = what.to_owned();
    at_terminal(move || {
        let once = match some(prompt_password(asks)?) {
            Ok(once) if once.chars().count() >= least => once,
            Ok(_) => return Ok(refused(format!("{what} has fewer than {least} characters"))),
            none => return Ok(none),
        };
        if prompt_password("Type it once more: ")? == once {
            Ok(Ok(once))
        } else {
            Ok(refused(format!("{what} was not typed the same twice")))
        }
    })
}

fn asks_for(what: &str) -> String {
    format!("Type {what}, which is not shown: ")
}

fn some(typed: String) -> Result<String, Failure> {
    if typed.is_empty() {
        return refused("nothing was typed".to_owned());
    }
    Ok(typed)
}

fn refused(why: String) -> Result<String, Failure> {
    Err(Failure::Usage(format!("{why}; nothing was done")))
}

fn at_terminal(
    ask: impl FnOnce() -> io::Result<Result<String, Failure>> + Send + 'static,
) -> Result<String, Failure> {
    undisturbed(ask).map_err(|fault| match fault.kind() {
        // A wish to end, and Ctrl D.
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => {
            Failure::Usage("nothing was done".to_owned())
        }
        _ => Failure::Stream(fault),
    })?
}
