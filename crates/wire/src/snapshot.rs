//! The whole state that the console starts from.

use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agents::{AgentView, DenialList};
use crate::bus::messages::{BusStand, SquadList};
use crate::discord::BridgeStand;
use crate::models::{DefaultPanelView, ModelList};
use crate::providers::ProviderList;
use crate::rounds::RoundView;
use crate::secrets::SecretsView;
use crate::sessions::SessionSummary;
use crate::settings::Settings;
use crate::wallet::WalletSummary;

/// Everything the frame and Hall show; events after `seq` build on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// The newest event this includes.
    pub seq: u64,
    /// The moment it was taken, for clocks that run on in the console.
    pub now: Timestamp,
    /// When Husting began with this store: of another moment, what was told before is of another start.
    pub started_at: Timestamp,
    /// The program's version.
    pub version: String,
    /// `127.0.0.1:6070` when a listener is up.
    pub address: Option<String>,
    /// The one that was asked for and who holds it, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub address_note: Option<String>,
    /// Data folder, for people.
    pub home: String,
    /// Settings in force.
    pub settings: Settings,
    /// State of the key store.
    pub secrets: SecretsView,
    /// Providers and offers.
    pub providers: ProviderList,
    /// Models.
    pub models: ModelList,
    /// Default panel.
    pub panel: DefaultPanelView,
    /// The wallet in a line.
    pub wallet: WalletSummary,
    /// The newest sessions, at most 50.
    pub sessions: Vec<SessionSummary>,
    /// All sessions that are not archived.
    pub session_count: u32,
    /// A session was opened here at some time, whatever became of it.
    pub convened: bool,
    /// Agents that are not revoked, at most 500.
    pub agents: Vec<AgentView>,
    /// Denials that wait for an answer.
    pub denials: DenialList,
    /// Squads.
    pub squads: SquadList,
    /// How the bus stands.
    pub bus: BusStand,
    /// The Discord bridge in a line.
    pub discord: BridgeStand,
    /// All agents are paused.
    pub paused: bool,
    /// Why audit logs are sealed no further, a sentence each; empty while they follow from what was sealed.
    #[serde(default)]
    pub audit_faults: Vec<String>,
    /// Rounds in flight, with what was said so far.
    pub running: Vec<RoundView>,
}
