//! The running instance, over its listener.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::ready;
use futures::stream::{BoxStream, Stream, StreamExt};
use husting_home::{Holder, Home, Instance};
use husting_wire::commands::Request;
use husting_wire::errors::Error;
use husting_wire::events::Envelope;
use reqwest::{Client, RequestBuilder, Response, Url};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::value::RawValue;
use sse_stream::SseByteStream;

use super::Door;
use crate::exit::Failure;

/// How soon a living instance on this machine answers.
const CONNECT: Duration = Duration::from_secs(1);
/// The longest command: a call to a provider that is slow to answer.
const ANSWER: Duration = Duration::from_secs(600);
/// How long an instance takes at most to end and begin anew.
const BEGINNING: Duration = Duration::from_secs(30);
/// How often is looked whether a process has left or begun.
pub const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The way through a running instance.
pub struct RemoteDoor {
    instance: Instance,
    client: Client,
}

/// What a health check answers.
#[derive(Deserialize)]
struct Health {
    status: String,
}

#[derive(Deserialize)]
struct Link {
    link: String,
}

/// Whoever runs on the folder and has said where it listens, whether or not it answers.
///
/// # Errors
/// As [`RemoteDoor::find`].
pub fn instance_of(home: &Home) -> Result<Option<Holder>, Failure> {
    Ok(running(home)?.map(|(_, holder)| holder))
}

/// A file that a crash left may name a process and a port that are somebody else's by now; nobody but the instance itself
/// can hold the folder's lock.
fn running(home: &Home) -> Result<Option<(Instance, Holder)>, Failure> {
    let Some(instance) = Instance::read(home)? else {
        return Ok(None);
    };
    let holder = home.holder().filter(|holder| holder.pid == instance.pid);
    Ok(holder.map(|holder| (instance, holder)))
}

impl RemoteDoor {
    /// The instance that runs on the folder, if one does.
    ///
    /// # Errors
    /// When the folder names an instance in a way that cannot be used.
    pub async fn find(home: &Home) -> Result<Option<Self>, Failure> {
        let Some((instance, _)) = running(home)? else {
            return Ok(None);
        };
        // A proxy has no business between two processes of one machine.
        let client = Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT)
            .build();
        let client = client.map_err(|source| Failure::Unreachable {
            http: instance.http.clone(),
            source,
        })?;
        let door = Self { instance, client };
        Ok(door.is_alive().await.then_some(door))
    }

    async fn is_alive(&self) -> bool {
        let health = self
            .client
            .get(format!("{}/health", self.instance.http))
            .timeout(CONNECT)
            .send()
            .await;
        let Ok(response) = health else { return false };
        response
            .json::<Health>()
            .await
            .is_ok_and(|health| health.status == "ok")
    }

    /// The instance that runs on the folder once this one has begun anew there; none where none answers in time.
    ///
    /// # Errors
    /// As [`RemoteDoor::find`].
    pub async fn anew(&self, home: &Home) -> Result<Option<Self>, Failure> {
        let ours = self.instance.token.expose_secret();
        let after = async {
            loop {
                let found = Self::find(home).await?;
                // Each start has a token of its own, while the process stays the same.
                if let Some(anew) =
                    found.filter(|found| found.instance.token.expose_secret() != ours)
                {
                    return Ok(anew);
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::time::timeout(BEGINNING, after)
            .await
            .ok()
            .transpose()
    }

    /// The process that runs.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.instance.pid
    }

    /// Where it listens: `http://127.0.0.1:6070`.
    #[must_use]
    pub fn http(&self) -> &str {
        &self.instance.http
    }

    /// The port there.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let http = Url::parse(&self.instance.http).ok()?;
        http.port_or_known_default()
    }

    /// A new one-time link to the browser console.
    ///
    /// # Errors
    /// When the instance gives none.
    pub async fn console_link(&self) -> Result<String, Failure> {
        let response = self
            .send(self.client.post(self.at("/console/link")).timeout(ANSWER))
            .await?;
        let link: Link = response.json().await.map_err(|_| self.odd())?;
        Ok(link.link)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.instance.http)
    }

    /// Sends with our token; an error comes back as the wire's own.
    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let sent = request
            .bearer_auth(self.instance.token.expose_secret())
            .send()
            .await;
        let response = sent.map_err(|source| Failure::Unreachable {
            http: self.instance.http.clone(),
            source,
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        match response.json::<Error>().await {
            Ok(error) => Err(error.into()),
            Err(_) => Err(self.odd()),
        }
    }

    fn odd(&self) -> Failure {
        Failure::Answer {
            http: self.instance.http.clone(),
        }
    }
}

#[async_trait]
impl Door for RemoteDoor {
    async fn call(&self, request: Request) -> Result<Box<RawValue>, Failure> {
        let request = self
            .client
            .post(self.at("/console/rpc"))
            .json(&request)
            .timeout(ANSWER);
        self.send(request)
            .await?
            .json()
            .await
            .map_err(|_| self.odd())
    }

    async fn watch(&self) -> Result<BoxStream<'static, Envelope>, Failure> {
        let response = self
            .send(self.client.get(self.at("/console/events")))
            .await?;
        Ok(events_in(response.bytes_stream()).boxed())
    }

    fn outlives_us(&self) -> bool {
        true
    }

    async fn close(&self) {}
}

/// The events of a stream. What cannot be read ends it; whoever watches comes again and looks at the state.
fn events_in<E>(
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
) -> impl Stream<Item = Envelope> + Send
where
    E: std::error::Error + Send + Sync + 'static,
{
    SseByteStream::new(bytes)
        .scan((), |(), block| ready(block.ok()))
        // What has a name only shows that the other side is there.
        .filter_map(|block| ready(block.data.filter(|_| block.event.is_none())))
        .scan((), |(), data| ready(serde_json::from_str(&data).ok()))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use husting_wire::events::{EVENT_VERSION, Event};

    use super::*;

    #[tokio::test]
    async fn what_shows_that_the_other_side_is_there_is_no_event_and_ends_none() {
        let told = Envelope {
            version: EVENT_VERSION,
            seq: 7,
            event: Event::Hello {},
        };
        let data = serde_json::to_string(&told).unwrap();
        let body = format!("event: alive\ndata: {{}}\n\ndata: {data}\n\n");
        let bytes = stream::iter([Ok::<_, Infallible>(Bytes::from(body))]);
        let events: Vec<_> = events_in(bytes).collect().await;
        assert_eq!(events, [told]);
    }
}
