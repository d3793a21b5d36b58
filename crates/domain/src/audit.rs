//! The audit log: rows that say what was done, chained so that a change to any of them shows.
//!
//! The rows of one commit make one link. A link's hash covers the hash of the link before it and
//! every field of its rows, so whoever changes, removes, inserts or reorders a row has to make
//! every later link anew; the newest hash is sealed with a key that is not in the store.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ids::AgentId;
use crate::time::Timestamp;

/// SHA-256.
pub type Hash = [u8; 32];

/// What a chain begins with.
pub const BEGINNING: Hash = [0; 32];

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Action {
    /// A tenant was set up, its tier changed or its token made.
    Tenant,
    /// An agent was minted.
    Mint,
    /// A managed agent was activated.
    Activate,
    /// Charter, model, expiry or scopes changed.
    Change,
    /// A token was rotated.
    Rotate,
    /// An agent was suspended.
    Disable,
    /// A suspended agent was switched on.
    Enable,
    /// An agent was revoked, or expired.
    Revoke,
    /// An agent's time was over.
    Expire,
    /// A call lacked its scope.
    Deny,
    /// The operator answered a denial.
    Decide,
    /// A message was sent.
    Send,
    /// A message was broadcast.
    Broadcast,
    /// Mail was fetched.
    Fetch,
    /// Mail was acknowledged.
    Acknowledge,
    /// A message was delivered again.
    Redeliver,
    /// A message was taken back.
    Withdraw,
    /// A message's text was erased.
    Erase,
    /// An agent joined a squad.
    Join,
    /// An agent left a squad, or was removed.
    Leave,
    /// A note was stored.
    Remember,
    /// A note was forgotten.
    Forget,
    /// All agents were paused or let go on.
    Pause,
    /// Everything was stopped.
    StopAll,
    /// A client's file was written for an agent.
    Wire,
    /// An agent's entry was taken out of a client's file.
    Unwire,
    /// An agent was launched.
    Launch,
    /// A launched agent's program ended, or was stopped.
    Ended,
    /// When mail starts an agent was changed.
    Wake,
    /// A managed agent took a turn.
    Turn,
    /// An agent opened a deliberation, or asked for its next round.
    Deliberate,
    /// The operator accepted a log that was put back to an older state.
    Accept,
    /// A reply for Discord was given its place.
    Place,
    /// A reply for Discord was put away.
    Dismiss,
    /// A reply for Discord that was put away was taken back.
    Restore,
}

/// One thing that was done, before it has its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// Who did it: `agent:kasra`, `operator`, `tenant`, `husting`.
    pub actor: String,
    /// The agent that did it, or to whom it was done.
    pub agent: Option<AgentId>,
    /// What it was done to: a message, a denial, a note.
    pub subject: Option<Uuid>,
    /// SHA-256 of the words it was about, which may be erased later.
    pub body: Option<Hash>,
    /// Figures and names, as a JSON object; never words that somebody wrote, never a secret.
    pub detail: String,
}

impl Action {
    /// All but fetches: whoever waits for mail looks for it several times a minute, and what else was done is read
    /// without that.
    pub fn but_fetches() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|action| *action != Self::Fetch)
    }
}

impl Entry {
    /// Whether an agent called something itself, and was not refused.
    #[must_use]
    pub fn is_accepted_call(&self) -> bool {
        self.actor.starts_with("agent:") && self.action != Action::Deny
    }
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number in its chain, from 1, without a gap.
    pub number: u64,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The rows of one commit, bound to all before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its number, from 1, without a gap.
    pub number: u64,
    /// Its first row.
    pub first: u64,
    /// Its last row.
    pub last: u64,
    /// Over the hash of the link before and all its rows.
    pub hash: Hash,
}

/// Where a chain ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The newest link's number; 0 before the first.
    pub link: u64,
    /// The newest row's number; 0 before the first.
    pub row: u64,
    /// The newest link's hash.
    pub hash: Hash,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            link: 0,
            row: 0,
            hash: BEGINNING,
        }
    }
}

/// The newest link under a key that is not in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The link.
    pub link: u64,
    /// Its hash.
    pub hash: Hash,
    /// When.
    pub at: Timestamp,
    /// Ed25519 over what [`Seal::message`] gives.
    pub signature: Vec<u8>,
}

impl Seal {
    /// What is signed.
    #[must_use]
    pub fn message(chain: &str, link: u64, hash: &Hash) -> Vec<u8> {
        let mut message = b"husting audit seal 1\0".to_vec();
        message.extend((chain.len() as u64).to_be_bytes());
        message.extend(chain.as_bytes());
        message.extend(link.to_be_bytes());
        message.extend(hash);
        message
    }
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// A row is missing, doubled or out of order.
    #[error("row {expected} is not where it must be: row {found} stands there")]
    Row {
        /// What must stand there.
        expected: u64,
        /// What does.
        found: u64,
    },
    /// A link is missing, doubled or out of order.
    #[error("link {expected} is not where it must be: link {found} stands there")]
    Link {
        /// What must stand there.
        expected: u64,
        /// What does.
        found: u64,
    },
    /// A link's rows are not what was written.
    #[error("rows {first} to {last} are not what was written: link {number} does not fit")]
    Content {
        /// The link.
        number: u64,
        /// Its first row.
        first: u64,
        /// Its last row.
        last: u64,
    },
    /// Rows stand behind the last link.
    #[error("row {0} belongs to no link")]
    Loose(u64),
}

impl Head {
    /// Gives entries their places and binds them; the head moves on. `None` without entries.
    pub fn bind(&mut self, chain: &str, entries: Vec<Entry>) -> Option<(Vec<Row>, Link)> {
        if entries.is_empty() {
            return None;
        }
        let rows: Vec<Row> = (self.row + 1..)
            .zip(entries)
            .map(|(number, entry)| Row { number, entry })
            .collect();
        let link = self.linked(chain, &rows);
        *self = Self {
            link: link.number,
            row: link.last,
            hash: link.hash,
        };
        Some((rows, link))
    }

    /// Takes one more link of a log that is checked, with its rows.
    ///
    /// # Errors
    /// [`BrokenChain`] with the first place that does not fit.
    pub fn follow(&mut self, chain: &str, rows: &[Row], link: &Link) -> Result<(), BrokenChain> {
        if link.number != self.link + 1 {
            return Err(BrokenChain::Link {
                expected: self.link + 1,
                found: link.number,
            });
        }
        for (expected, row) in (self.row + 1..).zip(rows) {
            if row.number != expected {
                return Err(BrokenChain::Row {
                    expected,
                    found: row.number,
                });
            }
        }
        if self.linked(chain, rows) != *link {
            return Err(BrokenChain::Content {
                number: link.number,
                first: link.first,
                last: link.last,
            });
        }
        *self = Self {
            link: link.number,
            row: link.last,
            hash: link.hash,
        };
        Ok(())
    }

    fn linked(&self, chain: &str, rows: &[Row]) -> Link {
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        field(&mut hasher, chain.as_bytes());
        for row in rows {
            cover(&mut hasher, row);
        }
        Link {
            number: self.link + 1,
            first: self.row + 1,
            last: self.row + rows.len() as u64,
            hash: hasher.finalize().into(),
        }
    }
}

/// Every field, each with its length, so that no two rows read the same.
fn cover(hasher: &mut Sha256, row: &Row) {
    let Row { number, entry } = row;
    let Entry {
        at,
        action,
        actor,
        agent,
        subject,
        body,
        detail,
    } = entry;
    hasher.update(number.to_be_bytes());
    hasher.update(at.as_micros().to_be_bytes());
    field(hasher, action.word().as_bytes());
    field(hasher, actor.as_bytes());
    option(hasher, agent.as_ref().map(|id| id.0.as_bytes().as_slice()));
    option(hasher, subject.as_ref().map(|id| id.as_bytes().as_slice()));
    option(hasher, body.as_ref().map(Hash::as_slice));
    field(hasher, detail.as_bytes());
}

fn field(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn option(hasher: &mut Sha256, bytes: Option<&[u8]>) {
    hasher.update([u8::from(bytes.is_some())]);
    field(hasher, bytes.unwrap_or_default());
}

/// SHA-256 of words, for [`Entry::body`].
#[must_use]
pub fn body_hash(words: &str) -> Hash {
    Sha256::digest(words.as_bytes()).into()
}

macro_rules! actions {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        impl Action {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As it is written, in the store and under the hash.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// By its word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

actions! {
    Tenant = "tenant", Mint = "mint", Activate = "activate", Change = "change", Rotate = "rotate",
    Disable = "disable", Enable = "enable", Revoke = "revoke", Expire = "expire", Deny = "deny",
    Decide = "decide", Send = "send", Broadcast = "broadcast", Fetch = "fetch",
    Acknowledge = "acknowledge", Redeliver = "redeliver", Withdraw = "withdraw", Erase = "erase",
    Join = "join", Leave = "leave", Remember = "remember", Forget = "forget", Pause = "pause",
    StopAll = "stop_all", Wire = "wire", Unwire = "unwire", Launch = "launch", Ended = "ended", Wake = "wake", Turn = "turn", Deliberate = "deliberate",
    Accept = "accept", Place = "place", Dismiss = "dismiss", Restore = "restore",
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u128) -> Entry {
        Entry {
            at: Timestamp::from_micros(n as i64),
            action: Action::Send,
            actor: "agent:kasra".to_owned(),
            agent: Some(AgentId(Uuid::from_u128(7))),
            subject: Some(Uuid::from_u128(n)),
            body: Some(body_hash("hello")),
            detail: "{}".to_owned(),
        }
    }

    /// Links of 1, 2 and 3 rows.
    fn log() -> Vec<(Vec<Row>, Link)> {
        let mut head = Head::default();
        let links = [vec![1], vec![2, 3], vec![4, 5, 6]].map(|of| {
            let entries = of.into_iter().map(entry).collect();
            head.bind("local", entries).unwrap()
        });
        links.into()
    }

    fn checked(log: &[(Vec<Row>, Link)]) -> Result<Head, BrokenChain> {
        let mut head = Head::default();
        for (rows, link) in log {
            head.follow("local", rows, link)?;
        }
        Ok(head)
    }

    #[test]
    fn what_was_written_fits() {
        let head = checked(&log()).unwrap();
        assert_eq!((head.link, head.row), (3, 6));
        assert_eq!(Head::default().bind("local", Vec::new()), None);
    }

    #[test]
    fn a_change_to_any_field_shows() {
        let changes: [fn(&mut Row); 8] = [
            |row| row.number += 1,
            |row| row.entry.at = row.entry.at.plus_millis(1),
            |row| row.entry.action = Action::Fetch,
            |row| row.entry.actor.push('x'),
            |row| row.entry.agent = None,
            |row| row.entry.subject = None,
            |row| row.entry.body = None,
            |row| row.entry.detail.push(' '),
        ];
        for (change, row) in changes
            .into_iter()
            .flat_map(|change| [(change, 0), (change, 1)])
        {
            let mut log = log();
            change(&mut log[1].0[row]);
            assert!(checked(&log).is_err());
        }
    }

    #[test]
    fn rows_removed_inserted_and_reordered_show() {
        let mut removed = log();
        removed[2].0.remove(1);
        let mut cut_at_the_end = log();
        cut_at_the_end[2].0.pop();
        let mut doubled = log();
        let row = doubled[2].0[0].clone();
        doubled[2].0.insert(1, row);
        let mut reordered = log();
        reordered[2].0.swap(0, 1);
        let mut moved = log();
        let row = moved[1].0.pop().unwrap();
        moved[2].0.insert(0, row);
        let mut without_link = log();
        without_link.remove(1);
        for broken in [
            removed,
            cut_at_the_end,
            doubled,
            reordered,
            moved,
            without_link,
        ] {
            assert!(checked(&broken).is_err());
        }
    }

    #[test]
    fn a_chain_made_anew_from_a_change_on_ends_in_another_hash() {
        let mut head = Head::default();
        let mut changed = vec![entry(1), entry(2), entry(3), entry(4), entry(5), entry(6)];
        changed[1].actor = "agent:athena".to_owned();
        for entry in changed {
            head.bind("local", vec![entry]);
        }
        assert_eq!(head.row, 6);
        assert_ne!(head.hash, checked(&log()).unwrap().hash);
        let mut other_chain = Head::default();
        assert!(
            other_chain
                .follow("other", &log()[0].0, &log()[0].1)
                .is_err()
        );
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut one = entry(1);
        let mut other = one.clone();
        (one.actor, one.detail) = ("ab".to_owned(), "c".to_owned());
        (other.actor, other.detail) = ("a".to_owned(), "bc".to_owned());
        let hash = |entry| Head::default().bind("local", vec![entry]).unwrap().1.hash;
        assert_ne!(hash(one), hash(other));
    }

    #[test]
    fn words_and_json_agree() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.word()), Some(*action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.word());
        }
    }
}
