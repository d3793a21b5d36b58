//! Settings that act at once.

use husting_domain::storage::BackupOccasion;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the console looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Warm near-black.
    Dark,
    /// Paper.
    Light,
}

/// How close the rows stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// The default.
    #[default]
    Compact,
    /// More air.
    Comfortable,
}

/// What closing the window does where no tray would show the way back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum WindowClose {
    /// Asks each time.
    #[default]
    Ask,
    /// Ends the program.
    Quit,
    /// Hides the window; a second start shows it again.
    Keep,
}

/// `recap_model` where Husting chooses.
pub const AUTO: &str = "auto";

/// All settings of the console. What its numbers may be stands in [`crate::ranges`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Dark, light or the system's.
    pub theme: Theme,
    /// Row height.
    pub density: Density,
    /// Single letters and digits act.
    pub single_keys: bool,
    /// Zoom in percent, 80–200.
    pub zoom: u32,
    /// Most seats on a panel, 3–8.
    pub panel_max_seats: u32,
    /// Most tokens of one answer.
    pub panel_max_output_tokens: u64,
    /// Deadline of each phase for API seats, in seconds.
    pub panel_deadline_seconds: u32,
    /// Pace of rehearsal seats; 0 is no pause.
    pub rehearsal_tokens_per_second: u32,
    /// Days for which the words of failed calls and of agents' programs are kept.
    pub retention_partial_days: u32,
    /// Days for which messages are kept after they were acknowledged, answered or withdrawn; 0 keeps
    /// them. What waits for somebody stays.
    pub retention_message_days: u32,
    /// Days for which files of the Discord bridge's flight recorder are kept once nobody writes to them; from the
    /// bridge's next start on.
    pub retention_recorder_days: u32,
    /// Models that write recaps, the first that can be called: ids with commas between, or `auto`.
    pub recap_model: String,
    /// Most rounds of one key and UTC day; 0 for no limit.
    pub limits_rounds_per_day: u32,
    /// Calls a minute of one key, evenly.
    pub limits_calls_per_minute: u32,
    /// Calls of one key at once, before they must come evenly.
    pub limits_burst: u32,
    /// Waits and streams that one key may hold open.
    pub limits_open_waits: u32,
    /// For how long mail that was given is thought to be in work, in seconds.
    pub bus_lease_seconds: u32,
    /// Most turns of one agent that Husting runs, in a UTC day.
    pub agents_turns_per_day: u32,
    /// Most that they may cost in it, in US cents.
    pub agents_cents_per_day: u32,
    /// The desktop is told when a round is over.
    pub notify_rounds: bool,
    /// The desktop is told when something waits for the operator.
    pub notify_needs_you: bool,
    /// The desktop is told when a message is parked.
    pub notify_parked: bool,
    /// What closing the window does where no tray is.
    pub window_close: WindowClose,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            density: Density::Compact,
            single_keys: true,
            zoom: 100,
            panel_max_seats: 3,
            panel_max_output_tokens: 8_192,
            panel_deadline_seconds: 150,
            rehearsal_tokens_per_second: 60,
            retention_partial_days: 30,
            retention_message_days: 0,
            retention_recorder_days: 7,
            recap_model: AUTO.to_owned(),
            limits_rounds_per_day: 0,
            limits_calls_per_minute: 600,
            limits_burst: 120,
            limits_open_waits: 32,
            bus_lease_seconds: 600,
            agents_turns_per_day: 50,
            agents_cents_per_day: 100,
            notify_rounds: true,
            notify_needs_you: true,
            notify_parked: true,
            window_close: WindowClose::Ask,
        }
    }
}

/// Changes some settings; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditSettings {
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub theme: Option<Theme>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub density: Option<Density>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub single_keys: Option<bool>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub zoom: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub panel_max_seats: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub panel_max_output_tokens: Option<u64>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub panel_deadline_seconds: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub rehearsal_tokens_per_second: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub retention_partial_days: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub retention_message_days: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub retention_recorder_days: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub recap_model: Option<String>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub limits_rounds_per_day: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub limits_calls_per_minute: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub limits_burst: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub limits_open_waits: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub bus_lease_seconds: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub agents_turns_per_day: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub agents_cents_per_day: Option<u32>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub notify_rounds: Option<bool>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub notify_needs_you: Option<bool>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub notify_parked: Option<bool>,
    /// See [`Settings`].
    #[serde(default)]
    #[ts(optional)]
    pub window_close: Option<WindowClose>,
}

/// A request without arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Where a new backup goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// A file that does not exist yet, on the machine that runs Husting. Absolute, or beginning with `~/`.
    pub path: String,
}

/// Which backup takes the store's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// A file that Husting wrote, on the machine that runs Husting. Absolute, or beginning with `~/`.
    pub path: String,
}

/// Which backup is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LookAtBackup {
    /// A file that Husting wrote, on the machine that runs Husting. Absolute, or beginning with `~/`.
    pub path: String,
}

/// What a restore of this backup would bring back, of all tenants together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupView {
    /// The version of its tables.
    #[ts(type = "number")]
    pub version: i64,
    /// The newest version known here; an older backup is brought up to it.
    #[ts(type = "number")]
    pub known: i64,
    /// When the file was written last; a copy that does not keep times has its own.
    pub written_at: Timestamp,
    /// When its newest session changed or its newest message was sent.
    pub newest_at: Option<Timestamp>,
    /// Sessions.
    #[ts(type = "number")]
    pub sessions: u64,
    /// Messages; a broadcast is one.
    #[ts(type = "number")]
    pub messages: u64,
    /// Agents that are not revoked.
    #[ts(type = "number")]
    pub agents: u64,
}

/// Backups in the data folder, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Backups {
    /// The backups; those that were written elsewhere are not known.
    pub backups: Vec<KeptBackup>,
}

/// A copy of the store in the data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptBackup {
    /// The file, on the machine that runs Husting.
    pub path: String,
    /// Why it was made.
    pub made: BackupOccasion,
    /// Its size in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// When it was written last.
    pub written_at: Timestamp,
}

/// All data is being erased: Husting ends, erases it, and begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Erasing {
    /// What lies in the data folder and is not Husting's: it stays.
    pub left: Vec<String>,
    /// What links there lead to, which may hold data of Husting's: it stays, for no link is followed.
    pub not_removed: Vec<String>,
}

/// How closely `doctor` looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LookAround {
    /// Asks no provider, which may take as long as a provider is silent: what is told of them is that nobody asked.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub ask_nobody: bool,
}

/// What `doctor` looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// One line per thing looked at.
    pub findings: Vec<Finding>,
}

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// `store`, `keys`, `wallet`, `provider <name>`, …
    pub subject: String,
    /// In order, as far as anybody has looked.
    pub ok: bool,
    /// Nobody has looked, so that it is neither good nor wrong.
    #[serde(default)]
    pub untested: bool,
    /// Nothing is broken, and something goes on only once the operator does something.
    #[serde(default)]
    pub waits: bool,
    /// What was found and what to do, as it is true in the window and at the command line; a fault that came from elsewhere
    /// may name a command of its own.
    pub message: String,
    /// The command that does something about it, between backticks in words that end the sentence. Only the command
    /// line shows it: the window has its own ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub command: Option<String>,
}
