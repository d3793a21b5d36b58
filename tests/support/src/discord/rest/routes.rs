//! The endpoints there are. A route's name is its method and its path as Discord's pages write it.

use std::sync::LazyLock;

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::{
    Act, channels, commands, guilds, interactions, messages, reactions, route, threads, webhooks,
};
use crate::{discord::refusal::Refusal, fingerprint};

pub(crate) struct Route {
    pub(crate) name: String,
    /// Whether it needs the bot's token, and with it counts against the global limit.
    pub(crate) of_bot: bool,
    pub(crate) act: Act,
}

/// A route and what its path said.
pub(crate) struct Found {
    pub(crate) route: &'static Route,
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) path: String,
    /// The path without tokens.
    pub(crate) shown: String,
    /// The channel, guild or webhook that limits are counted by.
    pub(crate) resource: String,
}

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let bots: &[(&str, Act)] = &[
        ("GET /gateway/bot", guilds::gateway_bot),
        ("GET /users/@me", guilds::me),
        ("GET /users/@me/guilds", guilds::my_guilds),
        ("POST /users/@me/channels", channels::create_dm),
        ("GET /users/{user.id}", guilds::user),
        ("GET /applications/@me", guilds::application),
        ("GET /oauth2/applications/@me", guilds::application),
        ("GET /guilds/{guild.id}", guilds::guild),
        ("GET /guilds/{guild.id}/channels", guilds::channels),
        ("GET /guilds/{guild.id}/roles", guilds::roles),
        ("GET /guilds/{guild.id}/threads/active", threads::active),
        ("GET /guilds/{guild.id}/members/{user.id}", guilds::member),
        ("GET /guilds/{guild.id}/webhooks", webhooks::of_guild),
        ("GET /channels/{channel.id}", channels::get),
        ("PATCH /channels/{channel.id}", channels::modify),
        ("POST /channels/{channel.id}/typing", channels::typing),
        ("GET /channels/{channel.id}/messages", messages::list),
        ("POST /channels/{channel.id}/messages", messages::create),
        (
            "GET /channels/{channel.id}/messages/{message.id}",
            messages::get,
        ),
        (
            "PATCH /channels/{channel.id}/messages/{message.id}",
            messages::edit,
        ),
        (
            "DELETE /channels/{channel.id}/messages/{message.id}",
            messages::delete,
        ),
        (
            "PUT /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me",
            reactions::create,
        ),
        (
            "DELETE /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me",
            reactions::delete_own,
        ),
        (
            "GET /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}",
            reactions::list,
        ),
        (
            "POST /channels/{channel.id}/messages/{message.id}/threads",
            threads::start_from_message,
        ),
        ("POST /channels/{channel.id}/threads", threads::start),
        (
            "PUT /channels/{channel.id}/thread-members/@me",
            threads::join,
        ),
        (
            "DELETE /channels/{channel.id}/thread-members/@me",
            threads::leave,
        ),
        (
            "GET /channels/{channel.id}/threads/archived/public",
            threads::archived,
        ),
        ("GET /channels/{channel.id}/webhooks", webhooks::of_channel),
        ("POST /channels/{channel.id}/webhooks", webhooks::create),
        ("GET /webhooks/{webhook.id}", webhooks::get),
        ("PATCH /webhooks/{webhook.id}", webhooks::modify),
        ("DELETE /webhooks/{webhook.id}", webhooks::delete),
        (
            "GET /applications/{application.id}/commands",
            commands::list_global,
        ),
        (
            "POST /applications/{application.id}/commands",
            commands::create_global,
        ),
        (
            "PUT /applications/{application.id}/commands",
            commands::overwrite_global,
        ),
        (
            "GET /applications/{application.id}/commands/{command.id}",
            commands::get,
        ),
        (
            "DELETE /applications/{application.id}/commands/{command.id}",
            commands::delete,
        ),
        (
            "GET /applications/{application.id}/guilds/{guild.id}/commands",
            commands::list_guild,
        ),
        (
            "POST /applications/{application.id}/guilds/{guild.id}/commands",
            commands::create_guild,
        ),
        (
            "PUT /applications/{application.id}/guilds/{guild.id}/commands",
            commands::overwrite_guild,
        ),
        (
            "DELETE /applications/{application.id}/guilds/{guild.id}/commands/{command.id}",
            commands::delete,
        ),
    ];
    // Those whose path is their authorisation, and one that needs none.
    let open: &[(&str, Act)] = &[
        ("GET /gateway", guilds::gateway),
        (
            "GET /webhooks/{webhook.id}/{webhook.token}",
            webhooks::get_with_token,
        ),
        (
            "DELETE /webhooks/{webhook.id}/{webhook.token}",
            webhooks::delete_with_token,
        ),
        (
            "POST /webhooks/{webhook.id}/{webhook.token}",
            webhooks::execute,
        ),
        (
            "GET /webhooks/{webhook.id}/{webhook.token}/messages/{message.id}",
            webhooks::get_message,
        ),
        (
            "PATCH /webhooks/{webhook.id}/{webhook.token}/messages/{message.id}",
            webhooks::edit_message,
        ),
        (
            "DELETE /webhooks/{webhook.id}/{webhook.token}/messages/{message.id}",
            webhooks::delete_message,
        ),
        (
            "POST /interactions/{interaction.id}/{interaction.token}/callback",
            interactions::callback,
        ),
    ];
    let with = |of_bot| move |(name, act): &(&str, Act)| route(name, of_bot, *act);
    bots.iter()
        .map(with(true))
        .chain(open.iter().map(with(false)))
        .collect()
});

/// Finds the route of a path below `/api/v10`. A literal part is preferred to a name.
pub(crate) fn find(method: &Method, path: &str) -> Result<Found, Refusal> {
    let mut other_method = false;
    let mut best: Option<Found> = None;
    for route in ROUTES.iter() {
        let Some((of, template)) = route.name.split_once(' ') else {
            continue;
        };
        let Some(params) = params(template, path) else {
            continue;
        };
        if of != method.as_str() {
            other_method = true;
            continue;
        }
        if best
            .as_ref()
            .is_none_or(|best| params.len() < best.params.len())
        {
            best = Some(found(route, template, params, path));
        }
    }
    best.ok_or_else(|| {
        if other_method {
            Refusal::new(405, 0, "405: Method Not Allowed")
        } else {
            Refusal::new(404, 0, "404: Not Found")
        }
    })
}

fn found(
    route: &'static Route,
    template: &str,
    params: Vec<(&'static str, String)>,
    path: &str,
) -> Found {
    let mut shown = template.to_owned();
    for (name, value) in &params {
        let value = if name.ends_with(".token") {
            fingerprint(value)
        } else {
            value.clone()
        };
        shown = shown.replace(&format!("{{{name}}}"), &value);
    }
    let top = ["channel.id", "guild.id", "webhook.id", "interaction.id"];
    let resource = params
        .iter()
        .filter(|(name, _)| top.contains(name) || *name == "webhook.token")
        .map(|(_, value)| value.as_str())
        .collect::<Vec<_>>()
        .join(":");
    Found {
        route,
        params,
        path: path.to_owned(),
        shown,
        resource,
    }
}

/// What the path says for the template's names; `None` where they do not match.
fn params(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut params = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(given)) => {
                let name = wanted
                    .strip_prefix('{')
                    .and_then(|wanted| wanted.strip_suffix('}'));
                let given = percent_decode_str(given).decode_utf8().ok()?;
                match name {
                    Some(name) if !given.is_empty() => params.push((name, given.into_owned())),
                    None if wanted == given => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: Method, path: &str) -> Result<String, u16> {
        match find(&method, path) {
            Ok(found) => Ok(found.route.name.clone()),
            Err(refusal) => Err(refusal.status.as_u16()),
        }
    }

    #[test]
    fn a_literal_part_wins_over_a_name() {
        assert_eq!(name(Method::GET, "/users/@me"), Ok("GET /users/@me".into()));
        let user = name(Method::GET, "/users/77");
        assert_eq!(user, Ok("GET /users/{user.id}".into()));
    }

    #[test]
    fn what_is_no_route_is_not_found_and_what_is_another_method_is_not_allowed() {
        assert_eq!(name(Method::GET, "/users"), Err(404));
        assert_eq!(name(Method::GET, "/users/@me/"), Err(404));
        assert_eq!(name(Method::PUT, "/users/@me"), Err(405));
    }

    #[test]
    fn tokens_are_not_in_what_is_shown() {
        let found = find(&Method::POST, "/webhooks/12/secret-token").unwrap();
        assert!(found.shown.starts_with("/webhooks/12/"));
        assert!(!found.shown.contains("secret"), "{}", found.shown);
        let emoji = "/channels/1/messages/2/reactions/%F0%9F%91%80/@me";
        let found = find(&Method::PUT, emoji).unwrap();
        assert_eq!(found.params[2], ("emoji.id", "👀".to_owned()));
        assert_eq!(found.resource, "1");
    }
}
