//! What cannot be undone is asked for twice.

use std::io::{self, IsTerminal, Write};

use crate::exit::Failure;
use crate::invocation::Invocation;

/// What a person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The word that was asked for.
    Yes,
    /// Anything else, or nobody was there to ask.
    No,
}

/// Asks the person at the terminal to type `word`. A script is asked nothing.
///
/// # Errors
/// When the terminal fails.
pub fn confirmed(invocation: &Invocation, question: &str, word: &str) -> Result<Answer, Failure> {
    if invocation.json || !io::stdin().is_terminal() {
        return Ok(Answer::No);
    }
    let mut terminal = io::stderr();
    write!(terminal, "{question}").map_err(Failure::Stream)?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(Failure::Stream)?;
    Ok(if answer.trim() == word {
        Answer::Yes
    } else {
        Answer::No
    })
}
