//! The bus's tools as they are listed: names, schemas and what they do, for agents to read.

use std::sync::{Arc, LazyLock, OnceLock};

use husting_domain::scopes::Scope;
use husting_wire::bus::{calls, results};
use rmcp::model::{JsonObject, Tool as Listed, ToolAnnotations};
use serde_json::Value;

use super::super::mcp::tools::{self as deliberation, input, output};

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    BootContext,
    Send,
    Inbox,
    InboxWait,
    Ack,
    Ask,
    Broadcast,
    WorkspaceJoin,
    WorkspaceLeave,
    Peers,
    Status,
    Remember,
    Recall,
    Memories,
    Forget,
}

/// What a call names: a tool of the bus, or one for deliberations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    Bus(Tool),
    Deliberation(deliberation::Tool),
}

impl Called {
    pub(super) fn named(name: &str) -> Option<Self> {
        let own = Tool::named(name).map(Self::Bus);
        own.or_else(|| deliberation::Tool::named(name).map(Self::Deliberation))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bus(tool) => tool.name(),
            Self::Deliberation(tool) => tool.name(),
        }
    }

    /// What it needs.
    pub(super) const fn scope(self) -> Option<Scope> {
        match self {
            Self::Bus(tool) => tool.scope(),
            Self::Deliberation(_) => Some(Scope::Deliberate),
        }
    }

    /// Whether a document may be handed in with a call.
    pub(super) const fn takes_document(self) -> bool {
        use deliberation::Tool::{AppendRound, CreateDeliberation};
        matches!(self, Self::Deliberation(CreateDeliberation | AppendRound))
    }

    /// Whether its answer may be long in coming.
    pub(super) const fn waits(self) -> bool {
        match self {
            Self::Bus(tool) => tool.waits(),
            Self::Deliberation(tool) => tool.waits(),
        }
    }
}

const ALL: [Tool; 15] = [
    Tool::BootContext,
    Tool::Send,
    Tool::Inbox,
    Tool::InboxWait,
    Tool::Ack,
    Tool::Ask,
    Tool::Broadcast,
    Tool::WorkspaceJoin,
    Tool::WorkspaceLeave,
    Tool::Peers,
    Tool::Status,
    Tool::Remember,
    Tool::Recall,
    Tool::Memories,
    Tool::Forget,
];

static LISTED: LazyLock<[Listed; 15]> = LazyLock::new(|| ALL.map(Tool::listed));

/// What each tool's arguments are held against.
static ARGUMENTS: LazyLock<[Value; 15]> =
    LazyLock::new(|| ALL.map(|tool| Value::Object(tool.schemas().0)));

/// Each set of scopes has its list, made when it is first asked for.
static LISTS: [OnceLock<Vec<Listed>>; 256] = [const { OnceLock::new() }; 256];

/// The tools of the bus that a holder of these scopes may call.
pub(super) fn listed(scopes: &[Scope]) -> Vec<Listed> {
    let number = scopes
        .iter()
        .fold(0, |set, scope| set | 1 << *scope as usize);
    let Some(list) = LISTS.get(number) else {
        return Vec::new();
    };
    let is_held = |tool: &Tool| tool.scope().is_none_or(|scope| scopes.contains(&scope));
    let made = || ALL.into_iter().filter(is_held);
    let listed = |tool: Tool| LISTED[tool as usize].clone();
    list.get_or_init(|| made().map(listed).collect()).clone()
}

/// How many tools a holder of these scopes may call, those for deliberations included.
pub(super) fn count(scopes: &[Scope]) -> usize {
    let own = ALL.into_iter().map(Called::Bus);
    let others = deliberation::ALL.into_iter().map(Called::Deliberation);
    let may_call = |tool: &Called| tool.scope().is_none_or(|scope| scopes.contains(&scope));
    own.chain(others).filter(may_call).count()
}

impl Tool {
    pub(super) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::BootContext => "boot_context",
            Self::Send => "send",
            Self::Inbox => "inbox",
            Self::InboxWait => "inbox_wait",
            Self::Ack => "ack",
            Self::Ask => "ask",
            Self::Broadcast => "broadcast",
            Self::WorkspaceJoin => "workspace_join",
            Self::WorkspaceLeave => "workspace_leave",
            Self::Peers => "peers",
            Self::Status => "status",
            Self::Remember => "remember",
            Self::Recall => "recall",
            Self::Memories => "memories",
            Self::Forget => "forget",
        }
    }

    /// What it needs.
    pub(super) const fn scope(self) -> Option<Scope> {
        match self {
            Self::BootContext => None,
            Self::Send | Self::Ask => Some(Scope::Send),
            Self::Inbox | Self::InboxWait | Self::Ack => Some(Scope::Inbox),
            Self::Broadcast => Some(Scope::Broadcast),
            Self::WorkspaceJoin | Self::WorkspaceLeave => Some(Scope::WorkspaceJoin),
            Self::Peers | Self::Status => Some(Scope::Peers),
            Self::Remember | Self::Forget => Some(Scope::Remember),
            Self::Recall | Self::Memories => Some(Scope::Recall),
        }
    }

    /// Whether its answer may be long in coming.
    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::InboxWait | Self::Ask)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::BootContext => "Who you are here",
            Self::Send => "Write to an agent",
            Self::Inbox => "Read your mail",
            Self::InboxWait => "Wait for mail",
            Self::Ack => "Acknowledge mail",
            Self::Ask => "Ask an agent",
            Self::Broadcast => "Write to all",
            Self::WorkspaceJoin => "Join a squad",
            Self::WorkspaceLeave => "Leave a squad",
            Self::Peers => "Who is there",
            Self::Status => "How the bus stands",
            Self::Remember => "Store a note",
            Self::Recall => "Look for notes",
            Self::Memories => "List notes",
            Self::Forget => "Forget a note",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::BootContext => {
                "Tells you who you are on this bus: name, tenant, charter, what your token may do, your squads, \
                 how many messages wait, and how to answer. Call it first."
            }
            Self::Send => {
                "Writes to one agent, or to the operator. The message is on disk when this answers. Answer a \
                 message with in_reply_to set to its id. With a request_id it is delivered again until it is \
                 acknowledged or answered."
            }
            Self::Inbox => {
                "Reads your unread mail, oldest first. What it returned counts as received with your next inbox \
                 or inbox_wait; ack or an answer say so of single messages before. include all reads everything \
                 again and changes nothing."
            }
            Self::InboxWait => {
                "Waits until mail is there and returns it at once; an empty answer when the time is up. Use it \
                 instead of calling inbox again and again."
            }
            Self::Ack => {
                "Says that you received these messages. A message with a request_id comes again until you \
                 acknowledge or answer it."
            }
            Self::Ask => {
                "Writes to one agent and waits for its answer, which this call alone is given. An answer that \
                 comes later is in your inbox."
            }
            Self::Broadcast => {
                "Writes to every active agent of your tenant, or with squad to its members; you must be one. You \
                 yourself get no copy."
            }
            Self::WorkspaceJoin => {
                "Joins a squad; a name that nobody used makes one. Members get its broadcasts and share its notes."
            }
            Self::WorkspaceLeave => "Leaves a squad: no more of its broadcasts and notes.",
            Self::Peers => "Lists the agents of your tenant: who is live, and in which squads.",
            Self::Status => {
                "Tells how the bus stands for you: unread messages, your squads, what your token may do, how many \
                 agents are live."
            }
            Self::Remember => {
                "Stores a note that recall finds later, in this session or another. With squad its members find it \
                 too."
            }
            Self::Recall => {
                "Looks for notes by their words, the best first. query is plain words, no search syntax."
            }
            Self::Memories => "Lists notes, the newest first.",
            Self::Forget => {
                "Deletes a note that you stored, for yourself or for a squad, for good. Notes that others stored stay."
            }
        }
    }

    const fn annotations(self) -> (bool, bool, bool) {
        // read-only, destructive, idempotent
        match self {
            Self::BootContext | Self::Peers | Self::Status | Self::Recall | Self::Memories => {
                (true, false, true)
            }
            // Fetching leases: the same call gives other mail the next time.
            Self::Inbox
            | Self::InboxWait
            | Self::Send
            | Self::Ask
            | Self::Broadcast
            | Self::Remember => (false, false, false),
            Self::Ack | Self::WorkspaceJoin | Self::WorkspaceLeave => (false, false, true),
            Self::Forget => (false, true, true),
        }
    }

    /// The schema of its arguments.
    pub(super) fn arguments(self) -> &'static Value {
        &ARGUMENTS[self as usize]
    }

    fn listed(self) -> Listed {
        let (input, output) = self.schemas();
        let (read_only, destructive, idempotent) = self.annotations();
        let annotations = ToolAnnotations::with_title(self.title())
            .read_only(read_only)
            .destructive(destructive)
            .idempotent(idempotent)
            .open_world(false);
        Listed::new(self.name(), self.about(), Arc::new(input))
            .with_title(self.title())
            .with_raw_output_schema(Arc::new(output))
            .with_annotations(annotations)
    }

    fn schemas(self) -> (JsonObject, JsonObject) {
        match self {
            Self::BootContext => (input::<calls::Nothing>(), output::<results::BootContext>()),
            Self::Send => (input::<calls::Send>(), output::<results::Sent>()),
            Self::Inbox => (input::<calls::Inbox>(), output::<results::Mail>()),
            Self::InboxWait => (input::<calls::InboxWait>(), output::<results::Mail>()),
            Self::Ack => (input::<calls::Ack>(), output::<results::Acknowledged>()),
            Self::Ask => (input::<calls::Ask>(), output::<results::Asked>()),
            Self::Broadcast => (
                input::<calls::Broadcast>(),
                output::<results::BroadcastSent>(),
            ),
            Self::WorkspaceJoin => (input::<calls::Join>(), output::<results::SquadMembers>()),
            Self::WorkspaceLeave => (input::<calls::Leave>(), output::<results::SquadMembers>()),
            Self::Peers => (input::<calls::Nothing>(), output::<results::Peers>()),
            Self::Status => (input::<calls::Nothing>(), output::<results::Status>()),
            Self::Remember => (input::<calls::Remember>(), output::<results::Notes>()),
            Self::Recall => (input::<calls::Recall>(), output::<results::Notes>()),
            Self::Memories => (input::<calls::Memories>(), output::<results::Notes>()),
            Self::Forget => (input::<calls::Forget>(), output::<results::Forgotten>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scopes: &[Scope]) -> Vec<String> {
        let tools = listed(scopes).into_iter();
        tools.map(|tool| tool.name.into_owned()).collect()
    }

    #[test]
    fn arguments_are_held_against_every_word_of_their_schema() {
        for tool in ALL {
            assert_eq!(
                crate::shape::unheld(tool.arguments()),
                None,
                "{}",
                tool.name()
            );
        }
    }

    #[test]
    fn only_what_may_be_called_is_listed() {
        assert_eq!(names(&[]), ["boot_context"]);
        assert_eq!(names(&[Scope::Send]), ["boot_context", "send", "ask"]);
        assert_eq!(names(&Scope::ALL), ALL.map(Tool::name));
        assert_eq!(names(&[Scope::Send]), ["boot_context", "send", "ask"]);
    }

    #[test]
    fn every_tool_is_listed_by_its_name_with_both_schemas() {
        for tool in listed(&Scope::ALL) {
            assert_eq!(Tool::named(&tool.name).unwrap().name(), tool.name);
            assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
            assert_eq!(
                tool.input_schema["additionalProperties"], false,
                "{}",
                tool.name
            );
            let output = tool.output_schema.as_ref().unwrap();
            assert_eq!(output["type"], "object", "{}", tool.name);
            let text = serde_json::to_string(&tool.input_schema).unwrap();
            assert!(!text.contains("$ref") && !text.contains("uint"), "{text}");
        }
    }
}
