//! Mentions and whom they notify:
//! <https://docs.discord.com/developers/resources/message#allowed-mentions-object> and
//! <https://docs.discord.com/developers/reference#message-formatting>.

use serde::Serialize;
use serde_json::Value;

use super::{form::Form, id::Id, permissions::bits, state::State};

/// Whom a message notified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pings {
    /// `@everyone` or `@here`.
    pub everyone: bool,
    /// People.
    pub users: Vec<Id>,
    /// Roles.
    pub roles: Vec<Id>,
    /// The author of the message replied to.
    pub replied_user: Option<Id>,
}

impl Pings {
    /// Whether nobody was notified.
    pub fn is_empty(&self) -> bool {
        *self == Pings::default()
    }
}

/// What the sender allows to be parsed.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    everyone: bool,
    users: Named,
    roles: Named,
    pub(crate) replied_user: bool,
}

#[derive(Clone, Debug)]
enum Named {
    All,
    Only(Vec<Id>),
}

impl Named {
    fn has(&self, id: Id) -> bool {
        match self {
            Named::All => true,
            Named::Only(ids) => ids.contains(&id),
        }
    }
}

impl Allowed {
    /// For messages that say nothing of it.
    pub(crate) fn in_messages() -> Self {
        Allowed {
            everyone: true,
            users: Named::All,
            roles: Named::All,
            replied_user: false,
        }
    }

    /// For webhooks and interactions that say nothing of it.
    pub(crate) fn in_webhooks() -> Self {
        Allowed {
            everyone: false,
            users: Named::All,
            roles: Named::Only(Vec::new()),
            replied_user: false,
        }
    }

    /// Reads `allowed_mentions`, or gives `default` where there is none.
    pub(crate) fn read(form: &mut Form<'_>, default: Allowed) -> Allowed {
        let Some(mut given) = form.object("allowed_mentions") else {
            return default;
        };
        let parse = given.choices("parse", &["roles", "users", "everyone"]);
        let users = given.ids("users", 100);
        let roles = given.ids("roles", 100);
        let replied_user = given.boolean("replied_user").unwrap_or(false);
        for (kind, ids) in [("users", &users), ("roles", &roles)] {
            if parse.iter().any(|parsed| parsed == kind) && !ids.is_empty() {
                given.fault_here(
                    "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                    &format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive."),
                );
            }
        }
        let named = |kind: &str, ids: Vec<Id>| {
            if parse.iter().any(|parsed| parsed == kind) {
                Named::All
            } else {
                Named::Only(ids)
            }
        };
        let allowed = Allowed {
            everyone: parse.iter().any(|parsed| parsed == "everyone"),
            users: named("users", users),
            roles: named("roles", roles),
            replied_user,
        };
        form.close("allowed_mentions", given);
        allowed
    }
}

impl State {
    /// Whom `texts` notify when `sender` (`None`: a webhook) posts them in the channel.
    pub(crate) fn pings(
        &self,
        sender: Option<Id>,
        channel: Id,
        texts: &[&str],
        allowed: &Allowed,
        replied: Option<Id>,
    ) -> Pings {
        let guild = self
            .channels
            .get(&channel)
            .and_then(|channel| channel.guild);
        let may_all = sender
            .is_none_or(|sender| self.permissions(sender, channel) & bits::MENTION_EVERYONE != 0);
        let mut pings = Pings::default();
        for text in texts {
            let named = text.contains("@everyone") || text.contains("@here");
            pings.everyone |= named && allowed.everyone && may_all && guild.is_some();
            for id in marked(text, "<@&") {
                let role = guild
                    .and_then(|guild| self.guilds.get(&guild))
                    .and_then(|guild| guild.roles.iter().find(|role| role.id == id));
                if role.is_some_and(|role| role.mentionable || may_all) && allowed.roles.has(id) {
                    pings.roles.push(id);
                }
            }
            let people = marked(text, "<@").into_iter().chain(marked(text, "<@!"));
            pings
                .users
                .extend(people.filter(|id| self.users.contains_key(id) && allowed.users.has(*id)));
        }
        pings.replied_user = replied.filter(|_| allowed.replied_user);
        pings.users.sort_unstable();
        pings.users.dedup();
        pings.roles.sort_unstable();
        pings.roles.dedup();
        pings
    }
}

/// The ids of `<@1>`, `<@!1>` or `<@&1>`, by what stands before the digits.
fn marked(text: &str, mark: &str) -> Vec<Id> {
    let ids = text.split(mark).skip(1).filter_map(|rest| {
        let (digits, _) = rest.split_once('>')?;
        digits.parse().ok()
    });
    ids.collect()
}

/// All text of components, for those messages that are made of them.
pub(crate) fn texts_of(components: &[Value]) -> Vec<String> {
    let mut texts = Vec::new();
    for component in components {
        if let Some(text) = component.get("content").and_then(Value::as_str) {
            texts.push(text.to_owned());
        }
        if let Some(children) = component.get("components").and_then(Value::as_array) {
            texts.extend(texts_of(children));
        }
    }
    texts
}
