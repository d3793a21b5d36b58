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
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::contract::events::{SeatWords, SessionEvent};
use husting_wire::contract::numbers::Usd;
use husting_wire::contract::progress::ProgressRecord;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::RoundView;
use tokio::sync::watch;

use crate::contract::Progress;
use crate::contract::journal::Journal;
use crate::contract::progress;

/// A round at work.
pub(crate) struct LiveRound {
    /// How it is stopped.
    pub control: Control,
    moment: Mutex<Moment>,
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

/// A round as it is this moment.
struct Moment {
    view: RoundView,
    /// How much each seat has written, so that nothing is counted again.
    written: HashMap<(ModelId, Purpose), Written>,
    synthesis: RecapStatus,
    /// The progress of the view's version, the same for whoever polls, follows or comes anew.
    told: Told,
    /// Words came that no version shows yet.
    has_grown: bool,
    /// When a version last showed grown words.
    grown_at: Option<Timestamp>,
    /// The round is being kept as finished: what is told from now on is told by the store.
    is_closed: bool,
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

/// One version of the progress, as a record and as its JSON.
struct Told {
    record: ProgressRecord,
    progress: Progress,
}

impl Told {
    fn of(record: ProgressRecord) -> Self {
        let progress = Progress {
            round_id: record.round_id,
            version: record.progress_version,
            // Plain values, which can always be written.
            body: serde_json::to_string(&record).unwrap_or_default().into(),
        };
        Self { record, progress }
    }
}

/// Grown text raises the version at most this often, in milliseconds.
const GROWTH_MILLIS: i64 = 1_000;

impl Moment {
    fn record(
        view: &RoundView,
        written: &HashMap<(ModelId, Purpose), Written>,
        synthesis: RecapStatus,
    ) -> ProgressRecord {
        let found = |seat: &SeatCallView| written.get(&(seat.model.clone(), seat.purpose));
        progress::record(view, synthesis, &|seat| {
            let written = found(seat);
            progress::Growth {
                // What was taken in is not what is served: an ended call is counted as it stands.
                characters: match seat.state {
                    SeatState::Streaming => written.map_or(0, |written| written.characters),
                    _ => seat.text.chars().count() as u64,
                },
                newest_at: written.and_then(|written| written.newest_at),
            }
        })
    }

    /// The next version, with everything that it shows.
    fn raise(&mut self, now: Timestamp) {
        self.view.progress_version += 1;
        if self.has_grown {
            (self.has_grown, self.grown_at) = (false, Some(now));
        }
        self.told = Told::of(Self::record(&self.view, &self.written, self.synthesis));
    }

    /// Words that came since the last version are shown a second after it.
    fn is_due(&self, now: Timestamp) -> bool {
        let has_passed = self
            .grown_at
            .is_none_or(|at| now.millis_since(at) >= GROWTH_MILLIS);
        self.has_grown && has_passed && !self.is_closed
    }
}

impl LiveRound {
    pub fn new(view: RoundView, control: Control, watch: Watch) -> Arc<Self> {
        let written = HashMap::new();
        let told = Told::of(Moment::record(&view, &written, watch.synthesis));
        let moment = Moment {
            view,
            written,
            synthesis: watch.synthesis,
            told,
            has_grown: false,
            grown_at: None,
            is_closed: false,
        };
        Arc::new(Self {
            control,
            moment: Mutex::new(moment),
            watch,
            over: watch::Sender::new(false),
        })
    }

    pub fn is_of(&self, tenant: &TenantId) -> bool {
        self.watch.tenant == *tenant
    }

    /// The round's id and index.
    pub fn place(&self) -> (RoundId, u32) {
        let moment = self.lock();
        (moment.view.round_id, moment.view.index)
    }

    /// The round's progress.
    pub fn progress(&self) -> Progress {
        let now = self.watch.clock.now();
        let mut moment = self.lock();
        if moment.is_due(now) {
            moment.raise(now);
        }
        moment.told.progress.clone()
    }

    /// The round's state with its words, and the number of the newest event that it includes.
    pub fn snapshot(&self) -> (u64, SessionEvent) {
        let moment = self.lock();
        let words = |seat: &SeatCallView| SeatWords {
            model: seat.model.clone(),
            text: seat.text.clone(),
        };
        let event = SessionEvent::Snapshot {
            progress: Some(moment.told.record.clone()),
            texts: moment.view.answers.iter().map(words).collect(),
        };
        (self.watch.journal.newest(), event)
    }

    /// A version above all that were told; no later one is told by this round.
    pub fn last_version(&self) -> u64 {
        let mut moment = self.lock();
        moment.is_closed = true;
        moment.view.progress_version + 1
    }

    pub fn set_synthesis(&self, status: RecapStatus) {
        let mut moment = self.lock();
        moment.synthesis = status;
        self.raise(&mut moment);
    }

    /// A call was settled.
    pub fn paid(&self, call: &Call) {
        let moment = self.lock();
        let round_id = moment.view.round_id;
        if call.purpose == Purpose::Respond && call.state == CallState::Final {
            self.watch.journal.write(&SessionEvent::Answer {
                round_id,
                model: call.model.clone(),
                text: call.text.clone(),
            });
        }
        self.watch.journal.write(&SessionEvent::Cost {
            round_id,
            model: call.model.clone(),
            purpose: call.purpose,
            cost_usd: Usd(call.cost),
            round_cost_usd: Usd(moment.view.summary.cost),
        });
    }

    /// The next version, told to who follows.
    fn raise(&self, moment: &mut Moment) {
        if moment.is_closed {
            return;
        }
        moment.raise(self.watch.clock.now());
        let progress = moment.told.record.clone();
        self.watch
            .journal
            .write(&SessionEvent::Progress { progress });
    }

    pub fn view(&self) -> RoundView {
        self.lock().view.clone()
    }

    /// Changes what is shown and returns it for an event, without the seats' texts: words travel
    /// as deltas.
    pub fn change(&self, change: impl FnOnce(&mut RoundView)) -> RoundView {
        let mut moment = self.lock();
        change(&mut moment.view);
        self.raise(&mut moment);
        let view = &mut moment.view;
        // The words are set aside while the rest is copied: they travel as deltas.
        let set_aside: Vec<String> = seats_of(view)
            .map(|seat| std::mem::take(&mut seat.text))
            .collect();
        let shown = view.clone();
        for (seat, words) in seats_of(view).zip(set_aside) {
            seat.text = words;
        }
        shown
    }

    /// Adds words of a seat; returns where they begin, in UTF-16 code units.
    pub fn add_text(&self, model: &ModelId, purpose: Purpose, words: &str) -> Option<u64> {
        let mut moment = self.lock();
        let moment = &mut *moment;
        let seat = seat_mut(&mut moment.view, model, purpose)?;
        let written = moment.written.entry((model.clone(), purpose)).or_default();
        if seat.text.is_empty() {
            // A call that was queued anew begins anew.
            *written = Written::default();
        }
        let before = *written;
        written.units += words.encode_utf16().count() as u64;
        written.characters += words.chars().count() as u64;
        written.newest_at = Some(self.watch.clock.now());
        seat.text.push_str(words);
        seat.usage.output = (seat.text.len() as u64).div_ceil(4);
        seat.usage.estimated = true;
        moment.has_grown = true;
        // A reaction is JSON on its way; nobody reads it word by word.
        if purpose == Purpose::Respond {
            self.watch.journal.write(&SessionEvent::Text {
                round_id: moment.view.round_id,
                model: model.clone(),
                offset: before.characters,
                text: words.to_owned(),
            });
        }
        Some(before.units)
    }

    fn lock(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
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
        Purpose::Recap | Purpose::Synthesis | Purpose::ManagedAgent => return None,
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
        rounds.sort_by_key(|round| round.place().0);
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

#[cfg(test)]
pub(crate) mod tests {
    use husting_clock::SystemClock;
    use husting_domain::models::SeatKind;
    use husting_domain::money::{MicroUsd, Usage};
    use husting_domain::rounds::{ClientAction, Phase, RoundStatus};
    use husting_wire::recaps::RecapView;
    use husting_wire::rounds::RoundSummary;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::chance;
    use crate::contract::journal::Journals;

    const AT: Timestamp = Timestamp::from_micros(1_795_168_800_000_000);

    fn alpha() -> ModelId {
        ModelId::parse("alpha").unwrap()
    }

    fn seat() -> SeatCallView {
        SeatCallView {
            model: alpha(),
            display_name: "Alpha".to_owned(),
            provider: "first".to_owned(),
            kind: SeatKind::Api,
            letter: "A".to_owned(),
            purpose: Purpose::Respond,
            state: SeatState::Streaming,
            text: String::new(),
            sentences: Vec::new(),
            claim_confidence: Vec::new(),
            usage: Usage::default(),
            cost: MicroUsd::ZERO,
            started_at: Some(AT),
            first_text_at: None,
            ended_at: None,
            deadline_at: None,
            finish_reason: None,
            is_partial: false,
            filtered: false,
            error_code: None,
            error_message: None,
            closed: false,
            unreadable: false,
            page: false,
            spent: None,
            retrying: None,
        }
    }

    /// A first round that runs, with one seat that writes.
    pub(crate) fn view() -> RoundView {
        RoundView {
            round_id: chance::round_id(),
            session_id: chance::session_id(),
            index: 0,
            prompt: "Which?".to_owned(),
            snippets: Vec::new(),
            moderator_name: None,
            asked_by: None,
            status: RoundStatus::InProgress,
            phase: Phase::Respond,
            progress_version: 0,
            action: ClientAction::PollAgain,
            cancelled: false,
            started_at: AT,
            tries: vec![AT],
            phase_started_at: AT,
            deadline_at: AT,
            ended_at: None,
            answers: vec![seat()],
            reactions: Vec::new(),
            claim_map: None,
            recap: RecapView::default(),
            summary: RoundSummary::default(),
            debits: Vec::new(),
            estimate: None,
            held: MicroUsd::ZERO,
            can_retry: false,
        }
    }

    fn live() -> Arc<LiveRound> {
        let (view, tenant) = (view(), TenantId::local());
        let journal = Journals::default().of(&tenant, view.session_id);
        journal.begin();
        let control = Control::new(CancellationToken::new(), [alpha()].iter());
        let watch = Watch {
            tenant,
            synthesis: RecapStatus::None,
            journal,
            clock: Arc::new(SystemClock),
        };
        LiveRound::new(view, control, watch)
    }

    /// The characters of the snapshot's one answer.
    fn length(snapshot: SessionEvent) -> u64 {
        let SessionEvent::Snapshot { texts, .. } = snapshot else {
            panic!("{snapshot:?}")
        };
        texts[0].text.chars().count() as u64
    }

    /// A snapshot and its number are taken under one lock, and so are words and their event. Were either
    /// pair taken apart, words that came between would be missing or told twice.
    #[test]
    fn the_event_after_a_snapshot_begins_where_its_words_end() {
        let live = live();
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let taken: Vec<(u64, u64)> = std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    live.add_text(&alpha(), Purpose::Respond, "né ").unwrap();
                }
                is_over.store(true, std::sync::atomic::Ordering::Release);
            });
            let mut taken = Vec::new();
            while !is_over.load(std::sync::atomic::Ordering::Acquire) {
                let (seq, snapshot) = live.snapshot();
                taken.push((seq, length(snapshot)));
            }
            taken
        });
        // Every event is one of three characters: what a number includes is known.
        for (seq, length) in taken {
            assert_eq!(length, 3 * seq);
        }
        assert_eq!(live.snapshot().0, 5_000);
    }

    #[test]
    fn every_change_of_a_round_is_an_event_with_its_own_version() {
        let live = live();
        live.change(|view| view.answers[0].state = SeatState::Final);
        live.set_synthesis(RecapStatus::Pending);
        let told = live.watch.journal.after(0).unwrap();
        let versions: Vec<u64> = told
            .iter()
            .map(|entry| {
                let event: serde_json::Value = serde_json::from_str(&entry.json).unwrap();
                event["progress"]["progress_version"].as_u64().unwrap()
            })
            .collect();
        assert_eq!(versions, [1, 2]);
        let (seq, _) = live.snapshot();
        assert_eq!(seq, 2, "nothing of it is told again");
    }
}
