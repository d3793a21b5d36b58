//! What a key may read: sessions, models, credit.

use std::sync::PoisonError;

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::ledger::Account;
use husting_domain::sessions::SessionStatus;
use husting_store::{SessionFilter, SessionRow};
use husting_wallet::terms::SubscriptionStatus;
use husting_wallet::wallet::Wallet;
use husting_wire::contract::credit::{
    BucketName, BucketsRecord, CreditRecord, FreeBucket, RefillBucket, SubscriptionBucket,
};
use husting_wire::contract::models::{ModelListRecord, ModelRecord, PricingRecord};
use husting_wire::contract::numbers::Usd;
use husting_wire::contract::requests::{ListSessions, ListedStatus};
use husting_wire::contract::sessions::{ListedSession, SessionListRecord, SessionRecord};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::models::ModelView;
use husting_wire::ranges;

use crate::caller::Caller;
use crate::errors::Outward;
use crate::{Console, Inner, records, transcript};

/// Rows of a page where nobody says.
const DEFAULT_LIMIT: u64 = 7;

impl Console {
    /// A whole session, as record and as Markdown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn session(
        &self,
        caller: &Caller,
        id: SessionId,
    ) -> Result<(SessionRecord, String), Error> {
        let view = self.0.get_session(&caller.tenant(), id).await?;
        self.0.given(caller, &view).await?;
        Ok((records::session(&view), transcript::markdown(&view)))
    }

    /// Sessions, those that changed last first.
    ///
    /// # Errors
    /// `invalid_request` for a limit out of its range.
    pub async fn sessions(
        &self,
        caller: &Caller,
        asked: ListSessions,
    ) -> Result<SessionListRecord, Error> {
        let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
        ranges::LIST_LIMIT.check("limit", limit)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let offset = asked.offset.unwrap_or(0);
        let filter = SessionFilter {
            statuses: match asked.status {
                Some(ListedStatus::Ready) => vec![SessionStatus::Ready],
                Some(ListedStatus::Streaming) => {
                    vec![SessionStatus::Streaming, SessionStatus::Processing]
                }
                None => Vec::new(),
            },
            limit,
            offset,
            ..SessionFilter::default()
        };
        let page = self
            .0
            .store
            .sessions(&caller.tenant(), &filter)
            .await
            .outward()?;
        Ok(SessionListRecord {
            sessions: page.rows.into_iter().map(listed).collect(),
            total: u32::try_from(page.total).unwrap_or(u32::MAX),
            limit,
            offset,
        })
    }

    /// Models with prices and availability.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn model_records(&self, caller: &Caller) -> Result<ModelListRecord, Error> {
        let list = self.0.models(&caller.tenant()).await?;
        Ok(ModelListRecord {
            models: list.models.into_iter().map(model).collect(),
        })
    }

    /// The caller's wallet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn credit(&self, caller: &Caller) -> Result<CreditRecord, Error> {
        let wallet = self.0.books(&caller.tenant()).await?.wallet;
        Ok(credit(&wallet, self.0.now()))
    }

    /// Most models on a panel, as the schema of requests says it.
    #[must_use]
    pub fn most_seats(&self) -> u32 {
        self.0.settings().panel_max_seats
    }

    /// What the settings allow one key: calls a minute, calls at once, open waits.
    #[must_use]
    pub fn key_limits(&self) -> (u32, u32, u32) {
        // Asked with every call: read in place rather than copied.
        let settings = self.0.settings.read();
        let settings = settings.unwrap_or_else(PoisonError::into_inner);
        (
            settings.limits_calls_per_minute,
            settings.limits_burst,
            settings.limits_open_waits,
        )
    }
}

impl Inner {
    /// Whether the caller may see the session.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub(crate) async fn seen_by(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        let found = self
            .store
            .session(&caller.tenant(), session)
            .await
            .outward()?;
        found.map(|_| ()).ok_or_else(|| Error::not_found("session"))
    }

    /// Refuses a round that is not the one at work.
    pub(crate) async fn refuse_other_round(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
    ) -> Result<(), Error> {
        self.seen_by(caller, session).await?;
        let live = self.live.running(session)?;
        if live.place().0 == round {
            return Ok(());
        }
        let rounds = self
            .store
            .rounds(&caller.tenant(), session)
            .await
            .outward()?;
        Err(if rounds.iter().any(|found| found.id == round) {
            Error::new(ErrorCode::InvalidRequest, "This round is over.")
        } else {
            Error::not_found("round")
        })
    }
}

fn listed(row: SessionRow) -> ListedSession {
    let session = row.session;
    ListedSession {
        session_id: session.id,
        title: session.title,
        status: session.status,
        round_count: row.round_count,
        models: session.models,
        moderator_name: session.moderator_name,
        application: session.application,
        source: session.source,
        created_at: session.created_at,
        updated_at: session.updated_at,
        total_cost_usd: Usd(row.cost),
    }
}

fn model(view: ModelView) -> ModelRecord {
    let price = view.price;
    ModelRecord {
        id: view.id,
        provider: view.provider,
        display_name: view.display_name,
        kind: view.kind,
        context_window: view.context_window,
        max_output_tokens: view.max_output_tokens,
        pricing: PricingRecord {
            input_per_million_usd: price.map(|price| Usd(price.input)),
            output_per_million_usd: price.map(|price| Usd(price.output)),
            cache_read_per_million_usd: price.and_then(|price| price.cache_read).map(Usd),
            cache_write_per_million_usd: price.and_then(|price| price.cache_write).map(Usd),
            minimum_usd: Usd(view.minimum),
            source: view.price_source,
            as_of: view.price_as_of,
        },
        available: view.available,
        unavailable_reason: view.unavailable_reason,
    }
}

fn credit(wallet: &Wallet, now: husting_domain::time::Timestamp) -> CreditRecord {
    let terms = &wallet.terms;
    let refill = terms.auto_refill;
    CreditRecord {
        effective_balance_usd: Usd(wallet.effective_balance()),
        buckets: BucketsRecord {
            free: FreeBucket {
                balance_usd: Usd(wallet.balance(Account::Free)),
                monthly_grant_usd: Usd(terms.monthly_grant.unwrap_or_default()),
                resets_at: Wallet::resets_at(now),
            },
            subscription: SubscriptionBucket {
                balance_usd: Usd(wallet.balance(Account::Subscription)),
                rollover_cap_usd: Usd(terms.subscription.rollover_cap),
                subscription_status: terms.subscription.status.map(status),
            },
            refill: RefillBucket {
                balance_usd: Usd(wallet.balance(Account::Refill)),
                auto_refill_enabled: refill.enabled,
                auto_refill_threshold_usd: refill.enabled.then_some(Usd(refill.threshold)),
                auto_refill_amount_usd: refill.enabled.then_some(Usd(refill.amount)),
            },
        },
        per_model_minimum_usd_default: Usd(terms.default_minimum),
        debit_order: vec![
            BucketName::Free,
            BucketName::Subscription,
            BucketName::Refill,
        ],
    }
}

fn status(status: SubscriptionStatus) -> String {
    match status {
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::PastDue => "past_due",
        SubscriptionStatus::Cancelled => "cancelled",
        SubscriptionStatus::Expired => "expired",
    }
    .to_owned()
}
