//! A way in for tests: each call is answered by a function, and nothing happens.

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use husting_wire::commands::Request;
use husting_wire::events::Envelope;
use serde_json::value::RawValue;

use super::Door;
use crate::exit::Failure;

/// Answers calls as its function does.
pub struct Scripted<F>(pub F);

#[async_trait]
impl<F> Door for Scripted<F>
where
    F: Fn(Request) -> Result<Box<RawValue>, Failure> + Send + Sync,
{
    async fn call(&self, request: Request) -> Result<Box<RawValue>, Failure> {
        (self.0)(request)
    }

    async fn watch(&self) -> Result<BoxStream<'static, Envelope>, Failure> {
        Ok(stream::empty().boxed())
    }

    fn outlives_us(&self) -> bool {
        false
    }

    async fn close(&self) {}
}
