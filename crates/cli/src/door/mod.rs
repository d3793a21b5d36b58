//! The way in: through the running instance where there is one, else by opening the data folder
//! in this process for as long as the command takes.

mod local;
mod remote;
#[cfg(test)]
mod scripted;

use async_trait::async_trait;
use futures::stream::BoxStream;
use husting_console::OpenError;
use husting_home::SETTINGS;
use husting_wire::commands::{Command, Request};
use husting_wire::events::Envelope;
use serde_json::value::RawValue;

pub use self::local::{LocalDoor, begun, opened};
pub use self::remote::{LOOK_AGAIN, RemoteDoor};
#[cfg(test)]
pub use self::scripted::Scripted;
use crate::exit::Failure;
use crate::invocation::Invocation;

/// What every way in can do.
#[async_trait]
pub trait Door: Send + Sync {
    /// Runs a command; the answer is its JSON.
    async fn call(&self, request: Request) -> Result<Box<RawValue>, Failure>;

    /// Events from now on.
    async fn watch(&self) -> Result<BoxStream<'static, Envelope>, Failure>;

    /// Whether rounds go on when this command has ended.
    fn outlives_us(&self) -> bool;

    /// Leaves. A console that was opened for this command ends, with everything kept.
    async fn close(&self);
}

/// Finds the way in.
///
/// # Errors
/// When the data folder can be neither reached nor opened.
pub async fn open(invocation: &Invocation) -> Result<Box<dyn Door>, Failure> {
    invocation.require_named_home()?;
    if let Some(remote) = RemoteDoor::find(&invocation.home).await? {
        return Ok(through(remote, invocation));
    }
    let beginning = invocation.beginning();
    match LocalDoor::open(invocation).await {
        Ok(local) => {
            beginning.tell();
            Ok(Box::new(local))
        }
        // An instance that was starting while we looked has its file now.
        Err(Failure::Open(OpenError::Store(held))) => {
            match RemoteDoor::find(&invocation.home).await? {
                Some(remote) => Ok(through(remote, invocation)),
                None => {
                    let silent = remote::instance_of(&invocation.home)?.map(Failure::Silent);
                    Err(silent.unwrap_or(Failure::Open(OpenError::Store(held))))
                }
            }
        }
        Err(failure) => Err(failure),
    }
}

fn through(remote: RemoteDoor, invocation: &Invocation) -> Box<dyn Door> {
    // With --json standard error carries one document, or nothing.
    if !invocation.flags.is_empty() && !invocation.json {
        eprintln!("husting: {}", without_effect(&invocation.flags));
    }
    Box::new(remote)
}

/// That a setting given to a command does nothing where another process answers it, and where it would.
fn without_effect(names: &[String]) -> String {
    let given = SETTINGS
        .iter()
        .filter(|setting| names.iter().any(|name| name == setting.name));
    let flags: Vec<String> = given
        .map(|setting| format!("--{}", setting.flag()))
        .collect();
    format!(
        "{} did nothing here: Husting runs already, with the settings that it was started with. Give it to \
         `husting serve` at the next start, or change a setting now with `husting config`.",
        flags.join(", ")
    )
}

/// Runs a command and reads its answer.
///
/// # Errors
/// The command's own error, or why it could not be asked.
pub async fn ask<C: Command>(
    door: &dyn Door,
    arguments: C::Request,
) -> Result<C::Response, Failure> {
    let answer = door.call(C::request(arguments)).await?;
    Ok(serde_json::from_str(answer.get())?)
}
