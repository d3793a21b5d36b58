//! What cannot be undone is asked for twice.

use std::io::{self, IsTerminal, Write};

use crate::exit::Failure;
use crate::invocation::Invocation;

/// Something that cannot be brought back.
pub struct Confirm<'a> {
    /// What is asked of the person at the terminal: `Delete it for good?`
    pub question: &'a str,
    /// What they type to go on.
    pub word: &'a str,
    /// What a script is told instead, which is asked nothing; without it the script goes on.
    pub refusal: Option<&'a str>,
}

impl Confirm<'_> {
    /// Goes on when a person typed the word, or nobody is there to ask and nothing is refused.
    ///
    /// # Errors
    /// Wrong usage when they did not, or when nobody is there to ask.
    pub fn ask(&self, invocation: &Invocation) -> Result<(), Failure> {
        if invocation.json || !io::stdin().is_terminal() {
            return match self.refusal {
                Some(refusal) => Err(Failure::Usage(format!("{refusal}; say --yes"))),
                None => Ok(()),
            };
        }
        write!(io::stderr(), "{} Type {}: ", self.question, self.word).map_err(Failure::Stream)?;
        let mut answer = String::new();
        io::stdin()
            .read_line(&mut answer)
            .map_err(Failure::Stream)?;
        if answer.trim() == self.word {
            Ok(())
        } else {
            Err(Failure::Usage("nothing was done".to_owned()))
        }
    }
}
