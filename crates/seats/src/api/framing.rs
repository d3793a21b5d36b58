//! Bytes of a stream cut into what its wire calls an event: server-sent events on most, lines of
//! JSON on Ollama's.

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use sse_stream::SseByteStream;
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};
use tokio_util::io::StreamReader;

/// How a wire cuts its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// <https://html.spec.whatwg.org/multipage/server-sent-events.html>
    Events,
    /// A JSON value a line: <https://github.com/ndjson/ndjson-spec>
    Lines,
}

/// Why nothing more can be read.
pub(super) enum Unread {
    /// The connection broke.
    Cut(String),
    /// The bytes are no such stream.
    Garbage(String),
}

impl Framing {
    /// The data of each event in `bytes`, none of them longer than `longest`.
    pub(super) fn cut<'a, E>(
        self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send + 'a,
        longest: usize,
    ) -> BoxStream<'a, Result<String, Unread>>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        match self {
            Self::Events => events(bytes).boxed(),
            Self::Lines => lines(bytes, longest).boxed(),
        }
    }
}

fn events<E>(
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
) -> impl Stream<Item = Result<String, Unread>> + Send
where
    E: std::error::Error + Send + Sync + 'static,
{
    SseByteStream::new(Box::pin(bytes)).map(|event| match event {
        Ok(event) => Ok(event.data.unwrap_or_default()),
        Err(sse_stream::Error::Body(cause)) => Err(Unread::Cut(cause.to_string())),
        Err(error) => Err(Unread::Garbage(error.to_string())),
    })
}

fn lines<E>(
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    longest: usize,
) -> impl Stream<Item = Result<String, Unread>> + Send
where
    E: std::error::Error + Send + Sync + 'static,
{
    let reader = StreamReader::new(Box::pin(bytes.map_err(std::io::Error::other)));
    let lines = FramedRead::new(reader, LinesCodec::new_with_max_length(longest));
    let lines = lines.map_err(|error| match error {
        LinesCodecError::Io(cause) if cause.kind() != std::io::ErrorKind::InvalidData => {
            Unread::Cut(cause.to_string())
        }
        error => Unread::Garbage(error.to_string()),
    });
    lines.try_filter(|line| futures::future::ready(!line.trim().is_empty()))
}
