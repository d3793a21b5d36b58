//! The older transport, HTTP with server-sent events, which the SDK does not speak any more: answers
//! come on one stream, messages are posted to an address that its first event names.
//! <https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse>

use std::future::Future;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use secrecy::{ExposeSecret, SecretString};
use sse_stream::{Sse, SseByteStream};

use super::http::retry_after;

/// Until when a message must be taken in; its answer comes on the stream.
const POST_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes that are read of a refusal.
const REFUSAL_BYTES: usize = 4_096;
const EVENT_STREAM: &str = "text/event-stream";

/// Why the transport does not carry. No text of it has an address, which may hold the token.
#[derive(Debug, thiserror::Error)]
pub(super) enum SseError {
    /// A request got no answer.
    #[error("no answer")]
    Request(#[source] reqwest::Error),
    /// It was refused.
    #[error("HTTP {status}")]
    Refused {
        /// With which status.
        status: StatusCode,
        /// When it may be tried again.
        retry_after: Option<Duration>,
        /// The beginning of the body.
        words: String,
    },
    /// What was opened is no stream of events.
    #[error("its answer is no stream of events")]
    NoStream,
    /// The stream ended before it named an address for messages.
    #[error("its stream names no address for messages")]
    NoEndpoint,
    /// The address for messages is at another server, to which the token does not go.
    #[error("its stream names an address of another server")]
    ForeignEndpoint,
}

impl From<reqwest::Error> for SseError {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

/// An open stream and the address beside it.
pub(super) struct SseTransport {
    http: reqwest::Client,
    endpoint: Url,
    /// Nothing where the token stood in the path: this bus does not take it elsewhere.
    bearer: Option<SecretString>,
    events: BoxStream<'static, Sse>,
}

impl SseTransport {
    /// Opens the stream: with the token in a header, and where that is not known, in the path.
    ///
    /// # Errors
    /// [`SseError`].
    pub(super) async fn open(
        http: &reqwest::Client,
        url: &Url,
        token: &SecretString,
    ) -> Result<Self, SseError> {
        let asked = http.get(url.clone()).bearer_auth(token.expose_secret());
        match accepted(asked).await {
            Ok(stream) => Self::of(http, url, stream, Some(token.clone())).await,
            Err(refused) if may_be_in_path(&refused) => {
                let within = with_token(url, token);
                let stream = accepted(http.get(within.clone())).await;
                // A server without that path says nothing about the token.
                let stream = stream.map_err(|second| match is_no_such_path(&second) {
                    true => refused,
                    false => second,
                })?;
                Self::of(http, &within, stream, None).await
            }
            Err(error) => Err(error),
        }
    }

    async fn of(
        http: &reqwest::Client,
        url: &Url,
        stream: Response,
        bearer: Option<SecretString>,
    ) -> Result<Self, SseError> {
        let kind = stream.headers().get(CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(EVENT_STREAM.as_bytes())) {
            return Err(SseError::NoStream);
        }
        let blocks = SseByteStream::new(stream.bytes_stream());
        let whole = blocks.take_while(|block| std::future::ready(block.is_ok()));
        let mut events = whole.filter_map(async |block| block.ok()).boxed();
        let endpoint = endpoint(&mut events, url).await?;
        Ok(Self {
            http: http.clone(),
            endpoint,
            bearer,
            events,
        })
    }
}

impl Transport<RoleClient> for SseTransport {
    type Error = SseError;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), SseError>> + Send + 'static {
        let mut request = self.http.post(self.endpoint.clone()).json(&message);
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer.expose_secret());
        }
        async move {
            accepted(request.timeout(POST_TIMEOUT)).await?;
            Ok(())
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let event = self.events.next().await?;
            if event.event.as_deref().is_some_and(|kind| kind != "message") {
                continue;
            }
            let Some(data) = event.data.filter(|data| !data.is_empty()) else {
                continue;
            };
            match serde_json::from_str(&data) {
                Ok(message) => return Some(message),
                Err(fault) => {
                    tracing::debug!(bytes = data.len(), category = ?fault.classify(), "an event of the bus is no message");
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), SseError> {
        self.events = stream::empty().boxed();
        Ok(())
    }
}

async fn accepted(request: RequestBuilder) -> Result<Response, SseError> {
    let response = request.header(ACCEPT, EVENT_STREAM).send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(SseError::Refused {
        status: response.status(),
        retry_after: retry_after(response.headers()),
        words: beginning(response).await,
    })
}

/// As much of a refusal as is shown; a body that breaks off is as good as far as it came.
async fn beginning(mut response: Response) -> String {
    let mut read = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        read.extend_from_slice(&piece);
        if read.len() >= REFUSAL_BYTES {
            read.truncate(REFUSAL_BYTES);
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// The address for messages, which the first event names.
async fn endpoint(events: &mut BoxStream<'static, Sse>, url: &Url) -> Result<Url, SseError> {
    while let Some(event) = events.next().await {
        if event.event.as_deref() != Some("endpoint") {
            continue;
        }
        let named = event.data.as_deref().map(str::trim).unwrap_or_default();
        let endpoint = url.join(named).map_err(|_| SseError::NoEndpoint)?;
        if endpoint.origin() != url.origin() {
            return Err(SseError::ForeignEndpoint);
        }
        return Ok(endpoint);
    }
    Err(SseError::NoEndpoint)
}

fn may_be_in_path(refused: &SseError) -> bool {
    matches!(refused, SseError::Refused { status, .. } if *status == StatusCode::UNAUTHORIZED)
        || is_no_such_path(refused)
}

fn is_no_such_path(refused: &SseError) -> bool {
    let no_such = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
    matches!(refused, SseError::Refused { status, .. } if no_such.contains(status))
}

fn with_token(url: &Url, token: &SecretString) -> Url {
    let mut within = url.clone();
    // An http URL always has segments.
    if let Ok(mut segments) = within.path_segments_mut() {
        segments.pop_if_empty().push(token.expose_secret());
    }
    within
}
