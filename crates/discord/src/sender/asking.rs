//! Asking: in turn, when the limits allow it, and again where there was no answer.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use husting_clock::SharedClock;
use husting_domain::time::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::answers::Answer;
use super::limits::{Limits, Route};
use super::requests::Request;
use super::{SendError, SenderError};

/// Discord's form: <https://docs.discord.com/developers/reference#user-agent>.
const AGENT: &str = concat!(
    "DiscordBot (https://husting.invalid, ",
    env!("CARGO_PKG_VERSION"),
    ")"
);
/// How long what got no answer is tried again, in milliseconds. Far below the few minutes in which
/// Discord knows a nonce again.
const TRIED_FOR: i64 = 30_000;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A socket that says nothing for so long is dead.
const SILENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);
/// Above so many lanes, those nobody stands in are forgotten.
const LANES: usize = 256;

/// Everything that one bot asks.
pub(super) struct Asking {
    client: reqwest::Client,
    base: Url,
    clock: SharedClock,
    access: Mutex<Access>,
    limits: Mutex<Limits>,
    /// Whoever asks on a route of a channel stands in its lane until there is an answer. The locks are
    /// fair, which keeps the order.
    lanes: Mutex<HashMap<Route, Arc<tokio::sync::Mutex<()>>>>,
}

/// The token, and whether Discord takes it.
struct Access {
    header: HeaderValue,
    is_rejected: bool,
    /// Rises with each token, so that a late 401 does not reject the next one.
    generation: u64,
}

/// What came of one try.
enum Try<T> {
    Answered(T),
    /// 429; the limits know until when.
    TooEarly,
    Failed(SendError),
    Ended(SendError),
}

impl Asking {
    pub fn new(token: &SecretString, base: &str, clock: SharedClock) -> Result<Self, SenderError> {
        let base = address(base)?;
        let builder = reqwest::Client::builder()
            .user_agent(AGENT)
            // The token goes to nobody else.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(SILENCE * 2);
        // Another server than Discord is on this machine, where no proxy leads to.
        let builder = match base.scheme() {
            "http" => builder.no_proxy(),
            _ => builder,
        };
        Ok(Self {
            client: builder.build().map_err(SenderError::Client)?,
            base,
            clock,
            access: Mutex::new(Access {
                header: header(token)?,
                is_rejected: false,
                generation: 0,
            }),
            limits: Mutex::default(),
            lanes: Mutex::default(),
        })
    }

    pub fn set_token(&self, token: &SecretString) -> Result<(), SenderError> {
        let header = header(token)?;
        let mut access = locked(&self.access);
        *access = Access {
            header,
            is_rejected: false,
            generation: access.generation + 1,
        };
        Ok(())
    }

    /// Asks for something that is answered with JSON.
    pub async fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, SendError> {
        self.ask(request, |_, body| serde_json::from_slice(body).ok())
            .await
    }

    /// Asks for something that is answered with 204.
    pub async fn nothing(&self, request: &Request) -> Result<(), SendError> {
        self.ask(request, |status, _| {
            (status == StatusCode::NO_CONTENT).then_some(())
        })
        .await
    }

    /// `read` gives nothing for an answer that makes no sense, which is as good as none.
    async fn ask<T>(
        &self,
        request: &Request,
        read: impl Fn(StatusCode, &[u8]) -> Option<T>,
    ) -> Result<T, SendError> {
        let lane = self.lane(request.route);
        let _turn = lane.lock().await;
        let mut retries = Retries::new();
        loop {
            self.until_allowed(request.route).await?;
            let why = match self.try_once(request, &read).await {
                Try::Answered(answer) => return Ok(answer),
                Try::Ended(error) => return Err(error),
                Try::TooEarly => continue,
                Try::Failed(why) => why,
            };
            // It may have been done all the same, and nothing says so to Discord.
            let next = match request.has_own_token() {
                true => None,
                false => retries.next(self.clock.now()),
            };
            let Some(moment) = next else {
                return Err(why);
            };
            let route = request.route.name;
            tracing::debug!(route, %why, until = %moment, "Discord did not answer; once more");
            self.clock.sleep_until(moment).await;
        }
    }

    fn lane(&self, route: Route) -> Arc<tokio::sync::Mutex<()>> {
        let mut lanes = locked(&self.lanes);
        if lanes.len() > LANES {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        Arc::clone(lanes.entry(route).or_default())
    }

    async fn until_allowed(&self, route: Route) -> Result<(), SendError> {
        loop {
            if locked(&self.access).is_rejected {
                return Err(SendError::Unauthorized);
            }
            let taken = locked(&self.limits).take(route, self.clock.now());
            let Err(moment) = taken else {
                return Ok(());
            };
            self.clock.sleep_until(moment).await;
        }
    }

    async fn try_once<T>(
        &self,
        request: &Request,
        read: &impl Fn(StatusCode, &[u8]) -> Option<T>,
    ) -> Try<T> {
        let (header, generation) = {
            let access = locked(&self.access);
            (access.header.clone(), access.generation)
        };
        let answer = self.send(request, header).await;
        let now = self.clock.now();
        locked(&self.limits).ended(request.route, now);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Try::Failed(SendError::Unreachable(words(error))),
        };
        locked(&self.limits).learn(request.route, &answer.told, now);
        match answer.status {
            status if status.is_success() => match read(status, &answer.body) {
                Some(answer) => Try::Answered(answer),
                None => unreachable("its answer makes no sense".to_owned()),
            },
            StatusCode::TOO_MANY_REQUESTS => self.too_early(request, &answer),
            status if status.is_client_error() => match answer.refusal() {
                Some(_) if status == StatusCode::UNAUTHORIZED && !request.has_own_token() => {
                    self.unauthorized(generation)
                }
                Some(refusal) => Try::Ended(refusal),
                None if matches!(status.as_u16(), 401 | 403 | 407) => {
                    let status = status.as_u16();
                    Try::Failed(SendError::Blocked { status })
                }
                None => unreachable(format!("something in between answers {status}")),
            },
            status => unreachable(format!("it answers {status}")),
        }
    }

    async fn send(
        &self,
        request: &Request,
        authorization: HeaderValue,
    ) -> Result<Answer, reqwest::Error> {
        let builder = request.build(&self.client, &self.base)?;
        let builder = match request.has_own_token() {
            true => builder,
            false => builder.header(AUTHORIZATION, authorization),
        };
        Answer::read(builder.send().await?).await
    }

    fn too_early<T>(&self, request: &Request, answer: &Answer) -> Try<T> {
        if let Some(told) = answer.told.too_many {
            let (scope, millis) = (told.scope, told.retry_after.as_millis());
            tracing::warn!(
                route = request.route.name,
                ?scope,
                millis,
                "Discord asks to wait"
            );
        }
        Try::TooEarly
    }

    fn unauthorized<T>(&self, generation: u64) -> Try<T> {
        let mut access = locked(&self.access);
        if access.generation == generation {
            access.is_rejected = true;
        }
        Try::Ended(SendError::Unauthorized)
    }
}

const fn unreachable<T>(why: String) -> Try<T> {
    Try::Failed(SendError::Unreachable(why))
}

/// The tries of one request.
struct Retries {
    pauses: ExponentialBackoff,
    /// None before the first failure.
    until: Option<Timestamp>,
}

impl Retries {
    fn new() -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_factor(2.0)
            .without_max_times()
            .with_jitter();
        Self {
            pauses: pauses.build(),
            until: None,
        }
    }

    /// When to try again; never when that is too late.
    fn next(&mut self, now: Timestamp) -> Option<Timestamp> {
        let until = *self.until.get_or_insert(now.plus_millis(TRIED_FOR));
        let pause = self.pauses.next()?;
        let moment = now.plus_millis(i64::try_from(pause.as_millis()).ok()?);
        (moment < until).then_some(moment)
    }
}

fn address(base: &str) -> Result<Url, SenderError> {
    let url = Url::parse(base.trim()).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| SenderError::Address(base.to_owned()))
}

fn header(token: &SecretString) -> Result<HeaderValue, SenderError> {
    let token = token.expose_secret().trim();
    let token = token.strip_prefix("Bot ").unwrap_or(token);
    let header = HeaderValue::try_from(format!("Bot {token}"));
    let mut header = header.map_err(|_| SenderError::Token)?;
    header.set_sensitive(true);
    Ok(header)
}

/// An error with its causes, without the address.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words = format!("{words}: {next}");
        cause = next.source();
    }
    words
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
