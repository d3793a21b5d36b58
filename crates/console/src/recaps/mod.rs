//! Recaps and syntheses, written once their rounds are over.

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_wire::errors::Error;
use husting_wire::recaps::{CascadeView, WriteRecap};

use crate::Inner;

impl Inner {
    pub(crate) async fn summarise(&self, _: &TenantId, _: SessionId, _: RoundId) {}

    pub(crate) async fn end_unfinished_summaries(&self) -> Result<(), Error> {
        Ok(())
    }

    pub(crate) async fn write_recap(&self, _: &TenantId, _: WriteRecap) -> Result<(), Error> {
        Err(Error::invalid("Nothing writes recaps."))
    }

    pub(crate) async fn write_synthesis(&self, _: &TenantId, _: SessionId) -> Result<(), Error> {
        Err(Error::invalid("Nothing writes syntheses."))
    }

    pub(crate) async fn estimate_synthesis(
        &self,
        _: &TenantId,
        _: SessionId,
    ) -> Result<CascadeView, Error> {
        Err(Error::invalid("Nothing writes syntheses."))
    }
}
