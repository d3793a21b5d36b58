//! Rows to write: each complete, none equal to its type's defaults.

use husting_domain::calls::{Call, CallState, ClaimConfidence, Purpose, SeatErrorCode};
use husting_domain::claims::{Claim, ClaimGroup, ClaimMap};
use husting_domain::consent::ImprovementConsent;
use husting_domain::ids::{CallId, HoldId, KeyId, RoundId, SessionId, TenantId, TransactionId};
use husting_domain::keys::{DeliberationKey, Principal};
use husting_domain::ledger::{Account, Debit, Entry, Hold, Occasion, Transaction, TransactionKind};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::quotes::{QuoteStatus, SourceSpan};
use husting_domain::recaps::{FailedWriter, RecapStatus, Summary};
use husting_domain::rounds::{
    ModeratorSnippet, Phase, ReactionSet, Round, RoundEstimate, RoundStatus, RoundTimings,
};
use husting_domain::sessions::{Session, SessionSource, SessionStatus};
use husting_domain::snippets::{Confidence, Snippet, SnippetType};
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use husting_store::{Store, Unit, Write};
use uuid::Uuid;

pub fn tenant() -> TenantId {
    TenantId::local()
}

/// Seconds after a fixed moment in November 2026.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_161_861_000_000 + seconds * 1_000_000)
}

pub fn model(id: &str) -> ModelId {
    ModelId::parse(id).unwrap()
}

pub fn session_id(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(0x5e55_0000_0000 + n))
}

pub fn round_id(n: u128) -> RoundId {
    RoundId(Uuid::from_u128(0x0b0d_0000_0000 + n))
}

pub fn call_id(n: u128) -> CallId {
    CallId(Uuid::from_u128(0xca11_0000_0000 + n))
}

pub fn hold_id(n: u128) -> HoldId {
    HoldId(Uuid::from_u128(0x401d_0000_0000 + n))
}

pub fn key_id(n: u128) -> KeyId {
    KeyId(Uuid::from_u128(0x5e7_0000_0000 + n))
}

pub fn transaction_id(n: u128) -> TransactionId {
    TransactionId(Uuid::from_u128(0x7a_0000_0000 + n))
}

pub fn unit() -> Unit {
    Unit::of(tenant())
}

/// Commits what must succeed.
pub async fn keep(store: &dyn Store, writes: impl IntoIterator<Item = Write>) {
    store.commit(unit().writes(writes)).await.unwrap();
}

pub fn session(n: u128) -> Session {
    Session {
        id: session_id(n),
        tenant_id: tenant(),
        title: format!("Question {n}: Größe or speed?"),
        tags: vec!["stores".to_owned(), "Ärger".to_owned()],
        status: SessionStatus::Ready,
        reference: Some("A document.\n".to_owned()),
        reference_name: Some("notes.md".to_owned()),
        models: vec![model("claude-opus-4-7"), model("openrouter/x-ai/grok:free")],
        blind: true,
        moderator_name: Some("Scout".to_owned()),
        application: Some("claude-code".to_owned()),
        source: SessionSource::Mcp,
        max_output_tokens: 8_192,
        deadline_seconds: Some(90),
        spend_limit: Some(MicroUsd(2_500_000)),
        rehearsal: true,
        // More than a signed number holds.
        seed: u64::MAX - 6,
        opened_by: Principal::Key(key_id(7)),
        consent: ImprovementConsent::decide(Tier::Free, Some(false)),
        synthesis: Summary::default(),
        archived: false,
        created_at: at(0),
        updated_at: at(i64::try_from(n).unwrap()),
    }
}

/// The round `n` of session `n / 100`, at index `n % 100`.
pub fn round(n: u128) -> Round {
    Round {
        id: round_id(n),
        session_id: session_id(n / 100),
        index: u32::try_from(n % 100).unwrap(),
        prompt: format!("Prompt {n}: straße?"),
        snippets: vec![ModeratorSnippet {
            snippet: snippet(),
            quote_status: QuoteStatus::Snapped,
            given: Some("As it was given.".to_owned()),
        }],
        moderator_name: Some("Scout".to_owned()),
        status: RoundStatus::InProgress,
        phase: Phase::Respond,
        attempt: 0,
        cancelled: false,
        started_at: at(1),
        deadline_at: at(151),
        ended_at: None,
        claim_map: None,
        reactions: vec![ReactionSet {
            model: model("a"),
            to: vec![],
            snippets: vec![snippet()],
        }],
        timings: RoundTimings::default(),
        estimate: Some(RoundEstimate {
            low: MicroUsd(12_000),
            high: MicroUsd(31_500),
            recap_low: MicroUsd(400),
            recap_high: MicroUsd(900),
        }),
        asked_by: Principal::Key(key_id(8)),
        recap: Summary {
            status: RecapStatus::Pending,
            ..Summary::default()
        },
        wants_synthesis: true,
        progress_version: 0,
    }
}

/// The key `n` of the tenant.
pub fn key(n: u128) -> DeliberationKey {
    DeliberationKey {
        id: key_id(n),
        name: format!("laptop {n}"),
        hash: [u8::try_from(n).unwrap(); 32],
        tail: "k3Qz81aB".to_owned(),
        daily_rounds: Some(12),
        created_at: at(3),
        last_used_at: None,
        revoked_at: None,
    }
}

/// What a model wrote of something.
pub fn summary<T>(text: T) -> Summary<T> {
    Summary {
        status: RecapStatus::Complete,
        text: Some(text),
        model: Some(model("a")),
        failure: Some("b: HTTP 500".to_owned()),
        failed: vec![FailedWriter {
            model: model("b"),
            code: SeatErrorCode::MaxRetriesExceeded,
            message: "HTTP 500".to_owned(),
        }],
    }
}

/// The end of a round whose map has these groups.
pub fn finish(n: u128, status: RoundStatus, groups: &[ClaimGroup]) -> Write {
    Write::FinishRound {
        round: round_id(n),
        status,
        ended_at: at(52),
        claim_map: Some(claim_map(groups)),
        reactions: round(n).reactions,
        timings: RoundTimings {
            slowest_answer_ms: 41_200,
            slowest_reaction_ms: 9_800,
            round_ms: 51_100,
        },
        cancelled: true,
        progress_version: 17,
    }
}

/// The same end, which nobody brought about.
pub fn uncancelled(mut end: Write) -> Write {
    if let Write::FinishRound { cancelled, .. } = &mut end {
        *cancelled = false;
    }
    end
}

/// The end of a round that everybody answered.
pub fn whole(n: u128) -> Write {
    uncancelled(finish(n, RoundStatus::Complete, &[]))
}

pub fn claim_map(groups: &[ClaimGroup]) -> ClaimMap {
    let claim = |(n, group): (usize, &ClaimGroup)| Claim {
        id: format!("c{}", n + 1),
        quote: "Usage aligns incentives.".to_owned(),
        originator: model("a"),
        source: SourceSpan {
            round_index: 0,
            model: model("a"),
            start: 29,
            end: 53,
        },
        group: *group,
        positions: Vec::new(),
        reaction_count: 2,
        continues: None,
        flips_without: Vec::new(),
    };
    ClaimMap {
        claims: groups.iter().enumerate().map(claim).collect(),
        quote_count: 3,
        ..ClaimMap::default()
    }
}

pub fn snippet() -> Snippet {
    Snippet {
        kind: SnippetType::Challenge,
        quote: "“Usage” aligns — incentives".to_owned(),
        quoted_model: model("a"),
        comment: Some("Not so.".to_owned()),
        confidence: Confidence::from_thousandths(815),
        said_by: Some("Ana".to_owned()),
    }
}

/// The call `n` of round `n / 100`, queued.
pub fn call(n: u128, name: &str, purpose: Purpose) -> Call {
    Call {
        id: call_id(n),
        session_id: session_id(n / 10_000),
        round_id: round_id(n / 100),
        model: model(name),
        purpose,
        attempt: 0,
        state: CallState::Queued,
        started_at: at(1),
        first_text_at: None,
        heard_at: None,
        ended_at: None,
        deadline_at: at(151),
        text: String::new(),
        claim_confidence: Vec::new(),
        usage: Usage::default(),
        cost: MicroUsd::ZERO,
        finish_reason: None,
        is_partial: false,
        error_code: None,
        error_message: None,
        closed: false,
        unreadable: false,
    }
}

pub fn answered(call: Call) -> Call {
    Call {
        state: CallState::Final,
        first_text_at: Some(at(2)),
        ended_at: Some(at(42)),
        text: "Usage aligns incentives.".to_owned(),
        claim_confidence: vec![ClaimConfidence {
            text: "Usage aligns incentives.".to_owned(),
            score: Confidence::from_thousandths(800).unwrap(),
        }],
        usage: usage(),
        cost: MicroUsd(13_860),
        finish_reason: Some("max_tokens".to_owned()),
        is_partial: true,
        ..call
    }
}

pub fn failed(call: Call) -> Call {
    Call {
        state: CallState::Error,
        ended_at: Some(at(12)),
        text: "Half a".to_owned(),
        error_code: Some(SeatErrorCode::StreamInterrupted),
        error_message: Some("connection reset".to_owned()),
        closed: true,
        unreadable: true,
        ..call
    }
}

pub fn usage() -> Usage {
    Usage {
        input: 1_120,
        cache_read: 20,
        cache_write: 30,
        output: 700,
        estimated: true,
    }
}

/// A round, as the ledger names it.
pub fn in_round(round: u128) -> Occasion {
    Occasion::Round {
        session_id: session_id(round / 100),
        round_id: round_id(round),
    }
}

pub fn hold(n: u128, round: u128, amount: i64) -> Hold {
    Hold {
        id: hold_id(n),
        occasion: in_round(round),
        model: model("a"),
        purpose: Purpose::React,
        amount: MicroUsd(amount),
        max_output_tokens: 2_048,
        at: at(1),
    }
}

pub fn booking(n: u128, kind: TransactionKind, lines: &[(Account, i64)]) -> Transaction {
    let entry = |&(account, amount): &(Account, i64)| Entry {
        account,
        amount: MicroUsd(amount),
    };
    let seconds = i64::try_from(n).unwrap();
    Transaction {
        id: transaction_id(n),
        at: at(seconds),
        kind,
        entries: lines.iter().map(entry).collect(),
    }
}

pub fn grant(n: u128, amount: i64) -> Transaction {
    let month = TransactionKind::Grant {
        month: at(0).month_start(),
    };
    booking(
        n,
        month,
        &[(Account::Grants, -amount), (Account::Free, amount)],
    )
}

pub fn top_up(n: u128, amount: i64) -> Transaction {
    booking(
        n,
        TransactionKind::TopUp,
        &[(Account::Grants, -amount), (Account::Refill, amount)],
    )
}

/// The debit of call `call`, paid from the free bucket.
pub fn debit(n: u128, call: u128, amount: i64) -> Transaction {
    let of = Debit {
        call_id: call_id(call),
        occasion: in_round(call / 100),
        model: model("a"),
        purpose: Purpose::Respond,
        usage: usage(),
        cost: MicroUsd(amount - 10),
        markup_bps: 25,
        amount: MicroUsd(amount),
    };
    let lines = [
        (Account::Free, -amount),
        (Account::ProviderSpend, amount - 10),
        (Account::Markup, 10),
    ];
    booking(n, TransactionKind::Debit(of), &lines)
}

/// Money back for the debit `of` of round `round`.
pub fn refund(n: u128, of: u128, round: u128, amount: i64) -> Transaction {
    let kind = TransactionKind::Refund {
        of: transaction_id(of),
        occasion: in_round(round),
        model: model("a"),
    };
    booking(
        n,
        kind,
        &[(Account::Free, amount), (Account::Refunds, -amount)],
    )
}
