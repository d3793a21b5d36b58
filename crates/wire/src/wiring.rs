//! Files that put a client on the bus: shown before they are written, and written for one agent or key.

use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, KeyId};
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agents::MintedAgent;

/// Whose secret a file carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WiringOf {
    /// The bus, by an agent's token; stands under `sos`.
    Agent {
        /// Which agent.
        agent_id: AgentId,
    },
    /// The deliberation server, by a key; stands under `mumo`.
    Key {
        /// Which key.
        key_id: KeyId,
    },
    /// The bus, for an agent that is about to be made.
    NewAgent {},
    /// The deliberation server, for a key that is about to be made.
    NewKey {},
}

/// How a client reaches the bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WiringTransport {
    /// Streamable HTTP.
    #[default]
    Http,
    /// Server-sent events, for clients that know nothing newer.
    Sse,
}

/// Asks what a client's file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ShowWiring {
    /// Whose secret.
    pub of: WiringOf,
    /// For which client.
    pub client: Client,
    /// How it reaches the bus; over HTTP when left out.
    #[serde(default)]
    #[ts(optional, as = "Option<WiringTransport>")]
    pub transport: WiringTransport,
    /// Where it is to be written: a file, or a folder in which the client's own file name is used. What
    /// stands there is looked at. Absolute, or beginning with `~/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub path: Option<String>,
}

/// What a client's file says. `<your-token>` stands where the secret will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WiringView {
    /// Which client.
    pub client: Client,
    /// What people call it.
    pub title: String,
    /// Where the client's makers say what its file looks like.
    pub page: Option<String>,
    /// A whole file that holds nothing but this server; of a client that is wired by a command, the command.
    pub text: String,
    /// What it is written in.
    pub format: WiringFormat,
    /// The file in a project's folder, relative to it.
    pub project_file: Option<String>,
    /// The file that holds for this user, on this machine; below their home it begins with `~/`.
    pub user_file: Option<String>,
    /// The file that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub target: Option<WiringTarget>,
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WiringFormat {
    /// JSON.
    Json,
    /// JSON with comments.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// No file: a command for the operator to run.
    Command,
}

/// A file as it stands before it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WiringTarget {
    /// Where; absolute.
    pub path: String,
    /// It is there already, and what it says is kept beside it first.
    pub exists: bool,
    /// Other servers in it, which stay as they are.
    pub other_servers: u32,
    /// It has a server of our name, which is replaced.
    pub replaces: bool,
    /// That server is not Husting's.
    #[serde(default)]
    pub anothers: bool,
    /// How it stands with Git; none outside of a work tree.
    pub git: Option<GitStanding>,
}

/// How a file in a work tree stands with Git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GitStanding {
    /// Git would take it into the next commit that adds everything.
    Untracked,
    /// Git has it already: a secret in it goes out with the next commit.
    Tracked,
    /// Git leaves it out.
    Ignored,
    /// There is a work tree and no Git that could be asked.
    Unknown,
}

/// Writes a client's file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteWiring {
    /// Whose secret.
    pub of: WiringOf,
    /// For which client.
    pub client: Client,
    /// See [`ShowWiring`].
    #[serde(default)]
    #[ts(optional, as = "Option<WiringTransport>")]
    pub transport: WiringTransport,
    /// See [`ShowWiring`].
    pub path: String,
    /// The token or key as it was shown. It goes into the file and nowhere else.
    pub secret: String,
    /// Tell Git to leave the file out, by the work tree's own `info/exclude`.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub git_exclude: bool,
}

// A derived one would print the token.
impl std::fmt::Debug for WriteWiring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteWiring")
            .field("of", &self.of)
            .field("client", &self.client)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrittenWiring {
    /// Which client reads it.
    pub client: Client,
    /// Where; absolute.
    pub path: String,
    /// Where what stood there before is kept.
    pub backup: Option<String>,
    /// Other servers in it, untouched.
    pub other_servers: u32,
    /// A server of our name that was not Husting's was replaced. It stands in what is kept.
    #[serde(default)]
    pub replaced_anothers: bool,
    /// Its folder was not there and was made, for its owner alone.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub made_folder: bool,
    /// The address in it holds until Husting ends: the system chose its port.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub passing_address: bool,
    /// How it stands with Git now.
    pub git: Option<GitStanding>,
}

/// Gives an agent a new token, writes it into a client's file, tries it once, and ends the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RewireAgent {
    /// Which.
    pub agent_id: AgentId,
    /// For which client.
    pub client: Client,
    /// See [`ShowWiring`].
    #[serde(default)]
    #[ts(optional, as = "Option<WiringTransport>")]
    pub transport: WiringTransport,
    /// See [`ShowWiring`].
    pub path: String,
    /// See [`WriteWiring`].
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub git_exclude: bool,
    /// How long the old token goes on where the new one could not be tried, or not be written everywhere, in seconds;
    /// 60 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub overlap_seconds: Option<u32>,
}

/// What came of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RewiredAgent {
    /// The agent. Its new token is here where no file has it.
    #[serde(flatten)]
    pub minted: MintedAgent,
    /// The file, where it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wired: Option<WrittenWiring>,
    /// Why it was not, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub not_written: Option<String>,
    /// Its other files that had a token of it, and have the new one now.
    pub also: Vec<WrittenWiring>,
    /// Those of them that could not be written, which still have the old one.
    pub left: Vec<UnwrittenFile>,
    /// Whether a call with the new token was answered; none where nothing listens that could be asked.
    pub answered: Option<bool>,
    /// The old token opens nothing any more; else it goes on for the overlap.
    pub old_ended: bool,
}

/// A client's file that could not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnwrittenFile {
    /// Which.
    pub path: String,
    /// Why, as a sentence.
    pub why: String,
}

/// Takes an agent's entry out of a client's file that was written for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct UnwireAgent {
    /// Which; it may be revoked.
    pub agent_id: AgentId,
    /// One of the agent's files, as [`WiredFile`] names it, or beginning with `~/`; a folder stands for the client's
    /// own file in it.
    pub path: String,
    /// Also where the agent is not revoked, whose client is cut off by that. Its file is still told of then.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub cut_off: bool,
}

/// What came of taking an agent's entry out of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnwiredFile {
    /// Which client reads it.
    pub client: Client,
    /// Where; absolute.
    pub path: String,
    /// The agent's entry was in it, and was taken out; else it, or the whole file, was gone already.
    pub taken_out: bool,
    /// What stands under Husting's name in it is not the agent's, and stayed.
    pub anothers: bool,
    /// Where what stood there before is kept, without the token.
    pub backup: Option<String>,
    /// Other servers in it, untouched.
    pub other_servers: u32,
}

/// A file that was written for an agent, as it is found now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WiredFile {
    /// Which client reads it.
    pub client: Client,
    /// Where; absolute.
    pub path: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// What became of it.
    pub state: WiredState,
}

/// What became of a file that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WiredState {
    /// As it was written, with the agent's present token.
    Current,
    /// Somebody changed it since.
    Changed,
    /// It has a token that opens nothing any more, or soon will not.
    OldToken,
    /// It names another address than that at which Husting is heard now.
    Moved,
    /// What stands under Husting's name in it is not the agent's: it has somebody else's token, or none at all while
    /// the agent is revoked.
    Anothers,
    /// It, or Husting's entry in it, is not there any more; or it cannot be read.
    Gone,
}

impl WiredState {
    /// Whether the agent's entry is in it, with whichever of its tokens.
    #[must_use]
    pub const fn has_entry(self) -> bool {
        match self {
            Self::Current | Self::Changed | Self::OldToken | Self::Moved => true,
            Self::Anothers | Self::Gone => false,
        }
    }
}

/// Clients that were looked for on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClientList {
    /// All of them, in the order in which they are offered.
    pub clients: Vec<ClientView>,
}

/// A client, and what is known of it here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClientView {
    /// Which.
    pub client: Client,
    /// What people call it.
    pub title: String,
    /// Its program on the search path.
    pub program: Option<String>,
    /// The folder or file of its own that shows that it has been used here.
    pub seen: Option<String>,
    /// Husting can start it without a person in front of it.
    pub runs: bool,
}
