//! What `running` must never do, for the kill test's negative control: an answer and its debit kept
//! as two units, with a moment between them.

use husting_domain::calls::Call;
use husting_domain::ids::HoldId;
use husting_domain::money::Price;
use husting_store::{Require, Unit, Write};
use husting_wire::errors::Error;

use super::{AtWork, settled};
use crate::halt::{self, Step};

impl AtWork {
    pub(super) async fn settle_apart(
        &self,
        row: Call,
        price: Price,
        hold: Option<HoldId>,
    ) -> Result<Call, Error> {
        let tenant = &self.terms.tenant;
        let answer = Unit::of(tenant.clone())
            .require(Require::CallOpen(row.id))
            .write(Write::FinishCall(row.clone()));
        self.inner
            .store
            .commit(answer)
            .await
            .map_err(|fault| crate::errors::commit_fault(&fault))?;
        halt::at(Step::BeforeCommit).await;
        let at = self.inner.now();
        self.inner
            .change_wallet(tenant, |wallet| {
                let whole = settled(tenant, wallet, &row, price, hold, at)?;
                let money = whole
                    .writes
                    .into_iter()
                    .filter(|write| !matches!(write, Write::FinishCall(_)));
                Ok((Unit::of(tenant.clone()).writes(money), ()))
            })
            .await?;
        Ok(row)
    }
}
