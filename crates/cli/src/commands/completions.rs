//! Completion scripts.

use clap::Args;
use clap_complete::Shell;

use crate::arguments::command;
use crate::exit::{Exit, Failure};
use crate::output;

/// Print a shell's completion script
#[derive(Debug, Args)]
pub struct Completions {
    /// Whose
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "husting", &mut script);
        output::text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
