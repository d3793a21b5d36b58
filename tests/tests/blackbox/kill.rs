//! `kill -9` in the middle of rounds: no answer paid twice, none lost that was told to be there,
//! every call accounted for, the books right. `HUSTING_KILLS` says how often (10 unless told),
//! `HUSTING_TEST_SEED` repeats a run.

mod audit;
mod scene;
mod script;

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use husting_test_support::Script;
use husting_tests::home::Home;
use husting_tests::panel::{Panel, SEATS};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use self::scene::Scene;

/// Where in a round the program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Money is set aside, nobody is called yet.
    Holding,
    /// Some seats are in the middle of their answers.
    Streaming,
    /// A call has ended and is about to be kept and paid.
    BeforeCommit,
    /// It has just been kept and paid, and nobody knows.
    AfterCommit,
    /// Some seats are in the middle of their reactions.
    Reacting,
    /// Everything is said; the map is about to be kept.
    Mapping,
}

const STEPS: [Step; 6] = [
    Step::Holding,
    Step::Streaming,
    Step::BeforeCommit,
    Step::AfterCommit,
    Step::Reacting,
    Step::Mapping,
];

/// One kill.
#[derive(Clone, Debug)]
struct Kill {
    step: Step,
    /// Whether a round has gone before.
    in_second_round: bool,
    /// Which of the round's six calls is at its commit, from 1.
    commit: u32,
    /// Seats that are in the middle of something.
    stuck: Vec<&'static str>,
    /// How many pieces of text they have sent by then.
    pieces: u32,
    /// The partial text has been kept by then.
    kept: bool,
}

impl Kill {
    fn draw(step: Step, dice: &mut ChaCha8Rng) -> Self {
        let seats = SEATS.map(|seat| seat.id);
        let count = dice.random_range(1..=seats.len());
        Self {
            step,
            in_second_round: dice.random_bool(0.3),
            commit: dice.random_range(1..=6),
            stuck: seats.choose_multiple(dice, count).copied().collect(),
            pieces: dice.random_range(8..20),
            kept: dice.random_bool(0.5),
        }
    }
}

/// What became of the calls of killed rounds.
#[derive(Clone, Debug, Default)]
struct Account {
    kills: usize,
    /// Calls that reached a provider.
    calls: usize,
    debits: usize,
    /// Of these, settled from what was kept of the call.
    estimated: usize,
    /// Calls whose holds were given back without a debit.
    released: usize,
    /// Of these, calls that were never made.
    not_called: usize,
}

impl Account {
    fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.calls += other.calls;
        self.debits += other.debits;
        self.estimated += other.estimated;
        self.released += other.released;
        self.not_called += other.not_called;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_paid_twice_wherever_the_program_is_killed() {
    let kills = number("HUSTING_KILLS").unwrap_or(10);
    let seed = number("HUSTING_TEST_SEED").unwrap_or_else(|| now() % 1_000_000);
    println!("HUSTING_TEST_SEED={seed} HUSTING_KILLS={kills}");
    let scene = Scene::set(Home::new(), Panel::start(Script::debate()).await).await;
    let mut table: BTreeMap<Step, Account> = BTreeMap::new();
    for (nth, kill) in plan(kills, seed).iter().enumerate() {
        let (account, faults) = scene.play(nth, kill, &[]).await;
        assert!(
            faults.is_empty(),
            "kill {nth} of seed {seed}: {kill:?}\n{}",
            faults.join("\n")
        );
        table.entry(kill.step).or_default().add(&account);
    }
    print(&table);
    let least = if kills >= 30 { 3 } else { 1 };
    for step in STEPS {
        let hits = table.get(&step).map_or(0, |account| account.kills);
        assert!(kills < 6 || hits >= least, "only {hits} kills at {step:?}");
    }
}

/// The same kill, audited in the same way, of a build that keeps an answer and its debit as two
/// units: the audit must find the answer that nobody paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_settles_apart_is_found_out() {
    let scene = Scene::set(Home::new(), Panel::start(Script::debate()).await).await;
    let kill = Kill {
        commit: 2,
        in_second_round: false,
        ..Kill::draw(Step::BeforeCommit, &mut ChaCha8Rng::seed_from_u64(1))
    };
    let (_, sound) = scene.play(0, &kill, &[]).await;
    assert_eq!(
        sound,
        Vec::<String>::new(),
        "this kill does no harm to the build that people are given"
    );
    let (_, faults) = scene
        .play(1, &kill, &[("HUSTING_TEST_SETTLE_APART", "1")])
        .await;
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("was kept and never paid")),
        "{faults:?}"
    );
}

fn plan(kills: u64, seed: u64) -> Vec<Kill> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut steps = STEPS;
    steps.shuffle(&mut dice);
    let mut kills: Vec<Kill> = steps
        .into_iter()
        .cycle()
        .take(usize::try_from(kills).unwrap())
        .map(|step| Kill::draw(step, &mut dice))
        .collect();
    kills.shuffle(&mut dice);
    kills
}

fn print(table: &BTreeMap<Step, Account>) {
    println!(
        "{:<14}{:>6}{:>8}{:>10}{:>10}{:>10}{:>11}",
        "killed at", "kills", "calls", "debits", "estimated", "released", "not called"
    );
    for (
        step,
        Account {
            kills,
            calls,
            debits,
            estimated,
            released,
            not_called,
        },
    ) in table
    {
        let step = format!("{step:?}");
        println!(
            "{step:<14}{kills:>6}{calls:>8}{debits:>10}{estimated:>10}{released:>10}{not_called:>11}"
        );
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
    )
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as u64)
}
