//! What the server needs of the program behind it.

use async_trait::async_trait;
use futures::stream::BoxStream;
use husting_console::{Caller, Console};
use husting_wire::commands::{Request, route};
use husting_wire::errors::Error;
use husting_wire::events::Envelope;
use serde_json::value::RawValue;

/// Which of the operator's doors a call came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The console in a browser, by its cookie.
    Browser,
    /// The command line, by the operator token of this run.
    Cli,
}

/// The program that the server gives access to.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Runs one command; the answer is its JSON. The future is run to its end even when the caller
    /// hangs up, so that nothing is cut in half.
    ///
    /// # Errors
    /// The command's own error.
    async fn call(&self, door: Door, request: Request) -> Result<Box<RawValue>, Error>;

    /// Events from now on, the first of which says where they start. The stream ends when the
    /// watcher fell too far behind.
    fn watch(&self) -> BoxStream<'static, Envelope>;
}

#[async_trait]
impl Host for Console {
    async fn call(&self, door: Door, request: Request) -> Result<Box<RawValue>, Error> {
        let door = match door {
            Door::Browser => husting_console::Door::Browser,
            Door::Cli => husting_console::Door::Cli,
        };
        route(self, &Caller::Operator { door }, request).await
    }

    fn watch(&self) -> BoxStream<'static, Envelope> {
        Console::watch(self)
    }
}
