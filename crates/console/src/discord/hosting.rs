//! The bridge at work inside the program: begun when it is set up and to run, held by its reins, ended
//! with the program or by the operator.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use husting_discord::bridge::{Manner, MarksShown, Reins, Reports};
use husting_discord::bus::BusError;
use husting_discord::gateway::{GatewayState, Health, Stop};
use husting_discord::inbound::Routes;
use husting_discord::one_bot::{Holder, OneBot, OneBotError};
use husting_discord::opening::{BeginError, GreetError, Greeted, Opening};
use husting_discord::sender::SendError;
use husting_domain::agents::{CONNECTOR, Name};
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_wire::discord::{BridgeHealth, BridgeState, DiscordView, Marks, PauseBridge};
use husting_wire::errors::{Error, ErrorCode};
use secrecy::SecretString;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::StoredSetup;
use super::local_bus::LocalBus;
use super::panels;
use super::refusals::no_bot;
use super::servers::keep_looking;
use super::stored_setup::{TOKEN, TakenBy};
use crate::Inner;

/// A day, by which the setting counts.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the bridge waits for mail at a time, as the public page has it.
const POLL_INTERVAL: Duration = Duration::from_secs(15);
/// Between two looks whether another program has let the bot go.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Between two attempts to begin: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Where the bot is set up.
const PORTAL: &str = "https://discord.com/developers/applications";

/// The bridge that runs, if one does.
#[derive(Default)]
pub(crate) struct Host {
    standing: Mutex<Standing>,
    /// Rung when the set-up changed, or it is to be tried again.
    changed: Arc<Notify>,
    /// Grows when it is to be tried again, whatever stopped it.
    tries: AtomicU64,
}

/// How far it is.
#[derive(Default)]
enum Standing {
    /// It is not to run.
    #[default]
    Idle,
    /// It is on its way; what went wrong before, in words.
    Beginning(Option<String>),
    /// It runs.
    Running(Running),
    /// Another program runs the bot.
    Elsewhere(String),
    /// It ended by itself.
    Stopped(WhyStopped),
}

/// What ended it for good.
#[derive(Clone)]
enum WhyStopped {
    /// Discord no longer accepts the bot's token.
    TokenRefused,
    /// The keys cannot be read before the operator does something; why, in words.
    KeysUnread(String),
    /// Anything else, in words.
    Fault(String),
}

impl WhyStopped {
    /// In words, by who takes the bot's token.
    fn told(&self, taken_by: TakenBy) -> String {
        match self {
            Self::TokenRefused => {
                let give = match taken_by {
                    TakenBy::Discord => {
                        format!("Reset it on the Bot page of {PORTAL} and give the new one")
                    }
                    TakenBy::Sandbox => "Give the one that the sandbox prints".to_owned(),
                };
                format!(
                    "Discord no longer accepts the bot's token. {give}, on the Discord screen or with `husting \
                     discord bot --token-stdin`."
                )
            }
            Self::KeysUnread(words) | Self::Fault(words) => words.clone(),
        }
    }
}

/// A bridge that runs.
#[derive(Clone)]
struct Running {
    reins: Arc<Reins>,
    gateway: watch::Receiver<Health>,
    bus: watch::Receiver<Option<BusError>>,
}

/// What one bridge is begun for: it ends when any of it changes.
#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    bot: Snowflake,
    token_tail: String,
    token_given_at: Option<Timestamp>,
}

/// Why an attempt came to its end, and what follows.
enum After {
    /// The program or the operator ended it.
    Ended,
    /// Tried again by itself, later each time; in words.
    Again(String),
    /// Tried again when the other program has let the bot go.
    Elsewhere(String),
    /// Not tried again before something changes.
    Stopped(WhyStopped),
}

impl After {
    fn stopped(why: impl fmt::Display) -> Self {
        Self::Stopped(WhyStopped::Fault(why.to_string()))
    }
}

impl Host {
    /// The set-up changed.
    fn look_again(&self) {
        self.changed.notify_one();
    }

    /// What stopped it may be mended: keys may be there that were not, or the operator says so.
    pub fn try_again(&self) {
        self.tries.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// It is tried again on the operator's word: why it stopped before, or who ran it, is of no use any more.
    fn forget_why_it_stopped(&self) {
        let mut standing = self.lock();
        if matches!(*standing, Standing::Stopped(_) | Standing::Elsewhere(_)) {
            *standing = Standing::Beginning(None);
        }
    }

    fn tries(&self) -> u64 {
        self.tries.load(Ordering::Relaxed)
    }

    fn running(&self) -> Option<Running> {
        match &*self.lock() {
            Standing::Running(running) => Some(running.clone()),
            _ => None,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the bridge run whenever it is to, as long as the console lives.
pub(crate) async fn keep_bridge(inner: Weak<Inner>) {
    let mut pauses = growing();
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown) = (console.clock.clone(), console.shutdown.clone());
        let changed = console.bridge.host.changed.clone();
        let Some(wanted) = wanted(&console.bridge.setup()) else {
            console.show(Standing::Idle);
            drop(console);
            tokio::select! {
                () = changed.notified() => continue,
                () = shutdown.cancelled() => return,
            }
        };
        let tries = console.bridge.host.tries();
        let stop = shutdown.child_token();
        let attempt = run_once(console, wanted.clone(), stop.clone());
        let after = until_unwanted(&inner, attempt, &wanted, &changed, &stop).await;
        let Some(console) = inner.upgrade() else {
            return;
        };
        if shutdown.is_cancelled() {
            return;
        }
        console.connector_stopped().await;
        let pause = match &after {
            After::Ended => {
                pauses = growing();
                continue;
            }
            After::Again(_) => Some(pauses.next().unwrap_or(LONGEST_PAUSE)),
            After::Elsewhere(_) => Some(LOOK_AGAIN),
            After::Stopped(_) => None,
        };
        console.show(after.into());
        let until = pause.map(|pause| console.now().plus(pause));
        drop(console);
        let is_same = || {
            let console = inner.upgrade();
            console.is_some_and(|console| {
                let still = self::wanted(&console.bridge.setup());
                still.as_ref() == Some(&wanted) && console.bridge.host.tries() == tries
            })
        };
        let due = crate::pauses::due(&clock, until);
        tokio::pin!(due);
        // Most of the set-up mends nothing of what ended an attempt.
        while is_same() {
            tokio::select! {
                () = &mut due => break,
                () = changed.notified() => {}
                () = shutdown.cancelled() => return,
            }
        }
        if !is_same() {
            pauses = growing();
        }
    }
}

/// Waits for an attempt's end; ends it as soon as it is not wanted any more.
async fn until_unwanted(
    inner: &Weak<Inner>,
    attempt: impl Future<Output = After>,
    wanted_then: &Wanted,
    changed: &Notify,
    stop: &CancellationToken,
) -> After {
    tokio::pin!(attempt);
    loop {
        tokio::select! {
            after = &mut attempt => return after,
            () = changed.notified() => {
                let still = inner.upgrade().and_then(|console| wanted(&console.bridge.setup()));
                if still.as_ref() != Some(wanted_then) {
                    stop.cancel();
                    attempt.await;
                    return After::Ended;
                }
            }
        }
    }
}

fn growing() -> backon::ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}

fn wanted(setup: &StoredSetup) -> Option<Wanted> {
    let bot = setup.bot.as_ref().filter(|_| setup.runs)?;
    Some(Wanted {
        bot: bot.id,
        token_tail: bot.token_tail.clone(),
        token_given_at: bot.token_given_at,
    })
}

/// From the bot's token to the bridge's end.
async fn run_once(console: Arc<Inner>, wanted: Wanted, stop: CancellationToken) -> After {
    if let Err(fault) = console.refuse_other_discord() {
        return After::stopped(fault.message);
    }
    let endpoints = console.discord.clone();
    let api_base = endpoints.api_base.clone();
    let who = format!("Husting (process {})", std::process::id());
    let holder = Holder {
        who: &who,
        journal: &console.home.join("husting.db"),
    };
    let held = match OneBot::take(&console.bot_locks, &api_base, wanted.bot, holder) {
        Ok(bot) => bot,
        Err(OneBotError::Taken { holder }) => return After::Elsewhere(holder),
        Err(fault) => return After::Again(fault.to_string()),
    };
    // Only now: while another program has the bot, nothing begins.
    console.show_beginning();
    let token = match console.bot_token().await {
        Ok(token) => token,
        Err(after) => return after,
    };
    let greeting = Greeted::by(token, endpoints, console.clock.clone());
    let greeted = match stop.run_until_cancelled(greeting).await {
        None => return After::Ended,
        Some(Ok(greeted)) => greeted,
        Some(Err(fault)) => return after_greeting(&fault),
    };
    // The lock and the journal are those of the bot that is set up.
    if greeted.bot.id != wanted.bot {
        return After::stopped(format!(
            "The token that is kept is of another bot, {}. Give the token of the bot that is meant.",
            greeted.bot.username
        ));
    }
    if let Err(fault) = console.ensure_connector().await {
        return After::Again(fault.message);
    }
    let manner = manner(&console.bridge.setup(), routes_of(&greeted));
    let reins = Arc::new(Reins::new(manner));
    let (gateway, gateway_seen) = watch::channel(Health::default());
    let (bus, bus_seen) = watch::channel(None);
    let running = Running {
        reins: reins.clone(),
        gateway: gateway_seen,
        bus: bus_seen,
    };
    console.show(Standing::Running(running.clone()));
    // The set-up may have changed while Discord was asked.
    console.follow_setup();
    let opening = Opening {
        tenant: TenantId::local(),
        store: console.store.engine(),
        bus: Arc::new(LocalBus::of(&console)),
        panels: Some(panels::panels(&console)),
        folder: console.home.join("discord"),
        recorded_for: DAY * console.settings().retention_recorder_days,
        connector: Name::connector(),
        poll_interval: POLL_INTERVAL,
        one_bot: held,
        reply_loop: true,
        pending_store: None,
        clock: console.clock.clone(),
        ids: Arc::new(Uuid::now_v7),
    };
    let moved = console.bridge.moved.clone();
    let looking = keep_looking(
        Arc::downgrade(&console),
        greeted.sender(),
        wanted.bot,
        running.gateway.clone(),
        console.bridge.mapped.clone(),
    );
    // The console may go while the bridge ends.
    drop(console);
    let reports = Reports { gateway, bus };
    let ended = tokio::select! {
        ended = greeted.run(opening, reports, reins, stop) => ended,
        never = tell_of(running, &moved) => match never {},
        never = looking => match never {},
    };
    match ended {
        Ok(Stop::Asked) => After::Ended,
        Ok(Stop::TokenRejected) => After::Stopped(WhyStopped::TokenRefused),
        Ok(Stop::Refused { code, why }) => {
            After::stopped(format!("Discord does not take the bot ({code}): {why}"))
        }
        Err(fault @ BeginError::Connection(_)) => After::stopped(fault),
        Err(fault @ (BeginError::Journal(_) | BeginError::OneBot(_))) => {
            After::Again(fault.to_string())
        }
    }
}

/// Rings whenever the bridge has something new to show.
async fn tell_of(mut running: Running, moved: &Notify) -> std::convert::Infallible {
    let mut journal = running.reins.journal();
    loop {
        // A side whose end is gone has ended: the bridge is about to.
        let lives = tokio::select! {
            seen = running.gateway.changed() => seen.is_ok(),
            seen = running.bus.changed() => seen.is_ok(),
            seen = journal.changed() => seen.is_ok(),
        };
        moved.notify_one();
        if !lives {
            std::future::pending::<()>().await;
        }
    }
}

fn routes_of(greeted: &Greeted) -> Routes {
    Routes {
        bot: greeted.bot.id,
        bot_roles: greeted.bot_roles.clone(),
        map: std::collections::BTreeMap::new(),
        default_agent: Name::first_managed(),
    }
}

fn manner(setup: &StoredSetup, known: Routes) -> Manner {
    Manner {
        routes: Routes {
            map: setup.routes.clone(),
            default_agent: setup.default_agent.clone(),
            ..known
        },
        marks: match setup.marks {
            Marks::Off => MarksShown::None,
            Marks::Trouble => MarksShown::Trouble,
            Marks::On => MarksShown::All,
        },
        own_names: setup.own_names,
        standing_places: setup.standing_places.clone(),
        is_paused: setup.is_paused,
    }
}

fn after_greeting(fault: &GreetError) -> After {
    match fault {
        GreetError::Discord(SendError::Unauthorized) => After::Stopped(WhyStopped::TokenRefused),
        fault @ GreetError::Sender(_) => After::stopped(fault),
        fault @ GreetError::Discord(_) => After::Again(fault.to_string()),
    }
}

impl From<After> for Standing {
    fn from(after: After) -> Self {
        match after {
            After::Ended => Self::Idle,
            After::Again(why) => Self::Beginning(Some(why)),
            After::Elsewhere(holder) => Self::Elsewhere(holder),
            After::Stopped(why) => Self::Stopped(why),
        }
    }
}

impl Inner {
    /// Lets the bridge run, now and whenever Husting does. Its own agent is enabled where somebody disabled it, as
    /// "Stop everything" does: without it the bridge would hear people and carry nothing.
    ///
    /// # Errors
    /// `invalid_state` while no bot's token is kept, or the kept one is of another Discord.
    pub(crate) async fn start_bridge(self: &Arc<Self>) -> Result<DiscordView, Error> {
        refuse_without_bot(&self.bridge.setup())?;
        self.refuse_other_discord()?;
        self.enable_connector().await?;
        // Before the bridge can begin by it: counted behind that, it would be tried once more when it ends.
        self.bridge.host.forget_why_it_stopped();
        self.bridge.host.try_again();
        if !self.bridge.setup().runs {
            // Discord is asked anew once it is connected: until then nobody knows what was changed there meanwhile.
            self.bridge.seen.doubt();
        }
        self.change_setup(|setup| {
            refuse_without_bot(setup)?;
            setup.runs = true;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// Ends the bridge.
    ///
    /// # Errors
    /// `invalid_state` where there is none to end.
    pub(crate) async fn stop_bridge(&self) -> Result<DiscordView, Error> {
        self.change_setup(|setup| {
            refuse_without_bot(setup)?;
            setup.runs = false;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// Ends the bridge where it is to run; whether it was.
    pub(crate) async fn close_bridge(&self) -> Result<bool, Error> {
        if wanted(&self.bridge.setup()).is_none() {
            return Ok(false);
        }
        self.change_setup(|setup| {
            setup.runs = false;
            Ok(())
        })
        .await?;
        Ok(true)
    }

    /// Holds the bridge, or lets it go on.
    ///
    /// # Errors
    /// `invalid_state` where there is none to hold.
    pub(crate) async fn pause_bridge(&self, asked: PauseBridge) -> Result<DiscordView, Error> {
        self.change_setup(|setup| {
            refuse_without_bot(setup)?;
            setup.is_paused = asked.paused;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// The set-up changed: the bridge that runs follows, one that is to run begins, one that is not ends.
    pub(super) fn follow_setup(&self) {
        if let Some(running) = self.bridge.host.running() {
            let setup = self.bridge.setup();
            running
                .reins
                .change(|now| *now = manner(&setup, now.routes.clone()));
        }
        self.bridge.host.look_again();
    }

    /// The journal has a question that may be sent.
    pub(super) fn questions_moved(&self) {
        if let Some(running) = self.bridge.host.running() {
            running.reins.questions_moved();
        }
        self.bridge.moved.notify_one();
    }

    /// The journal has a reply that may be posted.
    pub(super) fn replies_moved(&self) {
        if let Some(running) = self.bridge.host.running() {
            running.reins.replies_moved();
        }
        self.bridge.moved.notify_one();
    }

    /// Whether it carries messages.
    pub(super) fn bridge_state(&self) -> BridgeState {
        let setup = self.bridge.setup();
        if setup.bot.is_none() {
            return BridgeState::NotSetUp {};
        }
        if !setup.runs {
            return BridgeState::Off {};
        }
        match &*self.bridge.host.lock() {
            Standing::Idle => BridgeState::Off {},
            // Held is held, also while it cannot begin.
            Standing::Beginning(_) if setup.is_paused => BridgeState::Paused {},
            Standing::Beginning(after) => BridgeState::Connecting {
                after: after.clone(),
            },
            Standing::Elsewhere(holder) => BridgeState::Elsewhere {
                holder: holder.clone(),
            },
            Standing::Stopped(why) => BridgeState::Stopped {
                why: why.told(self.takes_tokens()),
            },
            Standing::Running(running) => state_of(&running.gateway.borrow(), setup.is_paused),
        }
    }

    /// Why the bus takes and gives nothing now. That it holds everybody is told as what it is.
    pub(super) fn bus_trouble(&self) -> Option<String> {
        let running = self.bridge.host.running()?;
        let trouble = running.bus.borrow();
        let fault = trouble.as_ref();
        if fault.is_some() && self.is_connector_off() {
            return Some(format!(
                "The bridge's own agent is disabled. Start the bridge again, or enable it: `husting agent enable {CONNECTOR}`."
            ));
        }
        fault
            .filter(|fault| !matches!(fault, BusError::Held { .. }))
            .map(BusError::to_string)
    }

    /// The bot is set up, and its token was not found where keys are kept.
    pub(super) fn is_token_lost(&self) -> bool {
        self.bridge.setup().bot.is_some() && self.keys.is_absent(TOKEN)
    }

    /// The bridge ended because Discord did not take its token.
    pub(super) fn is_token_refused(&self) -> bool {
        matches!(
            *self.bridge.host.lock(),
            Standing::Stopped(WhyStopped::TokenRefused)
        )
    }

    /// The bridge ended because the keys could not be read.
    pub(super) fn bridge_waits_for_keys(&self) -> bool {
        matches!(
            *self.bridge.host.lock(),
            Standing::Stopped(WhyStopped::KeysUnread(_))
        )
    }

    /// How the connection does; none while the bridge does not run. What the journal knows is left out.
    pub(crate) fn bridge_health(&self) -> Option<BridgeHealth> {
        let running = self.bridge.host.running()?;
        let health = running.gateway.borrow().clone();
        let application = self.bridge.setup().application_id;
        Some(BridgeHealth {
            connected_since: health.live_since,
            last_event: health.last_event,
            last_heartbeat: health.last_heartbeat,
            oldest_question: None,
            oldest_reply: None,
            resumed: health.resumed,
            identifies_left: health.identifies_left,
            content_granted: !health.without_content,
            portal_url: application.map(|id| format!("{PORTAL}/{id}/bot")),
        })
    }

    /// Messages of bots and webhooks since the bridge began.
    pub(super) fn ignored_messages(&self) -> u32 {
        let running = self.bridge.host.running();
        running.map_or(0, |running| running.reins.ignored())
    }

    fn show(&self, standing: Standing) {
        *self.bridge.host.lock() = standing;
        self.bridge.moved.notify_one();
    }

    /// What went wrong before is shown until it goes well.
    fn show_beginning(&self) {
        let mut standing = self.bridge.host.lock();
        if !matches!(*standing, Standing::Beginning(_)) {
            *standing = Standing::Beginning(None);
        }
        drop(standing);
        self.bridge.moved.notify_one();
    }

    async fn bot_token(&self) -> Result<SecretString, After> {
        match self.keys.find(TOKEN).await {
            Ok(Some(token)) => Ok(token),
            Ok(None) => Err(After::stopped(
                "The bot's token is not where keys are kept on this machine. Give it again, on the Discord \
                 screen or with `husting discord bot --token-stdin`.",
            )),
            Err(fault) if fault.code == ErrorCode::SecretsUnavailable => {
                Err(After::Stopped(WhyStopped::KeysUnread(fault.message)))
            }
            Err(fault) => Err(After::Again(fault.message)),
        }
    }
}

/// Nothing runs, and nothing can be begun, ended or held.
fn refuse_without_bot(setup: &StoredSetup) -> Result<(), Error> {
    match setup.bot {
        Some(_) => Ok(()),
        None => Err(no_bot()),
    }
}

fn state_of(health: &Health, is_paused: bool) -> BridgeState {
    match &health.state {
        // Held is held, also while the connection is away.
        GatewayState::Live | GatewayState::Connecting { .. } if is_paused => BridgeState::Paused {},
        GatewayState::Live => BridgeState::Delivering {},
        GatewayState::Connecting { after } => BridgeState::Connecting {
            after: after.clone(),
        },
        // What follows it is about to be shown.
        GatewayState::Stopped(_) => BridgeState::Connecting { after: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_had_from_whoever_took_the_last_one() {
        let told = |taken_by| WhyStopped::TokenRefused.told(taken_by);
        assert!(told(TakenBy::Discord).contains(&format!("Reset it on the Bot page of {PORTAL}")));
        let sandbox = told(TakenBy::Sandbox);
        assert!(sandbox.contains("Give the one that the sandbox prints, on"));
        assert!(!sandbox.contains(PORTAL), "{sandbox}");
    }
}
