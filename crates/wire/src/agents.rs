//! Agents: as scripts of a tenant and the operator mint, read and change them.

use husting_domain::agents::{AgentKind, AgentStatus, Decision, KillReceipt, Name};
use husting_domain::ids::{AgentId, DenialId, NoteId, RunId, SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::bus::messages::Recipient;
use crate::runs::WakeView;
use crate::wiring::WiredFile;

/// How an agent shows life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// An open stream or wait, or a call in the last two minutes; or Husting runs it.
    Live,
    /// A call today.
    Idle,
    /// Its last call was on an earlier day.
    Quiet,
    /// No call yet.
    NeverCalled,
    /// Its process ended.
    Stopped,
}

/// A scope that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct GrantView {
    /// Which.
    pub scope: Scope,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// It covers one call.
    pub once: bool,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AgentView {
    /// Its id.
    pub id: AgentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name; free again after a revocation.
    pub agent_name: String,
    /// Who runs it.
    pub kind: AgentKind,
    /// What it says it runs on; of a managed agent the seat.
    pub model: Option<String>,
    /// What it is there for.
    pub charter: Option<String>,
    /// Where it stands.
    pub status: AgentStatus,
    /// The scopes in force.
    pub scopes: Vec<Scope>,
    /// The same with their ends.
    pub grants: Vec<GrantView>,
    /// The last eight characters of its token; none for an agent that Husting runs.
    pub token_tail: Option<String>,
    /// When that token was made.
    pub token_created_at: Option<Timestamp>,
    /// When a call with that token was last taken in, since Husting was started; an older token's calls, while it
    /// goes on beside it, are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub token_called_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// How it shows life.
    pub liveness: Liveness,
    /// When it last called.
    pub last_call_at: Option<Timestamp>,
    /// Messages that wait for it.
    pub unread: u32,
    /// Streams and waits it holds open now.
    pub connections: u32,
    /// Why an agent that Husting runs leaves its mail unread for now, as a sentence; none where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hindrance: Option<String>,
    /// The run in which its program failed too often to be started again by itself, until somebody starts it or
    /// leaves it as it is, or it does what it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub given_up_run: Option<RunId>,
}

/// Mints an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MintAgent {
    /// `^[a-z][a-z0-9-]{0,62}$`, and not reserved.
    pub agent_name: String,
    /// What it runs on, in your own words; at most 128 characters.
    #[serde(default)]
    #[ts(optional)]
    #[schemars(length(max = 128))]
    pub model: Option<String>,
    /// What it is there for; at most 16,384 characters.
    #[serde(default)]
    #[ts(optional)]
    #[schemars(length(max = 16_384))]
    pub charter: Option<String>,
    /// What it may do; `mcp:send`, `mcp:inbox` and `mcp:peers` when left out.
    #[serde(default)]
    #[ts(optional)]
    pub scopes: Option<Vec<Scope>>,
    /// When it ends by itself; never when left out.
    #[serde(default)]
    #[ts(optional)]
    pub expires_at: Option<Timestamp>,
}

/// Where the bus is for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct BusAddresses {
    /// Streamable HTTP, with the token as `Authorization: Bearer`.
    pub http_url: String,
    /// The same for clients that only know server-sent events. Where it ends on `<your-token>`, the token
    /// stands there; else it is sent as with the other.
    pub sse_url: String,
}

/// An agent with its token: the answer to a mint or a rotation, and the only one that holds one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct MintedAgent {
    /// The agent.
    pub agent: AgentView,
    /// `hst_a_…`; shown once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub raw_token: Option<String>,
    /// The same request was answered with the token before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub raw_token_delivered: bool,
    /// Where it connects; none while Husting listens nowhere.
    pub mcp: Option<BusAddresses>,
}

// A derived one would print the token.
impl std::fmt::Debug for MintedAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MintedAgent")
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}

/// Activates one of the agents that Husting runs itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivateAgent {
    /// `kasra`, `athena` or `calliope`.
    pub agent_name: String,
    /// The seat it answers on; the one it had, or a rehearsal seat, when left out.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<String>,
}

/// An agent on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct OneAgent {
    /// The agent.
    pub agent: AgentView,
}

/// Changes an agent; what is left out stays. In force on its next call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAgent {
    /// All that it may do from now on, without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub scopes: Option<Vec<Scope>>,
    /// See [`MintAgent`]; of a managed agent the seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub model: Option<String>,
    /// See [`MintAgent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub charter: Option<String>,
    /// See [`MintAgent`]; `null` for never.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    #[ts(optional, type = "string | null")]
    #[schemars(with = "Option<Timestamp>")]
    pub expires_at: Option<Option<Timestamp>>,
}

/// Tells `null` from a member that is left out.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Gives an agent a new token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateToken {
    /// How long the old one goes on; at once when left out, a day at the most.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    #[schemars(range(max = 86_400))]
    pub overlap_seconds: u32,
}

/// An agent's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct RevokedAgent {
    /// The agent as it is now.
    pub agent: AgentView,
    /// What its end came to; a managed agent is only switched off and has none.
    pub receipt: Option<KillReceipt>,
}

/// Which agents to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAgents {
    /// In this state; all but the revoked ones when left out.
    #[serde(default)]
    #[ts(optional)]
    pub status: Option<AgentStatus>,
    /// Run by these.
    #[serde(default)]
    #[ts(optional)]
    pub kind: Option<AgentKind>,
    /// Most agents of one page, 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    #[schemars(range(min = 1, max = 500))]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    #[ts(optional)]
    pub cursor: Option<String>,
}

/// Which agents of a tenant the operator lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListTenantAgents {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which of them.
    pub list: ListAgents,
}

/// A page of agents, in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AgentList {
    /// The agents.
    pub agents: Vec<AgentView>,
    /// For the next page; none on the last.
    pub next_cursor: Option<String>,
}

/// Names one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AgentRef {
    /// Which.
    pub agent_id: AgentId,
}

/// The console's change of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditAgent {
    /// Which.
    pub agent_id: AgentId,
    /// What.
    pub change: ChangeAgent,
}

/// Gives one scope, or takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetScope {
    /// Whose.
    pub agent_id: AgentId,
    /// Which.
    pub scope: Scope,
    /// Held from now on, or not.
    pub held: bool,
    /// For how long; without an end when left out.
    #[serde(default)]
    #[ts(optional)]
    pub for_seconds: Option<u32>,
}

/// The console's rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RotateAgent {
    /// Whose token.
    pub agent_id: AgentId,
    /// See [`RotateToken`].
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub overlap_seconds: u32,
}

/// A token for the bridge to Discord.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConnectorToken {
    /// What the bridge is called on the bus; `discord-connector` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent_name: Option<String>,
}

/// A call that lacked its scope: a question to the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DenialView {
    /// Its id.
    pub denial_id: DenialId,
    /// Who called.
    pub agent_id: AgentId,
    /// What it is called.
    pub agent_name: Name,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What was missing.
    pub scope: Scope,
    /// The tool that was called last.
    pub tool: String,
    /// Whom that call was for, where it named somebody; what it was to say is not kept.
    pub to: Option<Recipient>,
    /// How many calls.
    pub calls: u32,
    /// The first.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
    /// What the operator said.
    pub decision: Option<Decision>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// Denials that wait for an answer, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DenialList {
    /// The denials.
    pub denials: Vec<DenialView>,
}

/// Answers a denial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DecideDenial {
    /// Which.
    pub denial_id: DenialId,
    /// What.
    pub decision: Decision,
}

/// An agent with all that its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentPage {
    /// The agent.
    pub agent: AgentView,
    /// What its end came to.
    pub receipt: Option<KillReceipt>,
    /// Its denials, answered ones too, the newest first.
    pub denials: Vec<DenialView>,
    /// Its squads.
    pub squads: Vec<Name>,
    /// Files that were written for it, the newest first.
    pub wired: Vec<WiredFile>,
    /// When mail starts it; none for an agent that no program of its own runs.
    pub wake: Option<WakeView>,
    /// Sessions that it opened and whose rounds are at work, those that changed last first. A revoke leaves them at work.
    pub sessions_at_work: Vec<SessionId>,
}

/// What one agent was charged: its turns, and the rounds of sessions that it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentSpend {
    /// Whose.
    pub agent_id: AgentId,
    /// Since the day began (UTC).
    pub today: MicroUsd,
    /// Since the month began (UTC).
    pub month: MicroUsd,
}

/// What agents cost this month: those of them who cost anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentSpendList {
    /// The dearest first.
    pub agents: Vec<AgentSpend>,
}

/// Which notes to list: an agent's own, or those of a squad it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListNotes {
    /// Whose.
    pub agent_id: AgentId,
    /// Those that this squad shares, in the place of its own.
    #[serde(default)]
    #[ts(optional)]
    pub squad: Option<Name>,
    /// Words to look for, the best match first; the newest first when left out. No query is syntax.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
    /// Most notes, 500 at the most; 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteView {
    /// Its id.
    pub note_id: NoteId,
    /// The note.
    pub text: String,
    /// What it is about.
    pub context: Option<String>,
    /// The name of the agent that stored it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteList {
    /// The notes.
    pub notes: Vec<NoteView>,
    /// Whether there are more.
    pub more: bool,
}

/// Pauses all agents, or lets them go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetPause {
    /// Held.
    pub paused: bool,
}

/// What was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoppedAll {
    /// Rounds that ended with what they had.
    pub rounds: u32,
    /// Their sessions.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
    /// Agents that were suspended.
    pub agents: Vec<StoppedAgent>,
    /// Agents' own programs that ran.
    pub programs: Vec<StoppedProgram>,
    /// The Discord bridge was to run, and is not any more.
    #[serde(default)]
    pub bridge: bool,
}

/// An agent that was suspended with everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoppedAgent {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name there.
    pub agent_name: String,
}

/// An agent's own program that was ended with everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoppedProgram {
    /// Whose the agent is.
    pub tenant_id: TenantId,
    /// The agent's name there.
    pub agent_name: String,
    /// Whether it was seen to end.
    pub ended: bool,
}
