//! What an agent may do.

use clap::{ArgGroup, Args};
use husting_domain::scopes::Scope;
use husting_wire::agents::{ChangeAgent, EditAgent, OneAgent, SetScope};
use husting_wire::commands::{ChangeScope, ReviseAgent};

use super::naming::Which;
use super::text;
use crate::commands::spans::Span;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;

/// Scopes of one agent.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").args(["set", "add", "remove"])))]
pub struct Scopes {
    #[command(flatten)]
    which: Which,
    /// All that it may do from now on, such as send,inbox
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = scope)]
    set: Vec<Scope>,
    /// Something more that it may do
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = scope)]
    add: Vec<Scope>,
    /// For so long, such as 10m [default: without an end]
    #[arg(long = "for", value_name = "SPAN", requires = "add")]
    span: Option<Span>,
    /// Something that it may not do any more
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = scope)]
    remove: Vec<Scope>,
}

/// Why a word is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "scopes are send, inbox, broadcast, workspace_join, recall, remember, peers and deliberate, \
     with or without mcp: before them"
)]
pub struct NoScope;

/// A scope by its word, with or without what stands before it.
///
/// # Errors
/// [`NoScope`].
pub fn scope(word: &str) -> Result<Scope, NoScope> {
    let word = word.trim();
    Scope::parse(word)
        .or_else(|| Scope::parse(&format!("mcp:{word}")))
        .ok_or(NoScope)
}

impl Scopes {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let mut agent = self.which.find(door).await?;
        let agent_id = agent.id;
        if !self.set.is_empty() {
            let change = ChangeAgent {
                scopes: Some(self.set),
                ..ChangeAgent::default()
            };
            let edit = EditAgent { agent_id, change };
            agent = ask::<ReviseAgent>(door, edit).await?.agent;
        }
        let added = self.add.into_iter().map(|scope| (scope, true));
        let removed = self.remove.into_iter().map(|scope| (scope, false));
        for (scope, held) in added.chain(removed) {
            let asked = SetScope {
                agent_id,
                scope,
                held,
                for_seconds: self.span.filter(|_| held).map(|span| span.0),
            };
            agent = ask::<ChangeScope>(door, asked).await?.agent;
        }
        let words = text::grants(&agent);
        output::answer(&OneAgent { agent }, json, &words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_named_with_or_without_its_prefix() {
        assert_eq!(scope("mcp:send"), Ok(Scope::Send));
        assert_eq!(scope(" workspace_join"), Ok(Scope::WorkspaceJoin));
        for word in ["", "mcp:", "everything", "mcp:mcp:send"] {
            assert_eq!(scope(word), Err(NoScope), "{word}");
        }
        let told = NoScope.to_string();
        for scope in Scope::ALL {
            assert!(told.contains(scope.word().trim_start_matches("mcp:")));
        }
    }
}
