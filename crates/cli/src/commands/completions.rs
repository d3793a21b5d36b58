//! Completion scripts.

use clap::Args;
use clap_complete::{Generator, Shell};
use husting_wire::sessions::Exported;

use crate::arguments::command;
use crate::exit::{Exit, Failure};
use crate::output;

/// Print a shell's completion script
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, json: bool) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "husting", &mut script);
        let text = String::from_utf8_lossy(&script).into_owned();
        let file_name = self.shell.file_name("husting");
        output::file(&Exported { file_name, text }, json)?;
        Ok(Exit::Done)
    }
}
