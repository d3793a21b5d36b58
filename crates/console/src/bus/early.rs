//! What `sending` must never do, for the kill test's negative control: a message that is said to be
//! sent before it is kept.

use std::sync::Arc;

use super::admission::Call;
use super::sending::{Letter, Posted};
use crate::Inner;

impl Inner {
    pub(super) fn post_late(self: &Arc<Self>, call: &Call<'_>, letter: Letter) -> Posted {
        let posted = Posted {
            id: letter.id,
            seq: 0,
            at: self.now(),
            is_held: false,
        };
        let (inner, holder, scope, tool) =
            (self.clone(), call.holder.clone(), call.scope, call.tool);
        self.tasks.spawn(async move {
            let call = match inner.let_in(&holder, scope, tool).await {
                Ok(call) => call,
                Err(fault) => return tracing::warn!(%fault, "a message was promised in vain"),
            };
            if let Err(fault) = inner.post_kept(&call, letter, None).await {
                tracing::warn!(?fault, "a message was promised in vain");
            }
        });
        posted
    }
}
