//! One kill from the first question to the last check: a round is led to its step by gates at the
//! providers or by the program's own halt, the program is killed and started again, what it made of
//! that is audited, and what failed is asked for again.

use husting_domain::ids::SessionId;
use husting_domain::rounds::RoundStatus;
use husting_tests::events::Events;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{Panel, SEATS, model};
use husting_tests::patience::look_for;
use husting_tests::program::halting;
use husting_tests::search::holds;
use husting_wire::commands::{
    AppendToSession, ConveneSession, FindSessions, ReadSession, ReadWallet, RetryRound,
};
use husting_wire::rounds::{AppendRound, RoundRef};
use husting_wire::sessions::{Convene, ListSessions, SessionRef, SessionView};
use husting_wire::settings::Nothing;
use husting_wire::wallet::WalletView;

use super::audit::Audit;
use super::script::{free, gated, halt, has_reactions, words};
use super::{Account, Kill, Step};

/// A data folder and its providers, on which one kill follows the other.
pub struct Scene {
    home: Home,
    panel: Panel,
}

impl Scene {
    pub async fn set(home: Home, panel: Panel) -> Self {
        panel.seat_at(&home).await;
        Self { home, panel }
    }

    /// Plays one kill; returns what became of the calls, and what should not have.
    pub async fn play(
        &self,
        nth: usize,
        kill: &Kill,
        variables: &[(&str, &str)],
    ) -> (Account, Vec<String>) {
        let before = self.panel.calls().len();
        let halt = halt(kill);
        let halt = halt
            .as_ref()
            .map(|at| ("HUSTING_TEST_HALT_AT", at.as_str()));
        let variables: Vec<_> = halt.into_iter().chain(variables.iter().copied()).collect();
        let mut instance = Instance::start_with(&self.home, halting(), &variables).await;
        let mut events = instance.watch().await;
        let wallet = wallet(&instance).await;
        let earlier = self.begin(nth, kill, &instance, &mut events).await;
        let round_from = self.panel.calls().len();
        self.lead_to(nth, kill, &mut instance, &mut events).await;
        instance.kill().await;
        events.until_gone().await;

        let seen = self.panel.calls();
        let instance = Instance::start_with(&self.home, halting(), &[]).await;
        let session = match earlier {
            Some(session) => session,
            None => newest(&instance).await,
        };
        let view = read(&instance, session).await;
        let mut audit = Audit {
            kill,
            view: &view,
            calls: &seen[before..],
            of_round: &seen[round_from..],
            faults: Vec::new(),
        };
        let account = audit.after_the_kill(&events.finals(session));
        audit.money(&wallet, &self::wallet(&instance).await);
        if self.panel.calls().len() > seen.len() {
            audit
                .faults
                .push("somebody was called at the restart".to_owned());
        }
        let mut faults = audit.faults;
        // What the control breaks would only be found a second time.
        if faults.is_empty() {
            faults = self
                .retry(&instance, kill, &view, [before, round_from], &wallet)
                .await;
        }
        let (code, said) = instance.stop().await;
        assert_eq!(code, 0, "a restarted instance ends well: {said}");
        (account, faults)
    }

    /// Asks the question, and waits for the first round where the kill comes in the second.
    async fn begin(
        &self,
        nth: usize,
        kill: &Kill,
        instance: &Instance,
        events: &mut Events,
    ) -> Option<SessionId> {
        let convene = Convene {
            prompt: format!("What should we do about matter {nth}?"),
            models: Some(SEATS.iter().map(|seat| model(seat.id)).collect()),
            ..Convene::default()
        };
        if !kill.in_second_round {
            self.panel.swap(&gated(nth, kill));
            instance.send::<ConveneSession>(convene);
            return None;
        }
        self.panel.swap(&free());
        let ack = instance
            .call::<ConveneSession>(convene)
            .await
            .expect("a round is accepted");
        events.until_over(ack.session_id, 0).await;
        self.panel.swap(&gated(nth, kill));
        let prompt = "And what comes after that?".to_owned();
        let next = AppendRound {
            session_id: ack.session_id,
            prompt,
            snippets: Vec::new(),
            moderator_name: None,
            recap_round: false,
            recap_session: false,
        };
        instance.send::<AppendToSession>(next);
        Some(ack.session_id)
    }

    /// Lets the round come to its step. Every call of a phase has reached its provider before any
    /// of them is answered, so that nobody has to guess which calls were made.
    async fn lead_to(&self, nth: usize, kill: &Kill, instance: &mut Instance, events: &mut Events) {
        if kill.step != Step::Holding {
            self.let_through(&format!("respond {nth}")).await;
            if kill.step > Step::Streaming && has_reactions(kill) {
                self.let_through(&format!("react {nth}")).await;
            }
        }
        if halt(kill).is_some() {
            return instance.until_said("halted at").await;
        }
        self.panel
            .until_wait(&format!("stuck {nth}"), &kill.stuck)
            .await;
        let answered =
            SEATS.len() * usize::from(kill.step == Step::Reacting) + SEATS.len() - kill.stuck.len();
        let round = u32::from(kill.in_second_round);
        events
            .until("the others' answers", |told| {
                let last = told.iter().rev().find_map(|event| match event {
                    husting_wire::events::Event::RoundChanged { round } => Some(round),
                    _ => None,
                });
                last.is_some_and(|view| view.index == round && view.debits.len() == answered)
            })
            .await;
        if kill.kept {
            self.until_kept(nth, kill).await;
        }
    }

    async fn let_through(&self, gate: &str) {
        self.panel.until_all_wait(gate).await;
        self.panel.open(gate);
    }

    /// Waits until the partial texts are in the store's files, byte for byte.
    async fn until_kept(&self, nth: usize, kill: &Kill) {
        for seat in &kill.stuck {
            let partial = &words(seat, nth)[..kill.pieces as usize * 4];
            look_for("a partial text in the store", || {
                let files = ["husting.db-wal", "husting.db"]
                    .map(|name| std::fs::read(self.home.path().join(name)));
                files
                    .iter()
                    .flatten()
                    .any(|bytes| holds(bytes, partial.as_bytes()))
                    .then_some(())
            })
            .await;
        }
    }

    /// What failed is asked for again; in the end everything is there, and paid once.
    async fn retry(
        &self,
        instance: &Instance,
        kill: &Kill,
        killed: &SessionView,
        [before, round_from]: [usize; 2],
        wallet: &WalletView,
    ) -> Vec<String> {
        let session_id = killed.summary.session_id;
        let round = killed.rounds.last().expect("there is a round");
        if round.can_retry {
            self.panel.swap(&free());
            let mut events = instance.watch().await;
            let again = RoundRef {
                session_id,
                round_id: None,
            };
            instance
                .call::<RetryRound>(again)
                .await
                .expect("what failed can be tried again");
            events.until_over(session_id, round.index).await;
        }
        let (view, calls) = (read(instance, session_id).await, self.panel.calls());
        let mut audit = Audit {
            kill,
            view: &view,
            calls: &calls[before..],
            of_round: &calls[round_from..],
            faults: Vec::new(),
        };
        audit.after_the_retry(killed);
        audit.money(wallet, &self::wallet(instance).await);
        audit.faults
    }
}

async fn newest(instance: &Instance) -> SessionId {
    let list = instance
        .call::<FindSessions>(ListSessions::default())
        .await
        .expect("sessions can be listed");
    list.sessions
        .first()
        .expect("the accepted session was kept")
        .session_id
}

async fn read(instance: &Instance, session_id: SessionId) -> SessionView {
    let view = instance
        .call::<ReadSession>(SessionRef { session_id })
        .await
        .expect("the session can be read");
    let ended = view
        .rounds
        .iter()
        .all(|round| round.status != RoundStatus::InProgress);
    assert!(ended, "a round still runs after the restart");
    view
}

async fn wallet(instance: &Instance) -> WalletView {
    instance
        .call::<ReadWallet>(Nothing {})
        .await
        .expect("the wallet can be read")
}
