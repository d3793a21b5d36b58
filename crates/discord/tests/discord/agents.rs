//! A bus in memory whose agents answer at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use husting_discord::bus::{Bus, BusError, Identity, Letter, Mail, Peer, Recent};
use husting_domain::discord::RequestId;
use tokio::sync::watch;

#[derive(Default)]
struct Post {
    asked: BTreeMap<RequestId, String>,
    order: Vec<String>,
    mail: Vec<Mail>,
    acknowledged: usize,
    is_away: bool,
}

/// What agents were asked, and what they wrote back.
#[derive(Default)]
pub struct Agents {
    post: Mutex<Post>,
    moved: watch::Sender<u64>,
}

impl Agents {
    /// While it is away nothing is taken and nothing given.
    pub fn set_away(&self, is_away: bool) {
        self.change(|post| post.is_away = is_away);
    }

    /// The words that were asked, each as often as it was, in their order.
    pub fn asked(&self) -> Vec<String> {
        self.post().order.clone()
    }

    fn change(&self, change: impl FnOnce(&mut Post)) {
        change(&mut self.post());
        self.moved.send_modify(|moved| *moved += 1);
    }

    fn post(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap()
    }

    fn reached(&self) -> Result<MutexGuard<'_, Post>, BusError> {
        let post = self.post();
        match post.is_away {
            false => Ok(post),
            true => Err(BusError::Unreachable {
                address: "memory".to_owned(),
                why: "it is away".to_owned(),
                retry_after: None,
            }),
        }
    }
}

impl Post {
    fn deliver(&mut self, from: &str, text: String) {
        self.mail.push(Mail {
            id: format!("mail-{}", self.mail.len()),
            from: from.to_owned(),
            text,
            answers: None,
            is_broadcast: false,
        });
    }
}

/// What a person wrote: the first line behind the token.
fn words(letter: &str) -> String {
    let behind = letter.split_once(']').unwrap().1;
    behind.trim().lines().next().unwrap().to_owned()
}

#[async_trait]
impl Bus for Agents {
    async fn whoami(&self) -> Result<Identity, BusError> {
        Ok(Identity {
            name: "discord-connector".to_owned(),
            is_proved: true,
        })
    }

    async fn send(&self, letter: &Letter) -> Result<String, BusError> {
        let is_news = {
            let mut post = self.reached()?;
            match post.asked.insert(letter.request, letter.text.clone()) {
                Some(_) => false,
                None => {
                    let asked = words(&letter.text);
                    let answer = format!("re {asked} {{ack_for:{}}}", letter.request);
                    post.deliver(letter.to.as_str(), answer);
                    post.order.push(asked);
                    true
                }
            }
        };
        if is_news {
            self.change(|_| {});
        }
        Ok(letter.request.to_string())
    }

    async fn mail(&self, _: Duration) -> Result<Vec<Mail>, BusError> {
        let mut moved = self.moved.subscribe();
        loop {
            moved.mark_unchanged();
            let waiting = {
                let post = self.reached()?;
                post.mail[post.acknowledged..].to_vec()
            };
            if !waiting.is_empty() {
                return Ok(waiting);
            }
            moved.changed().await.unwrap();
        }
    }

    async fn recent(&self, _: Option<u64>) -> Result<Recent, BusError> {
        let mail = self.reached()?.mail.clone();
        Ok(Recent { mail, older: None })
    }

    async fn ack(&self, ids: &[String]) -> Result<(), BusError> {
        let mut post = self.reached()?;
        let last = post.mail.iter().rposition(|mail| ids.contains(&mail.id));
        post.acknowledged = post.acknowledged.max(last.map_or(0, |last| last + 1));
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<Peer>, BusError> {
        Ok(Vec::new())
    }
}
