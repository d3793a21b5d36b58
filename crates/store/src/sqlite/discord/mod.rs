//! The Discord bridge's journal, a file for each of its tables, and what a restore carries over of it.

pub mod carried;
pub mod channels;
pub mod figures;
pub mod pages;
pub mod panels;
pub mod posts;
pub mod questions;
mod reads;
pub mod replies;
pub mod sessions;
pub mod stops;

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqliteConnection;

use crate::discord::DiscordWrite;
use crate::errors::CommitError;

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &DiscordWrite,
) -> Result<(), CommitError> {
    match write {
        DiscordWrite::Heard { bot, cursor } => sessions::put(db, tenant, *bot, cursor).await,
        DiscordWrite::ForgetSession(bot) => sessions::delete(db, tenant, *bot).await,
        DiscordWrite::Journal(question) => questions::insert(db, tenant, question).await,
        DiscordWrite::Amend(question) => questions::amend(db, tenant, question).await,
        DiscordWrite::Move {
            request,
            from,
            to,
            at,
            fault,
        } => {
            let fault = fault.as_deref();
            questions::set_state(db, tenant, *request, (*from, *to), *at, fault).await
        }
        DiscordWrite::Sent {
            request,
            bus_id,
            at,
        } => questions::sent(db, tenant, *request, bus_id, *at).await,
        DiscordWrite::Read { request, at } => questions::read(db, tenant, *request, *at).await,
        DiscordWrite::Warn { request, stands } => {
            questions::warn(db, tenant, *request, *stands).await
        }
        DiscordWrite::Deleted { bot, message, at } => {
            questions::deleted(db, tenant, *bot, *message, *at).await
        }
        DiscordWrite::Stop(stop) => stops::insert(db, tenant, stop).await,
        DiscordWrite::Files {
            request,
            attachments,
        } => questions::set_files(db, tenant, *request, attachments).await,
        DiscordWrite::Reply { reply, posts } => replies::keep(db, tenant, reply, posts).await,
        DiscordWrite::Place { reply, posts } => replies::place(db, tenant, reply, posts).await,
        DiscordWrite::Posted {
            reply,
            part,
            message,
        } => replies::posted(db, tenant, *reply, *part, *message).await,
        DiscordWrite::MoveReply {
            reply,
            from,
            to,
            at,
            fault,
        } => replies::set_state(db, tenant, *reply, (*from, *to), *at, fault.as_deref()).await,
        DiscordWrite::Unbar { bot, guild } => replies::unbar(db, tenant, *bot, *guild).await,
        DiscordWrite::Channel { bot, channel } => channels::put(db, tenant, *bot, channel).await,
        DiscordWrite::Panel(write) => panels::apply(db, tenant, write).await,
        DiscordWrite::Expire { before, why } => questions::expire(db, *before, why).await,
        DiscordWrite::ForgetEnded { before } => forget_ended(db, *before).await,
    }
}

/// Replies go first, since a question stays as long as one of its replies does.
async fn forget_ended(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    replies::forget(db, before).await?;
    questions::forget(db, before).await?;
    stops::forget(db, before).await?;
    panels::forget(db, before).await
}
