//! What the operator chose of the bridge, as it is stored. The bot's token is not: it is where keys are.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_store::{Store, Write};
use husting_wire::discord::Marks;
use husting_wire::errors::{Error, ErrorCode};
use serde::{Deserialize, Serialize};

use super::refusals::other_discord;
use crate::Inner;
use crate::errors::Outward;

const KEY: &str = "discord";
/// What the bot's token is called where keys are.
pub(crate) const TOKEN: &str = "discord:bot";

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredSetup {
    /// The application's id.
    pub application_id: Option<Snowflake>,
    /// The bot whose token is kept.
    pub bot: Option<StoredBot>,
    /// Who is asked in which channel or thread.
    pub routes: BTreeMap<Snowflake, Name>,
    /// Who is asked elsewhere.
    pub default_agent: Name,
    /// Marks on what people wrote.
    pub marks: Marks,
    /// Agents speak under their own name.
    pub own_names: bool,
    /// Rounds of panels that people in Discord may begin in a UTC day, first and next alike; none at 0.
    pub panels_per_day: u32,
    /// The bridge runs whenever Husting does.
    pub runs: bool,
    /// It is held.
    pub is_paused: bool,
    /// Whose unplaceable replies go where.
    pub standing_places: BTreeMap<Name, Snowflake>,
}

/// A bot as it said it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredBot {
    pub id: Snowflake,
    pub name: String,
    pub token_tail: String,
    pub tested_at: Timestamp,
    /// When its token was given; another may end alike.
    #[serde(default)]
    pub token_given_at: Option<Timestamp>,
    /// Who took the token; not known of set-ups that are older than this field.
    #[serde(default)]
    pub taken_by: Option<TakenBy>,
}

/// Who takes a bot's token. A bot of the one is nobody at the other, and its token is no business of the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TakenBy {
    /// Discord itself.
    Discord,
    /// A sandbox, which plays Discord on this machine.
    Sandbox,
}

/// Rounds a day, where the operator said nothing.
const PANELS_PER_DAY: u32 = 10;

impl Default for StoredSetup {
    fn default() -> Self {
        Self {
            application_id: None,
            bot: None,
            routes: BTreeMap::new(),
            default_agent: Name::first_managed(),
            marks: Marks::default(),
            own_names: false,
            panels_per_day: PANELS_PER_DAY,
            runs: false,
            is_paused: false,
            standing_places: BTreeMap::new(),
        }
    }
}

/// What is stored, or nothing chosen yet.
///
/// # Errors
/// `internal` for what cannot be read: a bridge that runs otherwise than it was told is worse than none.
pub(super) async fn stored(store: &dyn Store) -> Result<StoredSetup, Error> {
    let kept = store.setting(&TenantId::local(), KEY).await.outward()?;
    let Some(text) = kept else {
        return Ok(StoredSetup::default());
    };
    serde_json::from_str(&text).map_err(|fault| {
        let words = format!("What is stored of the Discord bridge cannot be read: {fault}.");
        Error::new(ErrorCode::Internal, words)
    })
}

impl Inner {
    /// Who takes tokens as this process was started.
    pub(super) fn takes_tokens(&self) -> TakenBy {
        match self.discord.sandbox() {
            Some(_) => TakenBy::Sandbox,
            None => TakenBy::Discord,
        }
    }

    /// Refuses what would ask Discord with a sandbox's token, or a sandbox with Discord's.
    ///
    /// # Errors
    /// `invalid_state`: Husting was started beside another Discord than the bot was set up at.
    pub(super) fn refuse_other_discord(&self) -> Result<(), Error> {
        let taken_by = self.bridge.setup().bot.and_then(|bot| bot.taken_by);
        match taken_by {
            Some(taken_by) if taken_by != self.takes_tokens() => Err(other_discord(taken_by)),
            _ => Ok(()),
        }
    }

    /// Changes the set-up, keeps it, and tells the bridge that runs. A change that refuses leaves
    /// everything as it was.
    pub(super) async fn change_setup(
        &self,
        change: impl FnOnce(&mut StoredSetup) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        let _turn = self.bridge.setup_turn.lock().await;
        let mut setup = self.bridge.setup();
        change(&mut setup)?;
        let value = serde_json::to_string(&setup)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        let write = Write::PutSetting {
            key: KEY.to_owned(),
            value,
        };
        self.keep(&TenantId::local(), [write]).await?;
        *self
            .bridge
            .setup
            .write()
            .unwrap_or_else(PoisonError::into_inner) = setup;
        self.follow_setup();
        self.bridge.moved.notify_one();
        Ok(())
    }
}
