//! A case file: a whole chain with its seals as lines of JSON, checked without any store.
//!
//! A header, then the seals, then the links in order, each with its rows. Nothing stands in a link
//! that its hash does not cover, so nothing in it can be changed unnoticed; of words only the hash
//! is there. The header is covered by nothing: what counts is whose the public key is.

use std::io::{self, BufRead};

use husting_domain::agents::{KillReceipt, Name};
use husting_domain::audit::{Action, Entry, Link, Row, Seal};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::time::Timestamp;
use husting_wire::audit::ChainCheck;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::checking::{chain_check, unproved};
use super::hex;
use super::proof::{Fault, Proof};
use super::signing::PublicKey;
use crate::agents::{accepted, ended_name, ended_tails};

/// What a case file's header says it is.
pub(super) const FORMAT: &str = "husting case file 1";

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    Header(Box<Header>),
    Seal(SealLine),
    Link(LinkLine),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub format: String,
    pub chain: String,
    pub about: Option<About>,
    /// The key of the machine that wrote the file, in hexadecimal digits.
    pub public_key: Option<String>,
    /// Keys that it had before.
    pub former_keys: Vec<String>,
    pub written_at: Timestamp,
}

/// Whom a case is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The agent.
    pub agent_id: AgentId,
    /// What it was called.
    pub agent_name: Name,
    /// What its revocation came to, where it is revoked, as it was counted then. Nothing covers it, as nothing covers the
    /// header: [`CaseCheck::receipt_fits`] holds it against the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<KillReceipt>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SealLine {
    link: u64,
    hash: String,
    at: Timestamp,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkLine {
    number: u64,
    first: u64,
    last: u64,
    hash: String,
    rows: Vec<RowLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowLine {
    number: u64,
    /// To the microsecond, as the hash covers it.
    at: String,
    action: Action,
    actor: String,
    agent: Option<AgentId>,
    subject: Option<Uuid>,
    body: Option<String>,
    detail: String,
}

/// What a check of a case file found.
#[derive(Clone, Debug, Serialize)]
pub struct CaseCheck {
    /// The chain.
    #[serde(flatten)]
    pub chain: ChainCheck,
    /// Whom it is about.
    pub about: Option<About>,
    /// How many of its rows are about them; 0 where nobody is named.
    pub rows_about: u64,
    /// When they were revoked, as the rows tell; one name may be of several agents after each other.
    pub revoked_at: Option<Timestamp>,
    /// Whether the rows tell of the revocation what the receipt does: whom it ended, its row and moment, the tokens, the last
    /// request before it and how many followed. `None` where there is no receipt. What was open then stands in no row.
    pub receipt_fits: Option<bool>,
    /// The key of the machine that wrote it, as the file says.
    pub public_key: Option<String>,
}

/// Why a file cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It does not begin like a case file.
    #[error("is no case file; `husting audit export FILE` writes one")]
    NoCase,
}

/// Checks a case file from its beginning to its end. `machine` is this machine's key, where known.
///
/// # Errors
/// [`CaseError`] when it is no case file; a log that is not what it was is no error.
pub fn check_case(file: impl BufRead, machine: Option<PublicKey>) -> Result<CaseCheck, CaseError> {
    let mut lines = Lines {
        lines: file.lines(),
        number: 0,
    };
    let header = lines.header()?;
    let tenant = TenantId::parse(&header.chain).ok_or(CaseError::NoCase)?;
    let mut case = CaseRows {
        about: header.about.as_ref().map(|about| about.agent_id),
        ..CaseRows::default()
    };
    let keys = header.keys();
    let begun = lines.seals().and_then(|(seals, first)| {
        let proof = Proof::begin(tenant.as_str(), &keys, seals)?;
        Ok((proof, first))
    });
    let chain = match begun {
        Ok((mut proof, first)) => {
            let fault = prove(&mut proof, first, &mut lines, &mut case);
            chain_check(&tenant, &proof, machine, wrong(fault)?)
        }
        Err(Unread::Wrong(fault)) => unproved(&tenant, &fault),
        Err(Unread::Io(fault)) => return Err(fault.into()),
    };
    let receipt = header.about.as_ref().and_then(|about| {
        let receipt = about.receipt.as_ref()?;
        Some((about, receipt))
    });
    Ok(CaseCheck {
        chain,
        receipt_fits: receipt.map(|(about, receipt)| case.fits(about, receipt)),
        about: header.about,
        rows_about: case.rows,
        revoked_at: case.revocation.map(|row| row.entry.at),
        public_key: header.public_key,
    })
}

/// Goes through all links.
fn prove<R: BufRead>(
    proof: &mut Proof<'_>,
    first: Option<Linked>,
    lines: &mut Lines<R>,
    case: &mut CaseRows,
) -> Result<(), Unread> {
    let mut next = first;
    while let Some((link, rows)) = next {
        proof.take(&link, &rows)?;
        case.take(&rows);
        next = lines.link()?;
    }
    Ok(proof.end()?)
}

/// What is wrong with the log, apart from what is wrong with reading it.
fn wrong(outcome: Result<(), Unread>) -> Result<Option<Fault>, CaseError> {
    match outcome {
        Ok(()) => Ok(None),
        Err(Unread::Wrong(fault)) => Ok(Some(fault)),
        Err(Unread::Io(fault)) => Err(fault.into()),
    }
}

/// What the rows tell of one agent.
#[derive(Default)]
struct CaseRows {
    about: Option<AgentId>,
    rows: u64,
    revocation: Option<Row>,
    last_call: Option<Row>,
    calls_since: u64,
}

impl CaseRows {
    fn take(&mut self, rows: &[Row]) {
        let about = self.about;
        let is_about = |row: &&Row| about.is_some() && row.entry.agent == about;
        for row in rows.iter().filter(is_about) {
            self.rows += 1;
            if row.entry.action == Action::Revoke {
                self.revocation = Some(row.clone());
            } else if row.entry.is_accepted_call() {
                self.last_call = Some(row.clone());
                self.calls_since += u64::from(self.revocation.is_some());
            }
        }
    }

    fn fits(&self, about: &About, receipt: &KillReceipt) -> bool {
        let Some(revocation) = &self.revocation else {
            return false;
        };
        let last = self.last_call.as_ref().map(accepted);
        // An older Husting noted no row.
        receipt.row.is_none_or(|row| row == revocation.number)
            && is_same(receipt.revoked_at, revocation.entry.at)
            && ended_name(revocation).as_deref() == Some(about.agent_name.as_str())
            && receipt.token_tails == ended_tails(revocation)
            && receipt.accepted_since == self.calls_since
            && match (&receipt.last_accepted, &last) {
                (Some(told), Some(last)) => {
                    (&told.tool, told.row) == (&last.tool, last.row) && is_same(told.at, last.at)
                }
                (told, last) => told.is_none() && last.is_none(),
            }
    }
}

/// A receipt has its moments to the millisecond, as everything on the wire.
fn is_same(told: Timestamp, at: Timestamp) -> bool {
    told.to_string() == at.to_string()
}

/// A link with its rows.
type Linked = (Link, Vec<Row>);

/// Why the next line is not to be had.
enum Unread {
    Io(io::Error),
    Wrong(Fault),
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Wrong(fault)
    }
}

struct Lines<R: BufRead> {
    lines: io::Lines<R>,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn header(&mut self) -> Result<Header, CaseError> {
        match self.next() {
            Ok(Some(Line::Header(header))) if header.format == FORMAT => Ok(*header),
            Err(Unread::Io(fault)) => Err(fault.into()),
            _ => Err(CaseError::NoCase),
        }
    }

    /// All seals, and the first link behind them.
    fn seals(&mut self) -> Result<(Vec<Seal>, Option<Linked>), Unread> {
        let mut seals = Vec::new();
        loop {
            match self.next()? {
                Some(Line::Seal(line)) => {
                    seals.push(line.read().map_err(|why| self.wrong(why))?);
                }
                Some(Line::Link(line)) => {
                    let link = line.read().map_err(|why| self.wrong(why))?;
                    return Ok((seals, Some(link)));
                }
                Some(Line::Header(_)) => return Err(self.wrong("a second header")),
                None => return Ok((seals, None)),
            }
        }
    }

    fn link(&mut self) -> Result<Option<Linked>, Unread> {
        match self.next()? {
            Some(Line::Link(line)) => line.read().map(Some).map_err(|why| self.wrong(why)),
            Some(_) => Err(self.wrong("a link must stand here")),
            None => Ok(None),
        }
    }

    fn next(&mut self) -> Result<Option<Line>, Unread> {
        let Some(line) = self.lines.next() else {
            return Ok(None);
        };
        self.number += 1;
        let line = line.map_err(|fault| match fault.kind() {
            io::ErrorKind::InvalidData => self.wrong("it is no text"),
            _ => Unread::Io(fault),
        })?;
        let read = serde_json::from_str(&line);
        read.map(Some).map_err(|fault| self.wrong(fault))
    }

    fn wrong(&self, why: impl ToString) -> Unread {
        Unread::Wrong(Fault::Line {
            number: self.number,
            why: why.to_string(),
        })
    }
}

/// A value in a line that cannot be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0} cannot be read")]
struct Unreadable(&'static str);

impl Header {
    fn keys(&self) -> Vec<PublicKey> {
        let all = self.public_key.iter().chain(&self.former_keys);
        all.filter_map(|key| key.parse().ok()).collect()
    }
}

impl SealLine {
    pub fn of(seal: &Seal) -> Self {
        Self {
            link: seal.link,
            hash: hex::written(&seal.hash),
            at: seal.at,
            signature: hex::written(&seal.signature),
        }
    }

    fn read(self) -> Result<Seal, Unreadable> {
        Ok(Seal {
            link: self.link,
            hash: hex::read(&self.hash).ok_or(Unreadable("hash"))?,
            at: self.at,
            signature: hex::read::<64>(&self.signature)
                .ok_or(Unreadable("signature"))?
                .to_vec(),
        })
    }
}

impl LinkLine {
    pub fn of(link: &Link, rows: &[Row]) -> Self {
        Self {
            number: link.number,
            first: link.first,
            last: link.last,
            hash: hex::written(&link.hash),
            rows: rows.iter().map(RowLine::of).collect(),
        }
    }

    fn read(self) -> Result<(Link, Vec<Row>), Unreadable> {
        let link = Link {
            number: self.number,
            first: self.first,
            last: self.last,
            hash: hex::read(&self.hash).ok_or(Unreadable("hash"))?,
        };
        let rows = self.rows.into_iter().map(RowLine::read);
        Ok((link, rows.collect::<Result<_, _>>()?))
    }
}

impl RowLine {
    fn of(row: &Row) -> Self {
        let Row { number, entry } = row;
        Self {
            number: *number,
            at: to_the_microsecond(entry.at),
            action: entry.action,
            actor: entry.actor.clone(),
            agent: entry.agent,
            subject: entry.subject,
            body: entry.body.map(|hash| hex::written(&hash)),
            detail: entry.detail.clone(),
        }
    }

    fn read(self) -> Result<Row, Unreadable> {
        let at = serde_json::from_value(self.at.into()).map_err(|_| Unreadable("at"))?;
        let body = self
            .body
            .map(|hash| hex::read(&hash).ok_or(Unreadable("body")));
        Ok(Row {
            number: self.number,
            entry: Entry {
                at,
                action: self.action,
                actor: self.actor,
                agent: self.agent,
                subject: self.subject,
                body: body.transpose()?,
                detail: self.detail,
            },
        })
    }
}

/// RFC 3339 with six digits of a second, where [`Timestamp`] writes three.
fn to_the_microsecond(at: Timestamp) -> String {
    let millis = at.to_string();
    let micros = at.as_micros().rem_euclid(1_000);
    format!("{}{micros:03}Z", millis.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_keeps_its_microseconds() {
        for micros in [0, 1, 999, 1_795_168_800_123_456, 1_795_168_800_999_999, -1] {
            let at = Timestamp::from_micros(micros);
            let read: Timestamp = serde_json::from_value(to_the_microsecond(at).into()).unwrap();
            assert_eq!(read, at);
        }
    }

    #[test]
    fn what_is_no_case_file_is_told_from_a_log_that_was_changed() {
        for text in ["", "\n", "{}", "hello", r#"{"type":"link"}"#, "\0\u{1}"] {
            let refused = check_case(text.as_bytes(), None).unwrap_err();
            assert!(matches!(refused, CaseError::NoCase), "{text:?}: {refused}");
        }
    }
}
