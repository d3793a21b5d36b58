//! The bridge at work: loops around one journal.
//!
//! ```text
//!  intake      the gateway's events   ──▶ questions, journalled with the event's number in one unit
//!  asking      journalled questions   ──▶ the bus, under the question's id as key
//!  collecting  the connector's mail   ──▶ replies, kept before the mail is acknowledged
//!  posting     replies with a place   ──▶ Discord, a lane for each channel, a nonce for each message
//!  reading     what agents have taken ──▶ the question it was, with a mark on the message
//!  clearing    questions that go on    ──▶ Discord, without the warning sign of before
//!  answering   commands and buttons   ──▶ Discord, within three seconds
//!  showing     panels at work         ──▶ Discord, one message each
//!  renewing    sessions that moved    ──▶ panels at rest whose message is to be written anew
//! ```
//!
//! Each loop reads what it does next from the journal, so a new process goes on where the last one
//! died. What is done twice by a death between a deed and its note is done under the same key or nonce,
//! by which the other side knows it.
//!
//! So an end need not wait for what a loop waits for, which can be an hour where Discord asks for it:
//! after a short grace each is dropped where it is. A question on its way to the bus is sent again under
//! its key; a message that Discord may have is posted again under its nonce, or looked for where Discord
//! may have forgotten that one (`posted_before`); mail that is not acknowledged comes again. At worst a mark
//! is missing.

mod answering;
mod asking;
mod bars;
mod catching_up;
mod channels;
mod collecting;
mod commands;
mod faults;
mod gap;
mod intake;
mod keeping;
mod lanes;
mod looks;
mod marks;
mod nonces;
mod open_questions;
mod pauses;
mod placing_panels;
mod posted_before;
mod posting;
mod reading;
mod registering;
mod reins;
mod renewing;
mod showing;
mod shown;
mod steering;
mod taking_back;
mod voices;

use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::agents::Name;

use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_store::Store;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::channels::Channels;
use self::gap::Gap;
use self::looks::Looks;
use self::open_questions::keep_written;
use crate::bus::{Bus, BusError};
use crate::files::Files;
use crate::gateway::{Before, GatewayOptions, Health, Stop, listen};
use crate::panels::Panels;
use crate::recorder::Recorder;
use crate::sender::Sender;

pub use self::collecting::posts_of;
pub use self::open_questions::OpenQuestionsError;
pub use self::reins::{Manner, MarksShown, Reins};

/// How long loops may finish what they are at once the bridge is to end.
const GRACE: Duration = Duration::from_secs(1);

/// Where ids come from: UUID v7.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// What the bridge is told to do.
#[derive(Clone, Debug)]
pub struct BridgeOptions {
    /// Whose journal it is.
    pub tenant: TenantId,
    /// Which bot it speaks as.
    pub bot: Snowflake,
    /// What it is called on the bus, and agents reply to.
    pub connector: Name,
    /// How long it waits for mail, and between two looks at a bus that does not wait.
    pub poll_interval: Duration,
    /// Whether replies are brought back at all.
    pub reply_loop: bool,
    /// The file of open questions, kept beside the journal.
    pub pending_store: Option<std::path::PathBuf>,
}

/// Whom it works with.
pub struct Parties {
    /// The journal.
    pub store: Arc<dyn Store>,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Discord's REST API.
    pub sender: Sender,
    /// Where files beside messages go.
    pub files: Files,
    /// Panels of models, where there are any: not where the bridge runs alone.
    pub panels: Option<Arc<dyn Panels>>,
    /// What the gateway brings is recorded there, if anywhere.
    pub recorder: Option<Recorder>,
    /// Time.
    pub clock: SharedClock,
    /// New ids.
    pub ids: Ids,
}

/// How it stands, for whoever looks after it.
#[derive(Debug)]
pub struct Reports {
    /// The gateway.
    pub gateway: watch::Sender<Health>,
    /// Why the bus takes nothing and gives nothing now; none while it does.
    pub bus: watch::Sender<Option<BusError>>,
}

/// What all loops share.
struct Shared {
    options: BridgeOptions,
    reins: Arc<Reins>,
    parties: Parties,
    bus_trouble: watch::Sender<Option<BusError>>,
    /// Cancelled when Discord no longer accepts the bot's token: nothing can be done with it.
    rejected: CancellationToken,
    channels: Channels,
    looks: Looks,
    gap: Gap,
    /// Rung when a question is on the bus, or answered.
    asked_or_answered: Notify,
    taking_back: taking_back::TakingBack,
    /// One warning sign is put or taken away at a time.
    warning: Mutex<()>,
    /// Where marks cannot be put.
    mark_bars: bars::Bars,
    voices: voices::Voices,
    interactions: commands::Interactions,
    /// Where threads cannot be begun.
    thread_bars: bars::Bars,
    /// Where files cannot be attached.
    file_bars: bars::Bars,
}

/// Runs the bridge until `stop` is cancelled or the gateway ends for good, and says which.
///
/// # Errors
/// [`OpenQuestionsError`] when the journal, or the file of open questions, cannot be read at the start.
pub async fn run(
    options: BridgeOptions,
    parties: Parties,
    gateway: GatewayOptions,
    reports: Reports,
    reins: Arc<Reins>,
    stop: CancellationToken,
) -> Result<Stop, OpenQuestionsError> {
    let (store, clock) = (parties.store.clone(), parties.clock.clone());
    let bot = options.bot;
    let before = match store.discord_cursor(&options.tenant, bot).await? {
        None => Before::Nothing,
        Some(cursor) if cursor.session.is_empty() => Before::Elsewhere,
        Some(cursor) => Before::Left(cursor),
    };
    let known = store.discord_channels(&options.tenant, bot).await?;
    let (interactions, heard) = commands::Interactions::new();
    let shared = Arc::new(Shared {
        looks: Looks::of(&known),
        channels: Channels::of(known),
        gap: Gap::default(),
        options,
        reins,
        parties,
        bus_trouble: reports.bus,
        rejected: CancellationToken::new(),
        asked_or_answered: Notify::new(),
        taking_back: taking_back::TakingBack::default(),
        warning: Mutex::default(),
        mark_bars: bars::Bars::default(),
        voices: voices::Voices::default(),
        interactions,
        thread_bars: bars::Bars::default(),
        file_bars: bars::Bars::default(),
    });
    let work = stop.child_token();
    let mut loops = JoinSet::new();
    if let Some(path) = shared.options.pending_store.clone() {
        shared.read_open_questions(path.clone()).await?;
        loops.spawn(keep_written(shared.clone(), path, work.clone()));
    }
    loops.spawn(asking::keep_asking(shared.clone(), work.clone()));
    loops.spawn(posting::keep_posting(shared.clone(), work.clone()));
    loops.spawn(reading::keep_reading(shared.clone(), work.clone()));
    loops.spawn(marks::keep_clearing(shared.clone(), work.clone()));
    loops.spawn(answering::keep_answering(
        shared.clone(),
        heard,
        work.clone(),
    ));
    loops.spawn(registering::keep_registered(shared.clone(), work.clone()));
    if let Some(panels) = shared.parties.panels.clone() {
        loops.spawn(showing::keep_showing(
            shared.clone(),
            panels.clone(),
            work.clone(),
        ));
        loops.spawn(renewing::keep_renewing(
            shared.clone(),
            panels,
            work.clone(),
        ));
    }
    if shared.options.reply_loop {
        loops.spawn(collecting::keep_collecting(shared.clone(), work.clone()));
    }
    let rejected = shared.rejected.clone();
    let ended = tokio::select! {
        ended = listen(gateway, before, shared, reports.gateway, clock, stop) => ended,
        () = rejected.cancelled() => Stop::TokenRejected,
    };
    work.cancel();
    if tokio::time::timeout(GRACE, all_ended(&mut loops))
        .await
        .is_err()
    {
        tracing::debug!("what is under way is left to the next bridge");
        loops.shutdown().await;
    }
    Ok(ended)
}

async fn all_ended(loops: &mut JoinSet<()>) {
    while let Some(end) = loops.join_next().await {
        if let Err(fault) = end {
            tracing::error!(%fault, "a loop of the bridge ended badly");
        }
    }
}
