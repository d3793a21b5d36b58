//! A program that dies in the middle: its tasks are dropped where they stand, and the folder is
//! opened again. Rounds end by themselves, nothing is lost that was kept, nothing is paid twice.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock};
use husting_domain::calls::SeatErrorCode;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_store::{SqliteStore, Store};
use husting_test_support::{Behaviour, Calls, Fault, GatePoint, Outcome, Phase, Rule, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{Examine, FindSessions, KeepDraft, RetryRound, WriteSession};
use husting_wire::drafts::SaveDraft;
use husting_wire::rounds::RoundRef;
use husting_wire::sessions::{ExportFormat, ExportSession, ListSessions};
use husting_wire::settings::LookAround;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::desk::{Desk, PATIENCE, answer, hand_clock, reaction};
use crate::fragile::{Break, Fragile};
use crate::panel::{Houses, Panel, SEATS, price};

/// Between two looks for space on a full disk.
const SPACE_PAUSE: Duration = Duration::from_secs(5);

/// What outlives the program: its folder, and the providers on a runtime of their own.
pub struct Wreck {
    home: Arc<TempDir>,
    houses: Houses,
    session: SessionId,
    clock: ManualClock,
    outside: Runtime,
}

/// Everything on one thread, so that a test knows what has run when it has waited.
fn one_thread() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}

fn thread_of_its_own() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().unwrap()
}

/// Convenes the panel, lets it come as far as `until`, and drops everything that runs.
pub fn crash<F: Future<Output = Panel>>(
    script: Script,
    until: impl FnOnce(Panel, SessionId, ManualClock) -> F,
) -> Wreck {
    let (outside, clock) = (thread_of_its_own(), hand_clock());
    let houses = outside.block_on(Houses::open(script));
    let program = one_thread();
    let (panel, session) = program.block_on(async {
        let panel = Panel::at(Arc::new(clock.clone()), houses).await;
        let session = panel.convene(&SEATS).await.session_id;
        (until(panel, session, clock.clone()).await, session)
    });
    let Panel { desk, houses } = panel;
    let home = desk.home.clone();
    // First the runtime, so that no task has a chance to end in good order.
    program.shutdown_timeout(Duration::from_secs(5));
    drop(desk);
    Wreck {
        home,
        houses,
        session,
        clock,
        outside,
    }
}

impl Wreck {
    /// The folder that it leaves.
    pub fn home(&self) -> Arc<TempDir> {
        self.home.clone()
    }

    /// The next start of the program.
    pub fn revive<F: Future<Output = ()>>(self, look: impl FnOnce(Panel, SessionId) -> F) {
        let program = one_thread();
        program.block_on(async {
            let desk = Desk::open_in(self.home, Arc::new(self.clock)).await;
            let panel = Panel {
                desk,
                houses: self.houses,
            };
            panel.unlock().await;
            look(panel, self.session).await;
        });
        drop(self.outside);
    }
}

fn paused(model: &str, phase: Phase, at: GatePoint) -> Script {
    Script::debate().for_phase(model, phase, Behaviour::debating().gate("pause", at))
}

/// Debits less refunds of one round.
async fn charged(panel: &Panel) -> MicroUsd {
    panel
        .debits()
        .await
        .iter()
        .map(|row| row.debit.as_ref().unwrap().amount)
        .sum()
}

#[test]
fn what_was_answered_stays_what_streamed_is_settled_and_what_was_queued_is_released() {
    // Alpha streams and has a checkpoint, beta has answered, gamma has not begun.
    let silent = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let script = paused("alpha", Phase::Respond, GatePoint::BeforeToken(10)).for_phase(
        "gamma",
        Phase::Respond,
        silent,
    );
    let wreck = crash(script, async |panel, session, clock| {
        panel.until_said(session, "alpha", 40).await;
        panel
            .once(session, |round| {
                answer(round, "beta").state == SeatState::Final
            })
            .await;
        panel.houses.east.until_started(2).await;
        clock.advance(Duration::from_millis(1_500));
        everything_is_kept(&panel).await;
        panel
    });
    wreck.revive(async |panel, session| {
        let view = panel.session(session).await;
        let round = view.rounds.last().unwrap();
        assert_eq!(round.status, RoundStatus::PartialFailure);
        assert_eq!(view.summary.status, SessionStatus::Ready);
        let beta = answer(round, "beta");
        let sent = &panel.houses.calls_of("beta", Phase::Respond)[0];
        assert_eq!(beta.state, SeatState::Final);
        assert_eq!(beta.cost, crate::panel::bill(sent));
        let alpha = answer(round, "alpha");
        assert_eq!(alpha.error_code, Some(SeatErrorCode::StreamInterrupted));
        assert_eq!(
            alpha.text,
            panel.houses.calls_of("alpha", Phase::Respond)[0].sent
        );
        assert!(alpha.usage.estimated && alpha.usage.output == 10 && alpha.usage.input > 0);
        assert_eq!(alpha.cost, price("alpha").cost(&alpha.usage));
        let gamma = answer(round, "gamma");
        assert_eq!(gamma.error_code, Some(SeatErrorCode::StreamInterrupted));
        assert_eq!((gamma.text.as_str(), gamma.cost), ("", MicroUsd::ZERO));
        assert_eq!(round.summary.charged, alpha.cost + beta.cost);
        assert_eq!(charged(&panel).await, round.summary.charged);
        panel.audit(MicroUsd::dollars(20)).await;
        assert!(round.can_retry);

        panel.houses.swap(Script::debate());
        let round = panel.retried(session).await;
        assert_eq!(
            (round.status, round.summary.reacted),
            (RoundStatus::Complete, 3)
        );
        for (model, asked) in [("alpha", 2), ("beta", 1), ("gamma", 2)] {
            let calls = panel.houses.calls_of(model, Phase::Respond);
            assert_eq!(calls.len(), asked, "{model}");
        }
        panel.audit(MicroUsd::dollars(20)).await;
    });
}

#[test]
fn a_fragment_that_a_crash_left_is_read_without_the_marks_of_its_scores() {
    let words = "It holds. [confidence: 0.7] It scales. [confidence: 0.9] So be it.";
    let broken = Behaviour::answering(words).gate("pause", GatePoint::BeforeToken(13));
    let script = Script::debate().for_phase("alpha", Phase::Respond, broken);
    let wreck = crash(script, async |panel, session, clock| {
        panel.until_said(session, "alpha", 52).await;
        clock.advance(Duration::from_millis(1_500));
        everything_is_kept(&panel).await;
        panel
    });
    wreck.revive(async |panel, session_id| {
        let kept = answer(&panel.round(session_id).await, "alpha").text.clone();
        assert_eq!(kept, words[..52], "what is stored is what was said");
        let shown =
            "*Unfinished, 20 characters kept, read by no other seat:*\n\n> It holds. It scales.\n";
        let counted = "(20 characters kept, read by no other seat)";
        for (format, says) in [(ExportFormat::Md, shown), (ExportFormat::Outcome, counted)] {
            let export = ExportSession { session_id, format };
            let text = panel.ask::<WriteSession>(export).await.text;
            assert!(text.contains(says), "{text}");
        }
    });
}

#[test]
fn a_round_that_died_among_its_reactions_keeps_those_that_had_ended() {
    let script = paused("beta", Phase::React, GatePoint::BeforeToken(4));
    let wreck = crash(script, async |panel, session, _| {
        panel
            .once(session, |round| {
                let done = |model| reaction(round, model).state == SeatState::Final;
                done("alpha")
                    && done("gamma")
                    && reaction(round, "beta").state == SeatState::Streaming
            })
            .await;
        panel
    });
    wreck.revive(async |panel, session| {
        let round = panel.round(session).await;
        assert_eq!(
            (round.status, round.summary.reacted),
            (RoundStatus::Complete, 2)
        );
        assert!(round.summary.degraded && round.summary.claims > 0);
        let lost = reaction(&round, "beta");
        assert_eq!(lost.error_code, Some(SeatErrorCode::StreamInterrupted));
        // The provider has read the whole prompt and charges for it.
        assert!(lost.usage.input > 0, "{:?}", lost.usage);
        panel.audit(MicroUsd::dollars(20)).await;

        panel.houses.swap(Script::debate());
        let round = panel.retried(session).await;
        assert_eq!(round.summary.reacted, 3);
        for model in SEATS {
            assert_eq!(panel.houses.calls_of(model, Phase::Respond).len(), 1);
        }
        assert_eq!(panel.houses.calls_of("alpha", Phase::React).len(), 1);
        assert_eq!(panel.houses.calls_of("beta", Phase::React).len(), 2);
        panel.audit(MicroUsd::dollars(20)).await;
    });
}

#[test]
fn a_retry_that_died_loses_nothing_of_the_attempt_before() {
    let first = Rule {
        model: Some("gamma".to_owned()),
        phase: Some(Phase::Respond),
        calls: Some(Calls::only(1)),
        behaviour: Behaviour::default().fault(Fault::BadRequest400),
        ..Rule::default()
    };
    let then = Behaviour::debating().gate("pause", GatePoint::BeforeToken(2));
    let slow = Behaviour::debating().gate("slow", GatePoint::BeforeToken(2));
    let script = Script::debate()
        .rule(first)
        .for_phase("alpha", Phase::Respond, slow)
        .for_phase("gamma", Phase::Respond, then);
    let wreck = crash(script, async |panel, session_id, clock| {
        panel.until_said(session_id, "alpha", 8).await;
        clock.advance(Duration::from_millis(1_000));
        panel.houses.release("slow");
        let before = panel.finished(session_id).await;
        assert_eq!(before.summary.reacted, 2);
        assert_eq!(before.summary.timings.round_ms, 1_000);
        clock.advance(Duration::from_secs(100));
        let round = RoundRef {
            session_id,
            round_id: None,
        };
        panel.ask::<RetryRound>(round).await;
        panel.until_said(session_id, "gamma", 8).await;
        clock.advance(Duration::from_millis(1_500));
        everything_is_kept(&panel).await;
        panel
    });
    let clock = wreck.clock.clone();
    wreck.revive(async |panel, session| {
        let round = panel.round(session).await;
        assert_eq!(round.status, RoundStatus::PartialFailure);
        assert_eq!((round.summary.answered, round.summary.reacted), (2, 2));
        assert!(round.claim_map.is_some_and(|map| !map.claims.is_empty()));
        // Of both tries, without what lay between them.
        assert_eq!(round.summary.timings.round_ms, 2_500);
        let gated = Behaviour::debating().gate("again", GatePoint::BeforeToken(2));
        panel
            .houses
            .swap(Script::debate().for_phase("gamma", Phase::Respond, gated));
        let ask = RoundRef {
            session_id: session,
            round_id: None,
        };
        panel.ask::<RetryRound>(ask).await;
        panel.until_said(session, "gamma", 8).await;
        clock.advance(Duration::from_millis(250));
        panel.houses.release("again");
        let round = panel.finished(session).await;
        assert_eq!(round.status, RoundStatus::Complete);
        let timings = round.summary.timings;
        assert_eq!(
            (timings.round_ms, timings.slowest_answer_ms),
            (2_750, 1_500)
        );
        panel.audit(MicroUsd::dollars(20)).await;
    });
}

#[test]
fn a_retry_that_died_among_its_reactions_keeps_earlier_ones_exactly_once() {
    let once = |model: &str, phase, call, behaviour| Rule {
        model: Some(model.to_owned()),
        phase: Some(phase),
        calls: Some(Calls::only(call)),
        behaviour,
        ..Rule::default()
    };
    let refusing = Behaviour::default().fault(Fault::BadRequest400);
    let pausing = Behaviour::debating().gate("pause", GatePoint::BeforeToken(4));
    let script = Script::debate()
        .rule(once("gamma", Phase::Respond, 1, refusing))
        .rule(once("beta", Phase::React, 2, pausing));
    let wreck = crash(script, async |panel, session_id, _| {
        assert_eq!(panel.finished(session_id).await.summary.reacted, 2);
        let round = RoundRef {
            session_id,
            round_id: None,
        };
        panel.ask::<RetryRound>(round).await;
        panel
            .once(session_id, |round| {
                let state = |model| reaction(round, model).state;
                answer(round, "gamma").state == SeatState::Final
                    && state("alpha") == SeatState::Final
                    && state("gamma") == SeatState::Final
                    && state("beta") == SeatState::Streaming
            })
            .await;
        everything_is_kept(&panel).await;
        panel
    });
    let home = wreck.home();
    wreck.revive(async |panel, session| {
        let round = panel.round(session).await;
        assert_eq!(round.status, RoundStatus::Complete);
        let lost = reaction(&round, "beta");
        assert_eq!(lost.error_code, Some(SeatErrorCode::StreamInterrupted));
        panel.console.close().await;

        let store = SqliteStore::open(home.path(), hand_clock().now())
            .await
            .unwrap();
        let rounds = store.rounds(&TenantId::local(), session).await.unwrap();
        let kept = &rounds[0].reactions;
        store.close().await;
        // Beta's of the first attempt is there, its second, to gamma, is not.
        let to = |model: &str| -> Vec<&str> {
            let sets: Vec<_> = kept
                .iter()
                .filter(|set| set.model.as_str() == model)
                .collect();
            assert_eq!(sets.len(), 1, "{model}");
            sets[0].to.iter().map(|to| to.as_str()).collect()
        };
        assert_eq!(to("alpha"), ["beta", "gamma"]);
        assert_eq!(to("beta"), ["alpha"]);
        assert_eq!(to("gamma"), ["alpha", "beta"]);
        for set in kept {
            let calls = panel.houses.calls_of(set.model.as_str(), Phase::React);
            let finished = calls
                .iter()
                .filter(|call| call.outcome == Outcome::Finished);
            let given: usize = finished.map(|call| snippets_in(&call.sent)).sum();
            assert_eq!(set.snippets.len(), given, "{}", set.model);
        }
    });
}

/// Snippets of a reaction as it was sent.
fn snippets_in(sent: &str) -> usize {
    let sent: serde_json::Value = serde_json::from_str(sent).unwrap();
    sent["snippets"].as_array().unwrap().len()
}

#[test]
fn a_deadline_found_passed_is_told_as_such() {
    let script = paused("alpha", Phase::Respond, GatePoint::BeforeToken(3));
    let wreck = crash(script, async |panel, session, _| {
        panel.until_said(session, "alpha", 12).await;
        panel
    });
    wreck.clock.advance(Duration::from_secs(3_600));
    wreck.revive(async |panel, session| {
        let round = panel.round(session).await;
        let alpha = answer(&round, "alpha");
        assert_eq!(alpha.error_code, Some(SeatErrorCode::DeadlineExpired));
    });
}

#[test]
fn a_round_that_a_crash_ended_lasted_until_the_last_that_is_known_of_it() {
    let wreck = crash(
        paused("alpha", Phase::Respond, GatePoint::BeforeToken(10)),
        async |panel, session, clock| {
            panel.until_said(session, "alpha", 40).await;
            panel
                .once(session, |round| round.summary.answered == 2)
                .await;
            clock.advance(Duration::from_millis(1_500));
            everything_is_kept(&panel).await;
            panel
        },
    );
    // What happens to nobody's eyes, and then the time that the program is away.
    wreck.clock.advance(Duration::from_secs(100));
    wreck.revive(async |panel, session_id| {
        let view = panel.session(session_id).await;
        let round = &view.rounds[0];
        let ended_at = round.ended_at.unwrap();
        assert_eq!(ended_at.millis_since(round.started_at), 1_500);
        let timings = round.summary.timings;
        assert_eq!(
            (timings.round_ms, timings.slowest_answer_ms),
            (1_500, 1_500)
        );
        let alpha = answer(round, "alpha");
        assert_eq!(alpha.ended_at, Some(ended_at));
        // The code is the contract's, the sentence and the mark say who broke it off.
        assert_eq!(alpha.error_code, Some(SeatErrorCode::StreamInterrupted));
        assert!(alpha.closed && !answer(round, "beta").closed);
        let said = alpha.error_message.as_deref().unwrap();
        assert!(said.starts_with("Husting was closed"), "{said}");
        assert!(view.summary.failures.iter().all(|seat| seat.closed));
        let export = |format| ExportSession { session_id, format };
        let md = panel
            .ask::<WriteSession>(export(ExportFormat::Md))
            .await
            .text;
        let line = md.lines().find(|line| line.contains("answered"));
        assert!(line.unwrap().contains(", 1.5 s"), "{line:?}");
        let json = panel.ask::<WriteSession>(export(ExportFormat::Json)).await;
        let json: serde_json::Value = serde_json::from_str(&json.text).unwrap();
        let record = &json["rounds"][0];
        assert_eq!(record["completed_at"], serde_json::json!(ended_at));
        let message = &record["failed_models"][0]["message"];
        assert_eq!(message.as_str(), Some(said));
    });
}

#[test]
fn a_second_start_changes_nothing_more() {
    let script = paused("alpha", Phase::Respond, GatePoint::BeforeToken(3));
    let wreck = crash(script, async |panel, session, _| {
        panel.until_said(session, "alpha", 12).await;
        panel
    });
    let home = wreck.home();
    wreck.revive(async |panel, session| {
        let first = panel.session(session).await;
        panel.console.close().await;
        let again = Desk::open_in(home, Arc::new(hand_clock())).await;
        let second = again.session(session).await;
        assert_eq!(second.rounds, first.rounds);
        again.audit(MicroUsd::dollars(20)).await;
    });
}

/// Returns once what was on its way to the store is on disk: it answers in order, and by the second
/// time whoever had something to keep has handed it in.
pub async fn everything_is_kept(panel: &Panel) {
    let mut over = None;
    for body in ["1", "2"] {
        let draft = SaveDraft {
            key: "new".to_owned(),
            body: body.to_owned(),
            over,
        };
        over = panel.ask::<KeepDraft>(draft).await.revision;
    }
}

#[test]
fn a_round_in_which_nobody_had_begun_is_told_without_figures_that_nobody_has() {
    let silent = |model| paused(model, Phase::Respond, GatePoint::BeforeResponse);
    let script = SEATS
        .iter()
        .skip(1)
        .fold(silent(SEATS[0]), |script, model| {
            let gate = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
            script.for_phase(*model, Phase::Respond, gate)
        });
    let wreck = crash(script, async |panel, _, _| {
        panel.houses.east.until_started(2).await;
        panel.houses.west.until_started(1).await;
        everything_is_kept(&panel).await;
        panel
    });
    wreck.revive(async |panel, session_id| {
        let summary = panel.session(session_id).await.summary;
        assert_eq!((summary.asked, summary.answered), (3, 0));
        let format = ExportFormat::Md;
        let export = ExportSession { session_id, format };
        let text = panel.ask::<WriteSession>(export).await.text;
        let line = text.lines().find(|line| line.contains("answered"));
        assert_eq!(line, Some("0 of 3 answered, $0.00"), "{text}");
        assert!(
            text.contains("Husting was closed while the call ran."),
            "{text}"
        );
        assert!(
            !text.contains("*Unfinished") && !text.contains("0 characters"),
            "{text}"
        );
    });
}

#[test]
fn on_a_full_disk_everything_is_read_and_what_a_crash_left_is_ended_once_there_is_space() {
    let wreck = crash(
        paused("alpha", Phase::Respond, GatePoint::BeforeToken(10)),
        async |panel, session, _| {
            panel.until_said(session, "alpha", 40).await;
            panel
                .once(session, |round| round.summary.answered == 2)
                .await;
            everything_is_kept(&panel).await;
            panel
        },
    );
    let (session, clock) = (wreck.session, wreck.clock.clone());
    one_thread().block_on(async {
        let opened = SqliteStore::open_waiting(wreck.home.path(), clock.now(), PATIENCE).await;
        let store = Arc::new(Fragile::around(opened.unwrap()));
        store.weaken(|_| true, Break::Full, usize::MAX);
        let desk = Desk::over(store.clone(), wreck.home, Arc::new(clock.clone())).await;
        let listed = desk.ask::<FindSessions>(ListSessions::default()).await;
        assert_eq!(listed.sessions[0].status, SessionStatus::Streaming);
        assert_eq!(desk.round(session).await.summary.answered, 2);
        assert!(desk.wallet().await.check.ok);
        let report = desk.ask::<Examine>(LookAround::default()).await;
        let finding = |subject: &str| {
            let mut findings = report.findings.iter();
            findings.find(|found| found.subject == subject).unwrap()
        };
        assert!(!finding("store").ok);
        let words = "the disk is full: nothing new can be kept";
        assert!(finding("store").message.starts_with(words));
        assert!(finding("wallet").ok);

        store.weaken(|_| false, Break::Full, 0);
        // Somebody waits for space.
        while clock.waiting_for(clock.now().plus(SPACE_PAUSE)) == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(SPACE_PAUSE);
        let round = desk.finished(session).await;
        assert_eq!(round.status, RoundStatus::PartialFailure);
        assert_eq!(round.held, MicroUsd::ZERO);
        desk.audit(MicroUsd::dollars(20)).await;
        desk.console.close().await;
    });
}
