//! What is worth a look and refuses nothing.

use secrecy::ExposeSecret;

use super::values::is_loopback;
use super::{Settings, Variables};

/// Something worth a look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {text}")]
pub struct Warning {
    /// A variable, or the env file.
    pub subject: String,
    /// What, and what to do.
    pub text: String,
}

pub(super) fn in_settings(settings: &Settings) -> Vec<Warning> {
    let mut all = Vec::new();
    let token = settings.bot_token.expose_secret();
    if !token.is_empty() && token.matches('.').count() != 2 {
        all.push(warning(
            "DISCORD_BOT_TOKEN",
            "it does not look like a bot's token, which has three parts with dots between them; copy it \
             from the Bot page of the Developer Portal",
        ));
    }
    for channel in settings.agent_map.keys() {
        if !channel.may_be_discords() {
            let text = format!(
                "{channel} is no id that Discord gives: those have 17 digits or more; copy it with \"Copy \
                 Channel ID\""
            );
            all.push(warning("MUMEGA_AGENT_MAP", &text));
        }
    }
    if settings.bus_url.scheme() == "http" && !is_loopback(&settings.bus_url) {
        all.push(warning(
            "MUMEGA_BUS_URL",
            "over http everyone on the way can read the bus token; use https",
        ));
    }
    if !settings.reply_loop {
        all.push(warning(
            "ENABLE_REPLY_LOOP",
            "replies of agents are not posted",
        ));
    }
    all
}

pub(super) fn in_file(variables: &Variables) -> Vec<Warning> {
    let file = variables.file().map(|file| file.display().to_string());
    let wide = variables.wide.map(|mode| {
        let file = file.clone().unwrap_or_default();
        let text =
            format!("others on this machine may read it (0{mode:o}); run `chmod 600 {file}`");
        warning(&file, &text)
    });
    let unknown = variables.unknown.iter().map(|(name, line)| {
        warning(
            name,
            &format!("line {line}: no setting of the bridge; it changes nothing"),
        )
    });
    let repeated = variables
        .repeated
        .iter()
        .map(|(name, line)| warning(name, &format!("set more than once; line {line} counts")));
    wide.into_iter().chain(unknown).chain(repeated).collect()
}

fn warning(subject: &str, text: &str) -> Warning {
    Warning {
        subject: subject.to_owned(),
        text: text.to_owned(),
    }
}
