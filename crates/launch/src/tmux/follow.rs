//! A session's output and end, told by a control client of tmux.
//!
//! The client first asks for what stands in the pane, then takes what is written from there on: tmux
//! answers in the order in which things happened, so nothing is told twice and nothing is left out. A client
//! that dies is followed by another, of which only what is new in the pane is told.
//! What the client says about an end is only a reason to look: a program can write lines that look
//! like tmux's own into its pane, and the answer with the pane's text is not escaped.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use super::Tmux;
use super::calls::run;
use super::client::{Capture, Client};
use super::control::{Line, parse};
use super::list::{End, Seen};
use super::rest::{Told, rest, unsaid};
use crate::decode::Decoder;
use crate::error::LaunchError;
use crate::exit::Exit;
use crate::happening::Happening;
use crate::identity::Identity;

/// Before tmux is asked again that did not answer, or let nobody in.
const AGAIN: Duration = Duration::from_secs(1);
const CHUNK: usize = 16 * 1024;

/// A session that is followed. Dropping it leaves the session alone.
#[derive(Debug)]
pub struct Following {
    tmux: Tmux,
    seen: Seen,
    identity: Option<Identity>,
    client: Client,
    decoder: Decoder,
    next: VecDeque<Happening>,
    told: Told,
    /// The session may have ended and has to be looked at.
    look: bool,
    ended: bool,
}

impl Tmux {
    /// Follows our session `name` from what stands in its pane on.
    ///
    /// # Errors
    /// [`LaunchError::NoSession`] and [`LaunchError::Foreign`] when there is none or it is not ours.
    pub async fn follow(&self, name: &str) -> Result<Following, LaunchError> {
        let seen = self.own(name).await?;
        let identity = match seen.end {
            End::Ended(_) => None,
            End::Runs | End::Closed => Identity::of(seen.pid),
        };
        Ok(Following {
            client: self.attach(&seen).await?,
            tmux: self.clone(),
            seen,
            identity,
            decoder: Decoder::default(),
            next: VecDeque::new(),
            told: Told::default(),
            look: false,
            ended: false,
        })
    }
}

impl Following {
    /// The next piece of output, or the end, after which there is nothing. May be dropped while it
    /// waits.
    pub async fn next(&mut self) -> Option<Happening> {
        loop {
            if let Some(happening) = self.next.pop_front() {
                return Some(happening);
            }
            if self.ended {
                return None;
            }
            // Not before what stood in the pane was told.
            if self.look && matches!(self.client.capture, Capture::Done) || !self.client.open {
                if let Some((exit, rest)) = self.exit().await {
                    self.end(exit, rest);
                }
                self.look = false;
                continue;
            }
            self.read().await;
        }
    }

    fn end(&mut self, exit: Exit, rest: String) {
        let last = self.decoder.finish() + &rest;
        if !last.is_empty() {
            self.next.push_back(Happening::Output(last));
        }
        self.next.push_back(Happening::Ended(exit));
        self.ended = true;
    }

    /// Looks at the session: how the program ended, if it did, and what it wrote last.
    async fn exit(&mut self) -> Option<(Exit, String)> {
        const GONE: Option<(Exit, String)> = Some((Exit::Unknown, String::new()));
        let now = match self.tmux.now(&self.seen).await {
            Ok(now) => now,
            Err(error) => {
                tracing::warn!(%error, session = self.seen.name, "cannot look at the session");
                // What is not known is not made up: it is looked at again.
                if !self.client.open {
                    tokio::time::sleep(AGAIN).await;
                }
                return None;
            }
        };
        match now.map(|now| now.end) {
            None => return GONE,
            Some(End::Ended(exit)) => return Some((exit, self.rest().await)),
            Some(End::Runs | End::Closed) => {}
        }
        if self.client.open {
            return None;
        }
        match self.tmux.attach(&self.seen).await {
            Ok(client) => {
                self.client = client;
                None
            }
            Err(error) => {
                tracing::warn!(%error, session = self.seen.name, "cannot follow the session");
                tokio::time::sleep(AGAIN).await;
                None
            }
        }
    }

    async fn rest(&self) -> String {
        let mut call = self.tmux.client();
        call.args(["capture-pane", "-p", "-J", "-S", "-", "-t", &self.seen.pane]);
        match run(call).await {
            Ok(pane) => rest(&self.told, &pane),
            Err(error) => {
                tracing::warn!(%error, session = self.seen.name, "the last output is not known");
                String::new()
            }
        }
    }

    async fn read(&mut self) {
        let client = &mut self.client;
        client.buffer.reserve(CHUNK);
        match client.output.read_buf(&mut client.buffer).await {
            Ok(0) => client.open = false,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "tmux cannot be read");
                client.open = false;
            }
        }
        let Some(end) = client.buffer.iter().rposition(|&byte| byte == b'\n') else {
            return;
        };
        let rest = client.buffer.split_off(end + 1);
        let lines = std::mem::replace(&mut client.buffer, rest);
        let mut output = String::new();
        for line in lines[..end].split(|&byte| byte == b'\n') {
            output += &self.take(line);
        }
        if !output.is_empty() {
            self.told.push(&output);
            self.next.push_back(Happening::Output(output));
        }
    }

    /// What `line` brings of output.
    fn take(&mut self, line: &[u8]) -> String {
        let capture = std::mem::replace(&mut self.client.capture, Capture::Done);
        let captured = !matches!(capture, Capture::Done);
        let (capture, text) = capture.take(line);
        self.client.capture = capture;
        // Of what another client heard before this one, nothing is told twice.
        let text = match self.told.is_empty() {
            true => text,
            false => {
                let ends = text.ends_with("\r\n");
                match unsaid(&self.told, &text) {
                    new if !new.is_empty() && ends => new + "\r\n",
                    new => new,
                }
            }
        };
        match parse(line) {
            Line::Changed => self.look = true,
            Line::Exit if !captured => self.client.open = false,
            // Until the pane's text is there, all that is written is in it.
            Line::Output { pane, bytes } if !captured && pane == self.seen.pane => {
                return self.decoder.push(&bytes);
            }
            _ => {}
        }
        text
    }

    /// Ends the program and all it started, and removes the session.
    ///
    /// # Errors
    /// As [`Tmux::stop`].
    pub async fn stop(&mut self, grace: Duration) -> Result<Exit, LaunchError> {
        let now = self.tmux.now(&self.seen).await?;
        if now.is_none() {
            return Err(LaunchError::NoSession(self.seen.name.clone()));
        }
        self.tmux.stop(&self.seen.name, grace).await
    }

    /// Who runs in the session. Nothing for a program that had ended before it was followed.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}
