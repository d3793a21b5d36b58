//! The `husting` command: wiring only.

mod arguments;
mod commands;
#[cfg(test)]
mod documents;
mod door;
mod exit;
mod invocation;
mod output;
#[cfg(test)]
mod reference;
mod rounds;
mod signals;
#[cfg(test)]
mod use_cases;

use std::process::ExitCode;

use husting_home::{Logs, Said};

use crate::arguments::{Arguments, Unread};
use crate::commands::Command;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

fn main() -> ExitCode {
    let (json, outcome) = match Arguments::read() {
        Ok((arguments, flags)) => {
            let invocation = Invocation::of(&arguments, &flags);
            (
                arguments.json,
                invocation.and_then(|invocation| run(arguments, &invocation)),
            )
        }
        Err(Unread::Shown(text)) => text.exit(),
        Err(Unread::Wrong(failure)) => (true, Err(failure)),
    };
    outcome
        .unwrap_or_else(|failure| {
            failure.report(json);
            failure.exit()
        })
        .into()
}

fn run(arguments: Arguments, invocation: &Invocation) -> Result<Exit, Failure> {
    Logs::say(match &arguments.command {
        _ if invocation.json => Said::Nothing,
        Command::Serve(_) => Said::Faults,
        _ => Said::Warnings,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    let outcome = runtime.block_on(arguments.command.run(invocation));
    outcome.map_err(|failure| failure.on(&invocation.home))
}
