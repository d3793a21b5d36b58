//! Rounds at work, as those who watch see them. The store keeps the facts; this keeps the moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_deliberation::round::Control;
use husting_domain::calls::Purpose;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_wire::answers::SeatCallView;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::RoundView;
use tokio::sync::watch;

/// A round at work.
pub(crate) struct LiveRound {
    /// How it is stopped.
    pub control: Control,
    view: Mutex<RoundView>,
    /// UTF-16 code units of each seat's words so far, so that a delta need not count them again.
    /// Taken after `view` where both are held.
    units: Mutex<HashMap<(ModelId, Purpose), u64>>,
    /// Turns true when the round is terminal and kept, or could not be kept.
    pub over: watch::Sender<bool>,
}

impl LiveRound {
    pub fn new(view: RoundView, control: Control) -> Arc<Self> {
        Arc::new(Self {
            control,
            view: Mutex::new(view),
            units: Mutex::default(),
            over: watch::Sender::new(false),
        })
    }

    pub fn view(&self) -> RoundView {
        self.lock().clone()
    }

    /// Changes what is shown and returns it for an event, without the seats' texts: words travel
    /// as deltas.
    pub fn change(&self, change: impl FnOnce(&mut RoundView)) -> RoundView {
        let mut view = self.lock();
        change(&mut view);
        view.progress_version += 1;
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
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let count = units.entry((model.clone(), purpose)).or_default();
        if seat.text.is_empty() {
            // A call that was queued anew begins anew.
            *count = 0;
        }
        let offset = *count;
        *count += words.encode_utf16().count() as u64;
        seat.text.push_str(words);
        seat.usage.output = (seat.text.len() as u64).div_ceil(4);
        seat.usage.estimated = true;
        Some(offset)
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
