//! The `husting` command: wiring only.

mod arguments;
mod commands;
mod door;
mod exit;
mod invocation;
mod output;
mod rounds;
mod signals;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

fn main() -> ExitCode {
    let (arguments, flags) = Arguments::read();
    let json = arguments.json;
    let outcome =
        Invocation::of(&arguments, &flags).and_then(|invocation| run(arguments, &invocation));
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(json);
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments, invocation: &Invocation) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    runtime.block_on(arguments.command.run(invocation))
}
