//! What the console is told after its snapshot: numbered, so that a gap is seen.

use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, RunId, SessionId};
use husting_domain::models::ModelId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agents::{AgentView, DenialList};
use crate::bus::messages::{BusStand, SquadList};
use crate::discord::BridgeStand;
use crate::keys::KeyList;
use crate::models::{DefaultPanelView, ModelList};
use crate::providers::ProviderList;
use crate::recaps::SynthesisView;
use crate::rounds::RoundView;
use crate::runs::RunView;
use crate::secrets::SecretsView;
use crate::sessions::SessionSummary;
use crate::settings::{Erasing, Settings};
use crate::wallet::WalletSummary;

/// Version of the event protocol; a console that knows another reloads.
pub const EVENT_VERSION: u16 = 1;

/// One event with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Envelope {
    /// [`EVENT_VERSION`].
    pub version: u16,
    /// One more than the event before it. A gap asks for a new snapshot.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen. Each but those that bring words ([`Event::SeatText`], [`Event::RunText`]) is a whole view
/// model or names what to read anew, so a late one is still right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "events are built once and serialised at once"
)]
pub enum Event {
    /// First on every connection; `seq` is that of the newest event so far.
    Hello {},
    /// A session's row changed or is new.
    SessionChanged {
        /// The row.
        session: SessionSummary,
    },
    /// A session was deleted.
    SessionRemoved {
        /// Which.
        session_id: SessionId,
    },
    /// A round's state changed: a seat began, ended or failed, a phase began, it is over.
    /// While it runs, seats' texts are left empty here; words come as [`Event::SeatText`].
    RoundChanged {
        /// The round.
        round: RoundView,
    },
    /// More words of one seat.
    SeatText {
        /// The session.
        session_id: SessionId,
        /// The round.
        round_id: RoundId,
        /// The seat.
        model: ModelId,
        /// Answer or reaction.
        purpose: Purpose,
        /// UTF-16 code units sent before these; a mismatch asks for a new snapshot.
        offset: u64,
        /// The words.
        text: String,
    },
    /// Balance, holds or spending changed.
    WalletChanged {
        /// In a line.
        wallet: WalletSummary,
    },
    /// Models, prices, availability or the default panel changed.
    ModelsChanged {
        /// All models.
        models: ModelList,
        /// The default panel.
        panel: DefaultPanelView,
    },
    /// Providers or offers changed.
    ProvidersChanged {
        /// All providers.
        providers: ProviderList,
    },
    /// The key store's state changed.
    SecretsChanged {
        /// Its state.
        secrets: SecretsView,
    },
    /// Keys to the contract changed.
    KeysChanged {
        /// All keys.
        keys: KeyList,
    },
    /// A session's synthesis changed.
    SynthesisChanged {
        /// The session.
        session_id: SessionId,
        /// Its synthesis.
        synthesis: SynthesisView,
    },
    /// An agent is new, or changed, or called.
    AgentChanged {
        /// The agent.
        agent: AgentView,
    },
    /// An agent's program was started, moved or ended.
    RunChanged {
        /// The run.
        run: RunView,
    },
    /// An agent's program said more.
    RunText {
        /// The run.
        run_id: RunId,
        /// UTF-16 code units before these. What was known from there on is replaced, as programs draw lines
        /// anew; where less is known, the run is asked for again.
        offset: u64,
        /// The words; secrets and control characters removed.
        text: String,
    },
    /// Calls lacked a scope, or the operator answered.
    DenialsChanged {
        /// All that wait for an answer.
        denials: DenialList,
    },
    /// Who is in which squad changed.
    SquadsChanged {
        /// All squads.
        squads: SquadList,
    },
    /// Messages came or went on their way; told at most ten times a second.
    BusMoved {
        /// How the bus stands.
        bus: BusStand,
    },
    /// The Discord bridge moved; told at most ten times a second.
    DiscordMoved {
        /// How it stands.
        discord: BridgeStand,
    },
    /// All agents are paused, or go on.
    PauseChanged {
        /// Held.
        paused: bool,
    },
    /// An audit log was found not to follow from what was sealed, or was accepted as it is.
    AuditChanged {
        /// As in the snapshot.
        faults: Vec<String>,
    },
    /// A backup takes the store's place: Husting ends, and begins anew with it.
    RestoreBegun {
        /// The file.
        backup: String,
    },
    /// All data is being erased: Husting ends, and begins anew with nothing.
    EraseBegun {
        /// What stays.
        erasing: Erasing,
    },
    /// Settings changed.
    SettingsChanged {
        /// All settings.
        settings: Settings,
    },
    /// What was typed and is not yet sent was kept or dropped. Its words are read by who shows them.
    DraftChanged {
        /// Which.
        key: String,
        /// The revision that stands there now; left out where none does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        revision: Option<u64>,
    },
}
