//! What takes room in the data folder.

use serde::{Deserialize, Serialize};

/// A kind of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum StorageKind {
    /// Questions, answers, claims, recaps and drafts.
    Deliberations,
    /// Mail between agents, and what they remember.
    Bus,
    /// Agents, their denials and turns, and the ends of what their programs said.
    Agents,
    /// What passed through the bridge.
    Discord,
    /// The audit log.
    Audit,
    /// Bookings, holds and what calls cost.
    Wallet,
    /// Settings, providers without their keys, models, keys of the contract.
    Settings,
    /// Room in the store's file that is taken again before the file grows.
    Free,
    /// What the store has written and not yet put into its file.
    WriteAhead,
    /// Backups.
    Backups,
    /// Logs.
    Logs,
    /// Folders of agents' own programs.
    AgentFolders,
    /// What is none of these.
    Other,
}

/// How much one kind takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StorageUse {
    /// Which.
    pub kind: StorageKind,
    /// Bytes on the disk.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: u64,
}

/// Why a copy of the store was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BackupOccasion {
    /// By itself, once a day.
    Daily,
    /// The store was about to be brought up to a newer version.
    BeforeUpdate,
    /// Another backup took the store's place.
    BeforeRestore,
    /// Somebody put it there.
    ByHand,
}
