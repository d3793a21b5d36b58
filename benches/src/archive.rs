//! A data folder with many finished deliberations, written through the store as rounds write them.

use std::path::Path;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::claims::{Claim, ClaimGroup, ClaimMap, Position, Reactor};
use husting_domain::consent::ImprovementConsent;
use husting_domain::ids::{CallId, RoundId, SessionId, TenantId, TransactionId};
use husting_domain::keys::Principal;
use husting_domain::ledger::{Account, Debit, Entry, Occasion, Transaction, TransactionKind};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::quotes::{QuoteStatus, SourceSpan};
use husting_domain::recaps::Summary;
use husting_domain::rounds::{Phase, ReactionSet, Round, RoundStatus, RoundTimings};
use husting_domain::sessions::{Session, SessionSource, SessionStatus, title_of};
use husting_domain::snippets::{Snippet, SnippetType};
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use husting_store::{SqliteStore, Store, Unit, Write};
use uuid::Builder;

use crate::panel::seats;

/// Seats of each session, and its rounds.
const PANEL: usize = 3;
const ROUNDS: u32 = 2;
/// Sentences of an answer, the first of which the next two seats react to.
const SENTENCES: usize = 20;
/// Between one session and the next.
const APART_MILLIS: i64 = 60_000;
const ROUND_MILLIS: i64 = 20_000;
/// What a call cost.
const COST: MicroUsd = MicroUsd(4_110);
/// Units on their way to the store at once.
const AT_ONCE: usize = 128;

/// Fills a fresh folder; returns the sessions, the oldest first.
pub async fn fill(home: &Path, sessions: u32) -> anyhow::Result<Vec<SessionId>> {
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    let store = SqliteStore::open(home, now).await?;
    let first = now.plus_millis(-i64::from(sessions) * APART_MILLIS);
    store.commit(unit().write(top_up(first))).await?;
    let ids = stream::iter(0..sessions)
        .map(|number| {
            let begun = Moment(first.plus_millis(i64::from(number) * APART_MILLIS));
            keep(&store, number, begun)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    // Else the first who opens the folder today copies it while it is measured.
    store.daily(now).await?;
    store.close().await;
    Ok(ids)
}

async fn keep(store: &SqliteStore, number: u32, begun: Moment) -> anyhow::Result<SessionId> {
    let session = session(number, begun)?;
    let id = session.id;
    let panel = session.models.clone();
    let mut writes = vec![Write::InsertSession(session)];
    for index in 0..ROUNDS {
        let begun = begun.after(i64::from(index) * ROUND_MILLIS);
        let round = round(id, index, &panel, begun);
        let calls = calls(&round, &panel, begun);
        writes.push(Write::InsertRound(round));
        writes.extend(calls.into_iter().flat_map(|call| paid(call, begun)));
    }
    store.commit(unit().writes(writes)).await?;
    Ok(id)
}

/// When something happened; ids rise with it.
#[derive(Clone, Copy)]
struct Moment(Timestamp);

impl Moment {
    fn after(self, millis: i64) -> Self {
        Self(self.0.plus_millis(millis))
    }

    /// An id of this moment, the `nth` of its kind.
    fn id(self, nth: usize) -> uuid::Uuid {
        let millis = self.0.as_micros().unsigned_abs() / 1_000;
        let mut rest = [0; 10];
        rest[2..].copy_from_slice(&(nth as u64).to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

fn unit() -> Unit {
    Unit::of(TenantId::local())
}

fn top_up(at: Timestamp) -> Write {
    let amount = MicroUsd::dollars(1_000_000);
    Write::Post(Transaction {
        // The first ones are those of the first session's calls.
        id: TransactionId(Moment(at).id(PANEL)),
        at,
        kind: TransactionKind::TopUp,
        entries: lines(&[(Account::Grants, -amount.0), (Account::Refill, amount.0)]),
    })
}

fn session(number: u32, begun: Moment) -> anyhow::Result<Session> {
    let models = seats(PANEL);
    Ok(Session {
        id: SessionId(begun.id(0)),
        tenant_id: TenantId::local(),
        title: title_of(&question(number)),
        tags: Vec::new(),
        status: SessionStatus::Ready,
        reference: None,
        reference_name: None,
        models: (models.len() == PANEL)
            .then_some(models)
            .context("a seat has no name")?,
        blind: true,
        moderator_name: Some("Scout".to_owned()),
        application: Some("benches".to_owned()),
        source: SessionSource::Mcp,
        max_output_tokens: 8_192,
        deadline_seconds: None,
        spend_limit: None,
        rehearsal: false,
        seed: number.into(),
        opened_by: Principal::Operator,
        consent: ImprovementConsent::decide(Tier::Scale, None),
        synthesis: Summary::default(),
        archived: false,
        created_at: begun.0,
        updated_at: begun.after(i64::from(ROUNDS) * ROUND_MILLIS).0,
    })
}

fn round(session_id: SessionId, index: u32, panel: &[ModelId], begun: Moment) -> Round {
    let ended = begun.after(ROUND_MILLIS).0;
    Round {
        id: RoundId(begun.id(1)),
        session_id,
        index,
        prompt: question(index),
        snippets: Vec::new(),
        moderator_name: Some("Scout".to_owned()),
        asked_by: Principal::Operator,
        status: RoundStatus::Complete,
        phase: Phase::Done,
        attempt: 0,
        cancelled: false,
        started_at: begun.0,
        deadline_at: ended,
        ended_at: Some(ended),
        claim_map: Some(claim_map(index, panel)),
        reactions: (0..panel.len()).map(|at| reactions(at, panel)).collect(),
        timings: RoundTimings {
            slowest_answer_ms: ROUND_MILLIS / 2,
            slowest_reaction_ms: ROUND_MILLIS / 2,
            round_ms: ROUND_MILLIS,
        },
        estimate: None,
        recap: Summary::default(),
        wants_synthesis: false,
        progress_version: 17,
    }
}

/// Each seat's answer and reaction.
fn calls(round: &Round, panel: &[ModelId], begun: Moment) -> Vec<Call> {
    let phases = [(Purpose::Respond, 0), (Purpose::React, ROUND_MILLIS / 2)];
    let call = |(purpose, later): (Purpose, i64), at: usize, model: &ModelId| Call {
        id: CallId(begun.after(later).id(at)),
        session_id: round.session_id,
        round_id: round.id,
        model: model.clone(),
        purpose,
        attempt: 0,
        state: CallState::Final,
        started_at: begun.after(later).0,
        first_text_at: Some(begun.after(later + 400).0),
        heard_at: None,
        ended_at: Some(begun.after(later + ROUND_MILLIS / 2).0),
        deadline_at: round.deadline_at,
        text: match purpose {
            Purpose::Respond => answer(at),
            _ => String::new(),
        },
        claim_confidence: Vec::new(),
        usage: Usage {
            input: 900,
            output: 300,
            ..Usage::default()
        },
        cost: COST,
        finish_reason: Some("stop".to_owned()),
        is_partial: false,
        error_code: None,
        error_message: None,
        closed: false,
        unreadable: false,
    };
    phases
        .into_iter()
        .flat_map(|phase| {
            let of_seat = move |(at, model)| call(phase, at, model);
            panel.iter().enumerate().map(of_seat)
        })
        .collect()
}

/// A call with its debit.
fn paid(call: Call, begun: Moment) -> [Write; 2] {
    let debit = Debit {
        call_id: call.id,
        occasion: Occasion::Round {
            session_id: call.session_id,
            round_id: call.round_id,
        },
        model: call.model.clone(),
        purpose: call.purpose,
        usage: call.usage,
        cost: COST,
        markup_bps: 0,
        amount: COST,
    };
    let booking = Transaction {
        // A call's own id is as unique among transactions.
        id: TransactionId(call.id.0),
        at: call.ended_at.unwrap_or(begun.0),
        kind: TransactionKind::Debit(debit),
        entries: lines(&[(Account::Refill, -COST.0), (Account::ProviderSpend, COST.0)]),
    };
    [Write::InsertCall(call), Write::Post(booking)]
}

fn lines(amounts: &[(Account, i64)]) -> Vec<Entry> {
    let entry = |&(account, amount): &(Account, i64)| Entry {
        account,
        amount: MicroUsd(amount),
    };
    amounts.iter().map(entry).collect()
}

fn question(number: u32) -> String {
    format!(
        "Question {number}: should an event store be a table or a log, and who pays for the difference?"
    )
}

fn answer(at: usize) -> String {
    let more = "The order in which facts became known is itself a fact. ".repeat(SENTENCES - 1);
    sentence(at) + " " + more.trim_end()
}

/// What the others react to.
fn sentence(at: usize) -> String {
    format!("Rule {} of a store is that its log comes first.", at + 1)
}

/// Seat `at` stands with the next one and against the one after it.
fn stances(at: usize, panel: &[ModelId]) -> [(usize, SnippetType); 2] {
    let seat = |steps: usize| (at + steps) % panel.len();
    [
        (seat(1), SnippetType::Keep),
        (seat(2), SnippetType::Challenge),
    ]
}

fn reactions(at: usize, panel: &[ModelId]) -> ReactionSet {
    let stances = stances(at, panel);
    let snippet = |(of, kind): (usize, SnippetType)| Snippet {
        kind,
        quote: sentence(of),
        quoted_model: panel[of].clone(),
        comment: Some("So it is told by whoever ran one.".to_owned()),
        confidence: None,
        said_by: None,
    };
    ReactionSet {
        model: panel[at].clone(),
        to: stances.iter().map(|(of, _)| panel[*of].clone()).collect(),
        snippets: stances.into_iter().map(snippet).collect(),
    }
}

fn claim_map(round_index: u32, panel: &[ModelId]) -> ClaimMap {
    let claims = (0..panel.len()).map(|of| claim(of, round_index, panel));
    ClaimMap {
        claims: claims.collect(),
        quote_count: 2 * panel.len() as u32,
        new_claims: panel.len() as u32,
        ..ClaimMap::default()
    }
}

fn claim(of: usize, round_index: u32, panel: &[ModelId]) -> Claim {
    let positions: Vec<Position> = (0..panel.len())
        .flat_map(|at| stances(at, panel).map(|stance| (at, stance)))
        .filter(|(_, (quoted, _))| *quoted == of)
        .map(|(at, (_, kind))| position(&panel[at], kind, of))
        .collect();
    Claim {
        id: format!("c{}", of + 1),
        quote: sentence(of),
        originator: panel[of].clone(),
        source: SourceSpan {
            round_index,
            model: panel[of].clone(),
            start: 0,
            end: sentence(of).len() as u32,
        },
        group: ClaimGroup::Contested,
        reaction_count: positions.len() as u32,
        positions,
        continues: None,
        flips_without: Vec::new(),
    }
}

fn position(seat: &ModelId, kind: SnippetType, of: usize) -> Position {
    Position {
        model: Reactor::seat(seat),
        kind,
        comment: "So it is told by whoever ran one.".to_owned(),
        stock_comment: false,
        comment_confidence: None,
        quote_status: QuoteStatus::Exact,
        quote: sentence(of),
        differences: Vec::new(),
        was: None,
        said_by: None,
    }
}

#[cfg(test)]
mod tests {
    use husting_store::SessionFilter;

    use super::*;

    #[tokio::test]
    async fn the_folder_has_what_it_says_and_its_books_are_right() {
        let home = tempfile::tempdir().unwrap();
        let ids = fill(home.path(), 3).await.unwrap();
        let store = SqliteStore::open(home.path(), Timestamp::from_micros(0))
            .await
            .unwrap();
        let tenant = TenantId::local();
        let page = store.sessions(&tenant, &SessionFilter::default()).await;
        assert_eq!(page.unwrap().total, 3);
        let row = store.session_row(&tenant, ids[2]).await.unwrap().unwrap();
        assert_eq!((row.round_count, row.claims), (ROUNDS, Some(3)));
        assert_eq!(
            row.cost.0,
            12 * COST.0,
            "two rounds of three seats, two calls each"
        );
        assert!(ids.is_sorted(), "ids rise with time");
        store.close().await;
    }
}
