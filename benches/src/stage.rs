//! A data folder in which the window finds a large claim map, much mail of many agents, and can hear three
//! seats at once.

use std::path::Path;

use anyhow::ensure;
use husting_domain::agents::Name;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;
use serde::Serialize;
use tokio::io::AsyncReadExt;

use crate::bus::archive::{self, Someone};
use crate::door::Door;
use crate::instance::Instance;
use crate::panel::{Manner, Panel, SEATS, seat, seats};
use crate::watcher::Watcher;

/// Seats of the large map and sentences of each, all of which become claims.
const MAP_SEATS: usize = 5;
const MAP_SENTENCES: usize = 40;
/// Further reactions of each seat, to sentences that have one already.
const MAP_MORE: usize = 10;
/// Agents, and how many messages they have sent each other.
const AGENTS: usize = 500;
const MESSAGES: usize = 10_000;
/// Pieces of text a second of a live seat, and how long it can speak.
const LIVE_RATE: u32 = 200;
const LIVE_SECONDS: usize = 25;

/// What the window's scripts need to know.
#[derive(Serialize)]
struct Prepared {
    /// The session with the large map.
    map: SessionId,
    claims: usize,
    /// Three seats to convene; all on the wire that needs no key.
    live: Vec<ModelId>,
    tokens_per_second: u32,
}

/// Prepares the folder, says so and stays until standard input ends.
pub async fn hold(husting: &Path, home: &Path) -> anyhow::Result<()> {
    let panel = Panel::start(&map_manners()).await?;
    let husting = Instance::start(husting, home).await?;
    panel.introduce(&husting).await?;
    let (map, claims) = convene_map(&husting).await?;
    let mut people = Vec::with_capacity(AGENTS);
    for at in 0..AGENTS {
        let name = Name::parse(&format!("agent-{at}"))?;
        let (_, id) = Door::of_agent(&husting, name.as_str()).await?;
        people.push(Someone { id, name });
    }
    husting.stop()?;
    archive::fill(home, &people, MESSAGES).await?;
    panel.teach(&live_manners());
    let live = seats(SEATS).into_iter().step_by(2).take(3).collect();
    println!(
        "{}",
        serde_json::to_string(&Prepared {
            map,
            claims,
            live,
            tokens_per_second: LIVE_RATE
        })?
    );
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn convene_map(husting: &Instance) -> anyhow::Result<(SessionId, usize)> {
    let mut watcher = Watcher::open(husting).await?;
    let prompt = "What must hold of an event store?".to_owned();
    let asked = Convene {
        prompt,
        models: Some(seats(MAP_SEATS)),
        ..Convene::default()
    };
    let accepted = husting.call::<ConveneSession>(asked).await?;
    let watched = watcher.until_over(accepted.round_id).await?;
    let claims = watched.round.claim_map.map_or(0, |map| map.claims.len());
    ensure!(
        claims == MAP_SEATS * MAP_SENTENCES,
        "the map has {claims} claims"
    );
    Ok((accepted.session_id, claims))
}

fn map_manners() -> Vec<Manner> {
    (0..MAP_SEATS)
        .map(|at| Manner {
            answer: answer(at),
            reaction: Some(reaction(at)),
            rate: 50_000,
        })
        .collect()
}

fn answer(at: usize) -> String {
    (0..MAP_SENTENCES)
        .map(|number| sentence(at, number) + "\n\n")
        .collect()
}

fn sentence(at: usize, number: usize) -> String {
    const THINGS: [&str; 8] = [
        "Replay", "Append", "Backup", "Schema", "Cursor", "Tenant", "Fence", "Index",
    ];
    let thing = THINGS[(at + number) % THINGS.len()];
    format!(
        "{thing} rule {}-{} of this store is checked at every commit.",
        at + 1,
        number + 1
    )
}

/// Everything the next seat said, and the beginning of what the one after it said.
fn reaction(at: usize) -> String {
    const TYPES: [&str; 5] = ["KEEP", "CHALLENGE", "EXPLORE", "CORE", "SHIFT"];
    let next = (0..MAP_SENTENCES).map(|number| ((at + 1) % MAP_SEATS, number));
    let after = (0..MAP_MORE).map(|number| ((at + 2) % MAP_SEATS, number));
    let snippets = next.chain(after).map(|(of, number)| {
        let (kind, quote) = (TYPES[(at + number) % TYPES.len()], sentence(of, number));
        format!("{{\"type\":\"{kind}\",\"quoted_model\":\"{}\",\"quote\":\"{quote}\",\"comment\":\"As told.\"}}", seat(of))
    });
    format!(
        "{{\"snippets\":[{}]}}",
        snippets.collect::<Vec<_>>().join(",")
    )
}

fn live_manners() -> Vec<Manner> {
    let length = LIVE_SECONDS * LIVE_RATE as usize * 4;
    let manner = |at: usize| Manner {
        answer: prose(at).chars().cycle().take(length).collect(),
        reaction: None,
        rate: LIVE_RATE,
    };
    (0..SEATS).map(manner).collect()
}

/// Markdown as models write it; ASCII, so that a piece is four bytes.
fn prose(at: usize) -> String {
    format!(
        "## Point {}\n\nAn event store lives by **ordered appends**. What was written first is read first, and `seq` \
         says so:\n\n- one writer takes what has queued and commits once;\n- readers stand beside it and *never* wait;\n\
         - a gap in the numbers asks for a new snapshot.\n\nWhere two tables must agree, one transaction holds both. \
         That costs a flush, and the flush is the price of an honest answer. Whoever leaves it out has a faster store \
         that forgets.\n\n",
        at + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_fits_what_a_seat_may_write() {
        assert!((0..MAP_SEATS).all(|at| reaction(at).len() < 2_048 * 4));
        const { assert!(MAP_SENTENCES + MAP_MORE <= 50) };
    }
}
