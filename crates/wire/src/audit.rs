//! The audit log as the operator reads, checks and takes it away.

use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which rows to list, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAudit {
    /// What this agent did, or what was done to it.
    #[serde(default)]
    #[ts(optional)]
    pub agent_id: Option<AgentId>,
    /// Of these kinds; any when left out.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Action>>")]
    pub actions: Vec<Action>,
    /// Only rows with a smaller number: the next page.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub before: Option<u64>,
    /// Most rows, 500 at the most; 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditRow {
    /// Its number in its chain.
    #[ts(type = "number")]
    pub row: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// Who did it: `agent:kasra`, `operator`, `tenant`, `husting`.
    pub actor: String,
    /// The agent that did it, or to whom it was done.
    pub agent_id: Option<AgentId>,
    /// Its name, which a revoked one keeps in the log though another may have it by now; none where it is not in the store.
    #[serde(default)]
    pub agent_name: Option<String>,
    /// What it was done to: a message, a denial, a note.
    pub subject: Option<String>,
    /// SHA-256 of the words it was about, in hexadecimal digits.
    pub body: Option<String>,
    /// Figures and names, as a JSON object.
    pub detail: String,
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditPage {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether the log's head is sealed.
    pub sealing: Sealing,
}

/// Whether heads of the log are sealed with a key that is not in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Sealing {
    /// They are.
    On {
        /// The Ed25519 public key, in hexadecimal digits.
        public_key: String,
        /// The key lives in memory: it is new with each start, and vouches for nothing that was written before.
        #[serde(default)]
        in_memory: bool,
    },
    /// They will be: the key is made with the first row.
    NotYet,
    /// They are not: whoever may write the store may make the log anew unnoticed.
    Off {
        /// Why, and what to do.
        why: String,
        /// The same log by log, where logs do not follow from what was sealed; empty where there is another reason.
        #[serde(default)]
        logs: Vec<UnsealedLog>,
    },
}

/// Why one log is sealed no further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnsealedLog {
    /// Whose.
    pub chain: TenantId,
    /// That it is sealed no further, without the reason: a sentence's words.
    pub what: String,
    /// How it is not what was sealed, in the words of a check that finds nothing else ([`ChainCheck::fault`]).
    pub fault: String,
    /// Both as a sentence, which a snapshot tells too.
    pub sentence: String,
    /// What to do, a sentence; none where nobody can have meant it.
    pub todo: Option<String>,
}

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditReport {
    /// Every chain is as it was written, as far as seals reach.
    pub ok: bool,
    /// One for each tenant.
    pub chains: Vec<ChainCheck>,
    /// Whether heads are sealed from now on.
    pub sealing: Sealing,
}

/// What a check of one chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChainCheck {
    /// Whose.
    pub chain: TenantId,
    /// It is as it was written, as far as seals reach.
    pub ok: bool,
    /// Rows that fit.
    #[ts(type = "number")]
    pub rows: u64,
    /// Links that fit.
    #[ts(type = "number")]
    pub links: u64,
    /// Seals that fit: the last of each day, and the newest.
    pub seals: u32,
    /// The newest seal; none where nothing is sealed.
    pub sealed: Option<SealView>,
    /// Rows behind the newest seal, which nothing but the chain holds.
    #[ts(type = "number")]
    pub unsealed_rows: u64,
    /// The first thing that does not fit.
    pub fault: Option<String>,
}

/// A seal on the head of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SealView {
    /// The link.
    #[ts(type = "number")]
    pub link: u64,
    /// Its last row.
    #[ts(type = "number")]
    pub row: u64,
    /// When.
    pub at: Timestamp,
    /// The public key that it was made with, in hexadecimal digits.
    pub public_key: String,
    /// That is the key in this machine's key store; `null` where that was not looked at.
    pub this_machine: Option<bool>,
}

/// Takes the operator's chain away as a case file, which `husting audit verify FILE` checks anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportAudit {
    /// Whom the case is about. The whole chain is in it all the same: a part of it proves nothing.
    #[serde(default)]
    #[ts(optional)]
    pub agent_id: Option<AgentId>,
    /// A new file to write, by its whole path or beginning with `~/`; the answer holds the text when left out.
    #[serde(default)]
    #[ts(optional)]
    pub path: Option<String>,
}
