//! Polls of a round's progress that find nothing new, while its three seats speak.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use futures::future::try_join_all;
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;

use crate::REPETITIONS;
use crate::bare;
use crate::door::Door;
use crate::figures::{Figure, Goal, Series, quantile};
use crate::instance::Instance;
use crate::panel::{Manner, Panel, seats};
use crate::peer::Peer;

/// Seats that speak meanwhile, at so many pieces a second, for longer than the whole run.
const PANEL: usize = 3;
const RATE: u32 = 20;
const SECONDS: usize = 110;
/// Callers that poll at once, each as soon as it is answered.
const CALLERS: usize = 16;
/// How long they poll in one repetition.
const SPELL: Duration = Duration::from_secs(3);
/// Polls that bring something new are rare: one version a second.
const MOST_NEWS: f64 = 0.01;

/// What polling for one spell gave.
#[derive(Default)]
struct Spell {
    /// Milliseconds of each poll that found nothing new.
    unchanged: Vec<f64>,
    /// Polls that found something.
    news: usize,
}

/// Husting and the bare route, in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Figure> {
    let home = tempfile::tempdir()?;
    let husting = Instance::start(husting, home.path()).await?;
    let panel = Panel::start(&manners()).await?;
    panel.introduce(&husting).await?;
    let asked = Convene {
        prompt: "A table or a log?".to_owned(),
        models: Some(seats(PANEL)),
        ..Convene::default()
    };
    let accepted = husting.call::<ConveneSession>(asked).await?;
    let path = format!("/api/sessions/{}/progress", accepted.session_id);
    let peer = Peer::start(Command::new(std::env::current_exe()?).arg("bare"))?;
    let (ours, theirs) = (
        Door::of(&husting, "reader").await?,
        Door::of_peer(peer.address),
    );
    let (mut bare, mut polled) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        bare.push(poll(&theirs, bare::PATH).await?);
        polled.push(poll(&ours, &path).await?);
    }
    // A round that was over would have been answered from another place.
    let finished = panel.calls_since(Instant::now() - Duration::from_secs(3_600));
    ensure!(finished.is_empty(), "the seats fell silent during the run");
    husting.stop()?;
    Ok(Figure::new("progress", series(&bare, &polled)))
}

async fn poll(door: &Door, path: &str) -> anyhow::Result<Spell> {
    let until = Instant::now() + SPELL;
    let callers = (0..CALLERS).map(|_| {
        let (door, path) = (door.clone(), path.to_owned());
        tokio::spawn(async move { caller(&door, &path, until).await })
    });
    let mut all = Spell::default();
    for spell in try_join_all(callers).await? {
        let spell = spell?;
        all.unchanged.extend(spell.unchanged);
        all.news += spell.news;
    }
    let share = all.news as f64 / all.unchanged.len() as f64;
    ensure!(share < MOST_NEWS, "too many polls found news: {share}");
    Ok(all)
}

async fn caller(door: &Door, path: &str, until: Instant) -> anyhow::Result<Spell> {
    let mut connection = door.connect().await?;
    let mut spell = Spell::default();
    let mut request = door.get(path, None);
    while Instant::now() < until {
        let (took, answer) = connection.ask(&request).await?;
        match answer.status {
            304 => spell.unchanged.push(took.as_secs_f64() * 1_000.0),
            200 => {
                let tag = answer.tag.context("progress has no tag")?;
                request = door.get(path, Some(&tag));
                spell.news += 1;
            }
            status => bail!("a poll was answered with {status}"),
        }
    }
    Ok(spell)
}

fn series(bare: &[Spell], ours: &[Spell]) -> Vec<Series> {
    const BARE: &str = "bare route: unchanged polls";
    let rate = |spell: &Spell| spell.unchanged.len() as f64 / SPELL.as_secs_f64();
    let rates = |spells: &[Spell]| spells.iter().map(rate).collect::<Vec<f64>>();
    let parts = |spells: &[Spell], part: f64| {
        let quantiles = spells.iter().map(|spell| quantile(&spell.unchanged, part));
        quantiles.collect::<Vec<f64>>()
    };
    vec![
        Series::new(BARE, "/s", rates(bare)),
        Series::new("Husting: unchanged polls", "/s", rates(ours))
            .against(BARE)
            .goal(Goal::AtLeast(20_000.0)),
        Series::new("bare route: half of all", "ms", parts(bare, 0.5)),
        Series::new("Husting: half of all", "ms", parts(ours, 0.5))
            .against("bare route: half of all"),
        Series::new("bare route: 99 of 100", "ms", parts(bare, 0.99)),
        Series::new("Husting: 99 of 100", "ms", parts(ours, 0.99))
            .against("bare route: 99 of 100")
            .goal(Goal::AtMost(2.0)),
    ]
}

fn manners() -> Vec<Manner> {
    let sentence = "The order in which facts became known is itself a fact. ";
    let length = SECONDS * RATE as usize * 4;
    let manner = Manner {
        answer: sentence.chars().cycle().take(length).collect(),
        reaction: None,
        rate: RATE,
    };
    vec![manner; PANEL]
}
