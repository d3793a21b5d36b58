//! Proving the logs in the store.

use husting_domain::audit::BrokenChain;
use husting_domain::ids::TenantId;
use husting_store::AuditFilter;
use husting_wire::audit::{AuditReport, ChainCheck, SealView};
use husting_wire::errors::Error;

use super::proof::{Fault, Proof};
use super::sealing::PAGE;
use super::signing::{PublicKey, machine_key};
use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Proves the logs of all tenants against their seals.
    pub(crate) async fn verify_audit(&self) -> Result<AuditReport, Error> {
        self.seal_heads().await;
        let machine = machine_key(&self.keys).await.ok().flatten();
        let mut keys = self.known_keys().await?;
        keys.extend(machine);
        let mut chains = Vec::new();
        for tenant in self.store.all_tenants().await.outward()? {
            chains.push(self.checked_chain(&tenant.id, &keys, machine).await?);
        }
        Ok(AuditReport {
            ok: chains.iter().all(|chain| chain.ok),
            chains,
            sealing: self.sealing().await,
        })
    }

    async fn checked_chain(
        &self,
        tenant: &TenantId,
        keys: &[PublicKey],
        machine: Option<PublicKey>,
    ) -> Result<ChainCheck, Error> {
        // Seals first: the log may grow meanwhile, and no seal must be newer than what is read.
        let seals = self.store.audit_seals(tenant).await.outward()?;
        let mut proof = match Proof::begin(tenant.as_str(), keys, seals) {
            Ok(proof) => proof,
            Err(fault) => return Ok(unproved(tenant, &fault)),
        };
        let fault = self.go_through(tenant, &mut proof).await?.err();
        let mut check = chain_check(tenant, &proof, machine, fault);
        if check.ok
            && let Some(why) = self.broken_chain(tenant).await
        {
            (check.ok, check.fault) = (false, Some(why));
        }
        Ok(check)
    }

    /// What is wrong with a chain by itself, whichever of these keys sealed it.
    pub(super) async fn chain_fault(
        &self,
        tenant: &TenantId,
        keys: &[PublicKey],
    ) -> Result<Option<Fault>, Error> {
        let seals = self.store.audit_seals(tenant).await.outward()?;
        match Proof::begin(tenant.as_str(), keys, seals) {
            Ok(mut proof) => Ok(self.go_through(tenant, &mut proof).await?.err()),
            Err(fault) => Ok(Some(fault)),
        }
    }

    async fn go_through(
        &self,
        tenant: &TenantId,
        proof: &mut Proof<'_>,
    ) -> Result<Result<(), Fault>, Error> {
        loop {
            let newest = self.newest_row(tenant).await?;
            let links = self
                .store
                .audit_links(tenant, proof.head.link + 1, PAGE)
                .await
                .outward()?;
            for (link, rows) in &links {
                if let Err(fault) = proof.take(link, rows) {
                    return Ok(Err(fault));
                }
            }
            if links.len() < PAGE as usize {
                // Read before the links, so that a row behind the last of them has none.
                let is_loose = newest > proof.head.row;
                return Ok(if is_loose {
                    Err(BrokenChain::Loose(newest).into())
                } else {
                    proof.end()
                });
            }
        }
    }

    async fn newest_row(&self, tenant: &TenantId) -> Result<u64, Error> {
        let newest = AuditFilter {
            limit: 1,
            ..AuditFilter::default()
        };
        let rows = self.store.audit_rows(tenant, &newest).await.outward()?;
        Ok(rows.first().map_or(0, |row| row.number))
    }
}

/// A log whose seals are not genuine.
pub(super) fn unproved(chain: &TenantId, fault: &Fault) -> ChainCheck {
    ChainCheck {
        chain: chain.clone(),
        ok: false,
        rows: 0,
        links: 0,
        seals: 0,
        sealed: None,
        unsealed_rows: 0,
        fault: Some(fault.to_string()),
    }
}

/// What came of going through a chain.
pub(super) fn chain_check(
    chain: &TenantId,
    proof: &Proof<'_>,
    machine: Option<PublicKey>,
    fault: Option<Fault>,
) -> ChainCheck {
    ChainCheck {
        chain: chain.clone(),
        ok: fault.is_none(),
        rows: proof.head.row,
        links: proof.head.link,
        seals: u32::try_from(proof.reached).unwrap_or(u32::MAX),
        sealed: proof.newest.as_ref().map(|sealed| SealView {
            link: sealed.seal.link,
            row: sealed.row,
            at: sealed.seal.at,
            public_key: sealed.key.to_string(),
            this_machine: machine.map(|machine| machine == sealed.key),
        }),
        unsealed_rows: proof.unsealed_rows(),
        fault: fault.map(|fault| fault.to_string()),
    }
}
