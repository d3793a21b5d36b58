//! The wallet between store and rules: loaded with what the calendar owes, changed in one unit.

use husting_domain::ids::TenantId;
use husting_store::{BookingKind, CommitError, Kept, Require, Unit, Write};
use husting_wallet::terms::WalletTerms;
use husting_wallet::wallet::{MonthToDate, Wallet};
use husting_wallet::{calendar, wallet};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;

use crate::Inner;
use crate::chance;
use crate::errors::{Outward, commit_fault};

/// How often a change is tried again when another node changed the wallet first.
const TRIES: usize = 8;

/// A wallet with everything due at this moment booked, and the writes that book it.
pub(crate) struct Books {
    /// As it will be once `due` is committed.
    pub wallet: Wallet,
    due: Vec<Write>,
    version: u64,
}

impl Books {
    /// A unit that books what is due first and holds only while nobody else changed the wallet.
    pub fn unit(&self, tenant: TenantId) -> Unit {
        Unit::of(tenant)
            .require(Require::WalletVersion(self.version))
            .writes(self.due.iter().cloned())
    }
}

impl Inner {
    /// The wallet as of now.
    pub(crate) async fn books(&self, tenant: &TenantId) -> Result<Books, Error> {
        let row = self.store.wallet(tenant).await.outward()?;
        let mut wallet = Wallet::new(terms_of(row.terms.as_deref()));
        wallet.version = row.version;
        wallet.balances = row.balances;
        wallet.holds = row.holds;
        wallet.last_subscription_month = row.last_subscription_month;
        if let Some(month) = row.last_grant_month {
            let since = |kind| self.store.booked_since(tenant, kind, month);
            let granted = since(BookingKind::Grant).await.outward()?
                + since(BookingKind::LimitChange).await.outward()?;
            let refilled = since(BookingKind::AutoRefill).await.outward()?;
            wallet.month = Some(MonthToDate {
                month,
                granted,
                refilled,
            });
        }
        let due = calendar::due(&wallet, self.now(), chance::transaction_id);
        for transaction in &due {
            wallet.apply(transaction).map_err(|fault| unsound(&fault))?;
        }
        let version = wallet.version;
        Ok(Books {
            wallet,
            due: due.into_iter().map(Write::Post).collect(),
            version,
        })
    }

    /// Changes the wallet: `change` sees it as of now and says what to write. Tried again when
    /// another node was faster; `change` is then asked anew.
    pub(crate) async fn change_wallet<T>(
        &self,
        tenant: &TenantId,
        change: impl FnMut(&Wallet) -> Result<(Unit, T), Error>,
    ) -> Result<T, Error> {
        match self.try_change_wallet(tenant, change).await? {
            Ok((value, _)) => Ok(value),
            Err(fault) => Err(commit_fault(&fault)),
        }
    }

    /// The same, with what the store tells of the unit, or why it refused it for another reason than a
    /// faster change.
    pub(crate) async fn try_change_wallet<T>(
        &self,
        tenant: &TenantId,
        mut change: impl FnMut(&Wallet) -> Result<(Unit, T), Error>,
    ) -> Result<Result<(T, Kept), CommitError>, Error> {
        let _turn = self.wallet_turn.lock().await;
        for _ in 0..TRIES {
            let books = self.books(tenant).await?;
            let (asked, value) = change(&books.wallet)?;
            let mut unit = books.unit(tenant.clone()).writes(asked.writes);
            unit.requires.extend(asked.requires);
            match self.store.commit(unit).await {
                Ok(kept) => {
                    self.means_moved();
                    return Ok(Ok((value, kept)));
                }
                Err(CommitError::Refused(Require::WalletVersion(_))) => {}
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Err(Error::new(
            ErrorCode::StoreUnavailable,
            "The wallet is being changed too often; nothing was booked. Try again.",
        ))
    }

    /// Books what the calendar owes now, if anything.
    pub(crate) async fn settle_the_calendar(&self) -> Result<(), Error> {
        let tenant = TenantId::local();
        if self.books(&tenant).await?.due.is_empty() {
            return Ok(());
        }
        self.book_due(&tenant).await?;
        self.tell_wallet(&tenant).await;
        Ok(())
    }

    /// The wallet to be shown. What is due is booked first, or it would show a sum that the ledger does not have: the last
    /// call may have brought the balance below the threshold of a refill.
    pub(crate) async fn shown_wallet(&self, tenant: &TenantId) -> Result<Wallet, Error> {
        let books = self.books(tenant).await?;
        if books.due.is_empty() {
            return Ok(books.wallet);
        }
        // On a full disk it is shown all the same, as it will be.
        if let Err(fault) = self.book_due(tenant).await {
            tracing::warn!(%fault, "what is due could not be booked");
            return Ok(books.wallet);
        }
        Ok(self.books(tenant).await?.wallet)
    }

    async fn book_due(&self, tenant: &TenantId) -> Result<(), Error> {
        self.change_wallet(tenant, |_| Ok((Unit::of(tenant.clone()), ())))
            .await
    }

    /// Tells the wallet's new state. A failed read is logged: the next change tells it again.
    pub(crate) async fn tell_wallet(&self, tenant: &TenantId) {
        let _turn = self.telling.wallet.lock().await;
        match self.wallet_summary(tenant).await {
            Ok(wallet) => self.tell_of(tenant, Event::WalletChanged { wallet }),
            Err(fault) => tracing::warn!(%fault, "the wallet's state could not be told"),
        }
    }
}

/// The terms as stored; the defaults before the first choice.
pub(crate) fn terms_of(stored: Option<&str>) -> WalletTerms {
    stored
        .and_then(|text| {
            serde_json::from_str(text)
                .inspect_err(|fault| tracing::error!(%fault, "the wallet's terms cannot be read; the defaults are in force"))
                .ok()
        })
        .unwrap_or_default()
}

fn unsound(fault: &wallet::ApplyError) -> Error {
    tracing::error!(%fault, "a due booking does not fit the wallet");
    Error::new(
        ErrorCode::Internal,
        format!("The wallet's books do not add up: {fault}. Run `husting wallet check`."),
    )
}
