//! A listener that remembers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use husting_discord::gateway::{Heard, ListenError, Listener};
use husting_domain::discord::Cursor;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

/// What the listener was told, in order.
#[derive(Clone, Debug)]
pub enum Told {
    Missed,
    Event(Heard),
}

impl Told {
    pub fn text(&self) -> Option<String> {
        let Self::Event(heard) = self else {
            return None;
        };
        let data: Value = serde_json::from_str(heard.data.get()).unwrap();
        (heard.name == "MESSAGE_CREATE").then(|| data["content"].as_str().unwrap().to_owned())
    }

    fn name(&self) -> &str {
        match self {
            Self::Missed => "missed",
            Self::Event(heard) => &heard.name,
        }
    }
}

pub struct Memory {
    told: watch::Sender<Vec<Told>>,
    /// How often it fails to keep something from now on.
    failures: Mutex<usize>,
    /// How many messages may be kept; nobody waits while there are enough.
    room: Semaphore,
    /// How often a message was brought.
    brought: watch::Sender<usize>,
}

impl Memory {
    pub fn new() -> Self {
        Self {
            told: watch::Sender::default(),
            failures: Mutex::new(0),
            room: Semaphore::new(Semaphore::MAX_PERMITS),
            brought: watch::Sender::default(),
        }
    }

    /// One that has room for this many messages until there is more.
    pub fn with_room(messages: usize) -> Self {
        Self {
            room: Semaphore::new(messages),
            ..Self::new()
        }
    }

    pub fn make_room(&self, messages: usize) {
        self.room.add_permits(messages);
    }

    pub fn fail(&self, times: usize) {
        *self.failures.lock().unwrap() = times;
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.borrow().clone()
    }

    pub fn names(&self) -> Vec<String> {
        let told = self.told();
        told.iter().map(|told| told.name().to_owned()).collect()
    }

    pub fn count(&self, name: &str) -> usize {
        self.names().iter().filter(|told| *told == name).count()
    }

    pub fn texts(&self) -> Vec<String> {
        self.told().iter().filter_map(Told::text).collect()
    }

    /// What a new process resumes from.
    pub fn cursor(&self) -> Option<Cursor> {
        self.told().iter().rev().find_map(|told| match told {
            Told::Event(heard) => Some(heard.cursor.clone()),
            Told::Missed => None,
        })
    }

    /// Asserts that of every session each event was heard once, in order, from its first one on; and
    /// that each session but the first one was announced as missing something.
    #[track_caller]
    pub fn assert_whole(&self) {
        let mut sequences: BTreeMap<String, u64> = BTreeMap::new();
        let mut is_announced = true;
        for told in self.told() {
            let Told::Event(heard) = told else {
                is_announced = true;
                continue;
            };
            let last = sequences.entry(heard.cursor.session).or_insert_with(|| {
                assert!(is_announced, "a session began without a word");
                is_announced = false;
                0
            });
            assert_eq!(heard.cursor.sequence, *last + 1, "{}", heard.name);
            *last += 1;
        }
    }

    pub async fn until(&self, find: impl Fn(&Self) -> bool) {
        let mut changed = self.told.subscribe();
        loop {
            changed.mark_unchanged();
            if find(self) {
                return;
            }
            changed.changed().await.unwrap();
        }
    }

    pub async fn until_text(&self, text: &str) {
        self.until(|memory| memory.texts().iter().any(|heard| heard == text))
            .await;
    }

    /// Until a message was brought so often, kept or not.
    pub async fn until_brought(&self, count: usize) {
        let mut brought = self.brought.subscribe();
        brought.wait_for(|brought| *brought >= count).await.unwrap();
    }

    fn keep(&self, told: Told) -> Result<(), ListenError> {
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(ListenError("the disk is full".into()));
        }
        self.told.send_modify(|all| all.push(told));
        Ok(())
    }
}

#[async_trait]
impl Listener for Memory {
    async fn hear(&self, heard: Heard) -> Result<(), ListenError> {
        if heard.name == "MESSAGE_CREATE" {
            self.brought.send_modify(|brought| *brought += 1);
            self.room.acquire().await.unwrap().forget();
        }
        self.keep(Told::Event(heard))
    }

    async fn missed(&self) -> Result<(), ListenError> {
        self.keep(Told::Missed)
    }
}
