//! The commands behind `/` are those of this version.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Shared;
use super::pauses::Pauses;
use crate::interactions::{is_registered, registered};
use crate::sender::SendError;

/// Registers them once; where Discord does not let the bot, again when permissions have changed.
pub async fn keep_registered(shared: Arc<Shared>, stop: CancellationToken) {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    let mut is_told = false;
    loop {
        // Heard before Discord is asked, so that nothing falls between.
        let moved = shared.interactions.permissions_moved.notified();
        match shared.register().await {
            Ok(()) => return,
            Err(SendError::Unauthorized) => {
                shared.rejected.cancel();
                return;
            }
            Err(SendError::Refused { code, .. }) => {
                if !std::mem::replace(&mut is_told, true) {
                    tracing::warn!(
                        code,
                        "slash commands cannot be registered: invite the bot with the scope applications.commands"
                    );
                }
                tokio::select! {
                    () = moved => {}
                    () = stop.cancelled() => return,
                }
            }
            Err(fault) => {
                tracing::info!(%fault, "slash commands are registered later");
                if !pauses.wait(None, &stop).await {
                    return;
                }
            }
        }
    }
}

impl Shared {
    async fn register(&self) -> Result<(), SendError> {
        let sender = &self.parties.sender;
        let application = sender.application().await?.id;
        if is_registered(&sender.commands(application).await?) {
            return Ok(());
        }
        sender.register(application, registered()).await?;
        tracing::info!("slash commands are registered");
        Ok(())
    }
}
