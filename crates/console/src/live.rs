//! Rounds at work, as those who watch see them. The store keeps the facts; this keeps the moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_clock::SharedClock;
use husting_deliberation::round::Control;
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::recaps::RecapStatus;
use husting_domain::time::Timestamp;
use husting_wire::answers::SeatCallView;
use husting_wire::contract::events::{SeatWords, SessionEvent};
use husting_wire::contract::numbers::Usd;
use husting_wire::contract::progress::ProgressRecord;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::RoundView;
use tokio::sync::watch;

use crate::contract::Progress;
use crate::contract::journal::Journal;
use crate::contract::progress::{self, phase};

/// A round at work.
pub(crate) struct LiveRound {
    /// How it is stopped.
    pub control: Control,
    view: Mutex<RoundView>,
    /// How much each seat has written, so that a delta need not count it again. Taken after `view`
    /// where both are held.
    written: Mutex<HashMap<(ModelId, Purpose), Written>>,
    /// What is told to who polls. Taken after `view` and `written`.
    told: Mutex<Told>,
    watch: Watch,
    /// Turns true when the round is terminal and kept, or could not be kept.
    pub over: watch::Sender<bool>,
}

/// Who is told of a round, beside the console.
pub(crate) struct Watch {
    /// Whose round it is.
    pub tenant: TenantId,
    /// How far the session's synthesis was when the round began.
    pub synthesis: RecapStatus,
    /// The session's events.
    pub journal: Arc<Journal>,
    /// When words came.
    pub clock: SharedClock,
}

/// How much a seat has written in one call.
#[derive(Clone, Copy, Default)]
struct Written {
    /// UTF-16 code units: the console counts in them.
    units: u64,
    /// Characters: the contract counts in them.
    characters: u64,
    newest_at: Option<Timestamp>,
}

/// The progress as it was last told.
struct Told {
    progress: Option<Progress>,
    synthesis: RecapStatus,
    /// Words came that no version shows yet.
    has_grown: bool,
    /// When a version last showed grown words.
    grown_at: Option<Timestamp>,
    /// The round is being kept as finished: what is told from now on is told by the store.
    is_closed: bool,
}

/// Grown text raises the version at most this often, in milliseconds.
const GROWTH_MILLIS: i64 = 1_000;

impl LiveRound {
    pub fn new(view: RoundView, control: Control, watch: Watch) -> Arc<Self> {
        let told = Told {
            progress: None,
            synthesis: watch.synthesis,
            has_grown: false,
            grown_at: None,
            is_closed: false,
        };
        Arc::new(Self {
            control,
            view: Mutex::new(view),
            written: Mutex::default(),
            told: Mutex::new(told),
            watch,
            over: watch::Sender::new(false),
        })
    }

    pub fn is_of(&self, tenant: &TenantId) -> bool {
        self.watch.tenant == *tenant
    }

    /// The round's id and index.
    pub fn place(&self) -> (RoundId, u32) {
        let view = self.lock();
        (view.round_id, view.index)
    }

    /// The round's progress. Words that came since the last version are shown a second after it.
    pub fn progress(&self) -> Progress {
        let now = self.watch.clock.now();
        let mut view = self.lock();
        let mut told = self.told();
        let is_due = told
            .grown_at
            .is_none_or(|at| now.millis_since(at) >= GROWTH_MILLIS);
        if told.has_grown && is_due && !told.is_closed {
            view.progress_version += 1;
            (told.has_grown, told.grown_at) = (false, Some(now));
        }
        if let Some(progress) = &told.progress
            && progress.version == view.progress_version
        {
            return progress.clone();
        }
        let record = self.record(&view, told.synthesis);
        let progress = Progress {
            round_id: view.round_id,
            version: record.progress_version,
            // Plain values, which can always be written.
            body: serde_json::to_string(&record).unwrap_or_default().into(),
        };
        told.progress = Some(progress.clone());
        progress
    }

    /// The round's state with its words, and the number of the newest event that it includes.
    pub fn snapshot(&self) -> (u64, SessionEvent) {
        let view = self.lock();
        let synthesis = self.told().synthesis;
        let texts = view
            .answers
            .iter()
            .map(|seat| SeatWords {
                model: seat.model.clone(),
                text: seat.text.clone(),
            })
            .collect();
        let event = SessionEvent::Snapshot {
            progress: Some(self.record(&view, synthesis)),
            texts,
        };
        (self.watch.journal.newest(), event)
    }

    /// A version above all that were told; no later one is told by this round.
    pub fn last_version(&self) -> u64 {
        let view = self.lock();
        self.told().is_closed = true;
        view.progress_version + 1
    }

    pub fn set_synthesis(&self, status: RecapStatus) {
        let mut view = self.lock();
        self.told().synthesis = status;
        self.raise(&mut view);
    }

    /// A call was settled.
    pub fn paid(&self, call: &Call) {
        let view = self.lock();
        if call.purpose == Purpose::Respond && call.state == CallState::Final {
            self.watch.journal.write(&SessionEvent::Answer {
                round_id: view.round_id,
                model: call.model.clone(),
                text: call.text.clone(),
            });
        }
        self.watch.journal.write(&SessionEvent::Cost {
            round_id: view.round_id,
            model: call.model.clone(),
            phase: phase(call.purpose),
            cost_usd: Usd(call.cost),
            round_cost_usd: Usd(view.summary.cost),
        });
    }

    /// The next version, told to who follows.
    fn raise(&self, view: &mut RoundView) {
        let synthesis = {
            let told = self.told();
            if told.is_closed {
                return;
            }
            told.synthesis
        };
        view.progress_version += 1;
        let progress = self.record(view, synthesis);
        self.watch
            .journal
            .write(&SessionEvent::Progress { progress });
    }

    fn record(&self, view: &RoundView, synthesis: RecapStatus) -> ProgressRecord {
        let written = self.written();
        let newest = |seat: &SeatCallView| {
            let written = written.get(&(seat.model.clone(), seat.purpose))?;
            written.newest_at
        };
        progress::record(view, synthesis, &newest)
    }

    pub fn view(&self) -> RoundView {
        self.lock().clone()
    }

    /// Changes what is shown and returns it for an event, without the seats' texts: words travel
    /// as deltas.
    pub fn change(&self, change: impl FnOnce(&mut RoundView)) -> RoundView {
        let mut view = self.lock();
        change(&mut view);
        self.raise(&mut view);
        // The words are set aside while the rest is copied: they travel as deltas.
        let set_aside: Vec<String> = seats_of(&mut view)
            .map(|seat| std::mem::take(&mut seat.text))
            .collect();
        let shown = view.clone();
        for (seat, words) in seats_of(&mut view).zip(set_aside) {
            seat.text = words;
        }
        shown
    }

    /// Adds words of a seat; returns where they begin, in UTF-16 code units.
    pub fn add_text(&self, model: &ModelId, purpose: Purpose, words: &str) -> Option<u64> {
        let mut view = self.lock();
        let seat = seat_mut(&mut view, model, purpose)?;
        let offset = {
            let mut all = self.written();
            let written = all.entry((model.clone(), purpose)).or_default();
            if seat.text.is_empty() {
                // A call that was queued anew begins anew.
                *written = Written::default();
            }
            let offset = *written;
            written.units += words.encode_utf16().count() as u64;
            written.characters += words.chars().count() as u64;
            written.newest_at = Some(self.watch.clock.now());
            offset
        };
        seat.text.push_str(words);
        seat.usage.output = (seat.text.len() as u64).div_ceil(4);
        seat.usage.estimated = true;
        self.told().has_grown = true;
        // A reaction is JSON on its way; nobody reads it word by word.
        if purpose == Purpose::Respond {
            self.watch.journal.write(&SessionEvent::Text {
                round_id: view.round_id,
                model: model.clone(),
                offset: offset.characters,
                text: words.to_owned(),
            });
        }
        Some(offset.units)
    }

    fn written(&self) -> MutexGuard<'_, HashMap<(ModelId, Purpose), Written>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, RoundView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One seat's call in a view.
pub(crate) fn seat_mut<'a>(
    view: &'a mut RoundView,
    model: &ModelId,
    purpose: Purpose,
) -> Option<&'a mut SeatCallView> {
    let seats = match purpose {
        Purpose::Respond => &mut view.answers,
        Purpose::React => &mut view.reactions,
        Purpose::Recap | Purpose::Synthesis => return None,
    };
    seats.iter_mut().find(|seat| seat.model == *model)
}

fn seats_of(view: &mut RoundView) -> impl Iterator<Item = &mut SeatCallView> {
    view.answers.iter_mut().chain(&mut view.reactions)
}

/// All rounds at work, one per session.
#[derive(Default)]
pub(crate) struct LiveRounds(Mutex<HashMap<SessionId, Arc<LiveRound>>>);

impl LiveRounds {
    pub fn of(&self, session: SessionId) -> Option<Arc<LiveRound>> {
        self.lock().get(&session).cloned()
    }

    /// The session's round at work.
    ///
    /// # Errors
    /// `invalid_request` when none is.
    pub fn running(&self, session: SessionId) -> Result<Arc<LiveRound>, Error> {
        self.of(session).ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidRequest,
                "No round of this session is running.",
            )
        })
    }

    pub fn all(&self) -> Vec<Arc<LiveRound>> {
        let mut rounds: Vec<_> = self.lock().values().cloned().collect();
        rounds.sort_by_key(|round| round.lock().round_id);
        rounds
    }

    pub fn insert(&self, session: SessionId, round: Arc<LiveRound>) {
        self.lock().insert(session, round);
    }

    /// Takes a finished round away, unless the session's next one stands in its place already.
    pub fn remove(&self, session: SessionId, round: &Arc<LiveRound>) {
        let mut rounds = self.lock();
        if rounds
            .get(&session)
            .is_some_and(|at_work| Arc::ptr_eq(at_work, round))
        {
            rounds.remove(&session);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<LiveRound>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
