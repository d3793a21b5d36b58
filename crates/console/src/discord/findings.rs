//! What Discord and the bus say of the set-up.

use std::collections::BTreeSet;
use std::time::Duration;

use husting_discord::examination::{
    DiscordSays, Finding, Subject, Verdict, agent_found, ask_discord, reset,
};
use husting_discord::settings::broken_token_rule;
use husting_domain::agents::{AgentStatus, Name};
use husting_domain::ids::TenantId;
use husting_wire::discord::{DiscordFinding, DiscordFindings, FindingVerdict, TestBotToken};
use husting_wire::errors::Error;
use secrecy::{ExposeSecret, SecretString};

use super::editing::broken;
use super::stored_setup::{StoredBot, TOKEN};
use crate::Inner;

/// How long Discord may take for all answers together.
const PATIENCE: Duration = Duration::from_secs(60);
/// Characters of a token that are shown.
const TAIL: usize = 4;

impl Inner {
    /// Asks Discord about a bot, and looks whether those who are asked read mail. A token that Discord
    /// takes is kept where keys are; one that it does not take changes nothing.
    ///
    /// # Errors
    /// `invalid_body` for what is no token; `invalid_state` where none is given or kept, or the kept one is of
    /// another Discord; `secrets_unavailable`.
    pub(crate) async fn test_discord(&self, asked: TestBotToken) -> Result<DiscordFindings, Error> {
        let began = self.now();
        let given = asked.token.as_deref().map(read_token).transpose()?;
        let sender = match &given {
            Some(token) => self.sender(token.clone())?,
            None => self.kept_sender().await?,
        };
        let routes = self.bridge.setup().routes;
        let renewal = match self.discord.sandbox() {
            Some(_) => "paste the token that the sandbox prints".to_owned(),
            None => reset("paste the new one here"),
        };
        let asking = ask_discord(&sender, routes.into_keys(), &renewal);
        let mut says = tokio::time::timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| silent());
        let mut findings = std::mem::take(&mut says.findings);
        let token_taken = match (&says.bot, says.is_refused) {
            (Some(_), _) => Some(true),
            (None, true) => Some(false),
            (None, false) => None,
        };
        self.keep_bot(says, given).await?;
        findings.extend(self.of_agents());
        let took = self.now().millis_since(began).max(0);
        Ok(DiscordFindings {
            findings: findings.into_iter().map(shown).collect(),
            token_taken,
            took_millis: u32::try_from(took).unwrap_or(u32::MAX),
            view: self.discord_view().await?,
        })
    }

    /// Keeps who the bot is. Its token first: a bot without one could not begin. Where the rest cannot be
    /// kept, the token is the one of before.
    async fn keep_bot(&self, says: DiscordSays, given: Option<SecretString>) -> Result<(), Error> {
        let Some(bot) = says.bot else {
            return Ok(());
        };
        let token_before = self.keys.get(TOKEN).await?;
        let has_new = given.is_some();
        if let Some(token) = &given {
            self.keys.put(TOKEN, token).await?;
        }
        let before = self.bridge.setup().bot;
        let is_other = before.as_ref().is_none_or(|before| before.id != bot.id);
        if is_other {
            self.bridge.seen.forget();
        }
        self.bridge.seen.learn(says.lacking);
        let (tested_at, application) = (self.now(), says.application);
        let (token_tail, token_given_at) = match given {
            Some(token) => (tail(&token), Some(tested_at)),
            None => before.map_or_else(Default::default, |before| {
                (before.token_tail, before.token_given_at)
            }),
        };
        let taken_by = self.takes_tokens();
        let kept = self.change_setup(|setup| {
            setup.application_id = match application {
                Some(application) => Some(application.id),
                None => setup.application_id.filter(|_| !is_other),
            };
            setup.bot = Some(StoredBot {
                id: bot.id,
                name: bot.username,
                token_tail,
                tested_at,
                token_given_at,
                taken_by: Some(taken_by),
            });
            Ok(())
        });
        let kept = kept.await;
        if kept.is_err() && has_new {
            self.put_token_back(token_before.as_ref()).await;
        }
        kept
    }

    async fn put_token_back(&self, before: Option<&SecretString>) {
        let put = match before {
            Some(token) => self.keys.put(TOKEN, token).await,
            None => self.keys.delete(TOKEN).await.map(drop),
        };
        if let Err(fault) = put {
            tracing::error!(%fault, "a bot's token is kept whose bot is not set up");
        }
    }

    /// Those who are asked somewhere, and the bridge's own agent where it is there: it is made when the
    /// bridge begins.
    fn of_agents(&self) -> Vec<Finding> {
        let setup = self.bridge.setup();
        let asked: BTreeSet<Name> = setup
            .routes
            .into_values()
            .chain([setup.default_agent])
            .collect();
        let connector = Name::connector();
        let mut findings = Vec::new();
        if self.reads_mail(&connector) == Some(false) {
            findings.push(agent_found(&connector, Some(false)));
        }
        let others = asked
            .iter()
            .map(|agent| agent_found(agent, self.reads_mail(agent)));
        findings.extend(others);
        findings
    }

    /// None where there is no such agent, or none that runs.
    fn reads_mail(&self, agent: &Name) -> Option<bool> {
        let found = self.agents.by_name(&TenantId::local(), agent)?;
        match found.agent.status {
            AgentStatus::Active => Some(true),
            AgentStatus::Suspended => Some(false),
            AgentStatus::Revoked | AgentStatus::Inactive => None,
        }
    }
}

fn read_token(text: &str) -> Result<SecretString, Error> {
    let token = text.trim();
    if token.is_empty() {
        return Err(broken(
            "token",
            "That is no bot's token: it is empty.".to_owned(),
        ));
    }
    match broken_token_rule(token) {
        Some(rule) => Err(broken("token", format!("That is no bot's token: {rule}."))),
        None => Ok(SecretString::from(token)),
    }
}

/// The end of a token; of a short one nothing.
fn tail(token: &SecretString) -> String {
    let token: Vec<char> = token.expose_secret().chars().collect();
    match token.len().checked_sub(TAIL) {
        Some(start) if start >= TAIL => token[start..].iter().collect(),
        _ => String::new(),
    }
}

fn silent() -> DiscordSays {
    let words = format!(
        "Discord did not answer everything within {} seconds; nothing was changed",
        PATIENCE.as_secs()
    );
    DiscordSays {
        findings: vec![Finding::of("Discord", Verdict::Fault, words)],
        ..DiscordSays::default()
    }
}

fn shown(finding: Finding) -> DiscordFinding {
    let (channel_id, agent) = match &finding.subject {
        Subject::Channel(id) => (Some(*id), None),
        Subject::Agent(name) => (None, Some(name.clone())),
        Subject::Other(_) => (None, None),
    };
    DiscordFinding {
        subject: finding.subject.to_string(),
        channel_id,
        agent,
        verdict: match finding.verdict {
            Verdict::Well => FindingVerdict::Well,
            Verdict::Warning => FindingVerdict::Warning,
            Verdict::Fault => FindingVerdict::Fault,
        },
        words: finding.words,
    }
}
