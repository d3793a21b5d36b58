//! What is required and written of the bus, each at its table.

use husting_domain::ids::TenantId;
use sqlx::SqliteConnection;

use super::{dispatches, endings, leases, messages, notes, retention, sends, squads};
use crate::bus::{BusRequire, BusWrite};
use crate::errors::CommitError;
use crate::kept::Told;

pub async fn is_met(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    require: &BusRequire,
) -> Result<bool, sqlx::Error> {
    match require {
        BusRequire::NoSend(agent, key) => sends::is_absent(db, tenant, *agent, key).await,
        BusRequire::Member(squad, agent) => squads::is_member(db, tenant, squad, *agent).await,
        BusRequire::State(mailbox, id, states) => {
            messages::has_state(db, tenant, *mailbox, *id, states).await
        }
    }
}

/// What the write came to, where it has something to tell.
pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &BusWrite,
) -> Result<Option<Told>, CommitError> {
    let told = match write {
        BusWrite::Send(dispatch) => Told::Sent(dispatches::send(db, tenant, dispatch).await?),
        BusWrite::Broadcast {
            dispatch,
            squad,
            except,
        } => {
            let squad = squad.as_ref();
            Told::Cast(dispatches::broadcast(db, tenant, dispatch, squad, *except).await?)
        }
        BusWrite::Fetch {
            mailbox,
            earlier,
            at,
            lease_until,
            limit,
        } => {
            let asked = leases::Asked {
                mailbox: *mailbox,
                earlier: *earlier,
                at: *at,
                lease_until: *lease_until,
                limit: *limit,
            };
            Told::Fetched(leases::fetch(db, tenant, asked).await?)
        }
        BusWrite::PutBack {
            mailbox,
            messages,
            leased_until,
        } => {
            let given = &(*mailbox, messages.as_slice(), *leased_until);
            return silent(endings::put_back(db, tenant, given).await);
        }
        BusWrite::Acknowledge {
            mailbox,
            messages,
            by,
            at,
        } => {
            let ended = endings::acknowledge(db, tenant, *mailbox, messages, *by, *at).await?;
            Told::Acknowledged(ended)
        }
        BusWrite::Sweep { at } => Told::TakenBack(leases::sweep(db, *at).await?),
        BusWrite::ParkAll { mailbox, at } => {
            Told::Parked(endings::park_all(db, tenant, *mailbox, *at).await?)
        }
        BusWrite::ForgetEnded { before, limit } => {
            Told::Forgotten(retention::forget_ended(db, tenant, *before, *limit).await?)
        }

        BusWrite::EndManagedLeases { at } => {
            return silent(leases::end_managed(db, *at).await);
        }
        BusWrite::PutSend(send) => return silent(sends::put(db, tenant, send).await),
        BusWrite::Answer {
            mailbox,
            message,
            by,
            at,
        } => return silent(endings::answer(db, tenant, *mailbox, *message, *by, *at).await),
        BusWrite::Redeliver { mailbox, message } => {
            return silent(endings::redeliver(db, tenant, *mailbox, *message).await);
        }
        BusWrite::Withdraw {
            mailbox,
            message,
            only_unseen,
            at,
        } => {
            let which = (*mailbox, *message);
            return silent(endings::withdraw(db, tenant, which, *only_unseen, *at).await);
        }
        BusWrite::Erase { message, at } => {
            return silent(messages::erase(db, tenant, *message, *at).await);
        }
        BusWrite::Join {
            squad,
            agent,
            summary,
            at,
        } => {
            let summary = summary.as_deref();
            return silent(squads::join(db, tenant, squad, *agent, summary, *at).await);
        }
        BusWrite::Leave { squad, agent } => {
            return silent(squads::leave(db, tenant, squad, *agent).await);
        }
        BusWrite::InsertNote(note) => return silent(notes::insert(db, tenant, note).await),
        BusWrite::DeleteNote(note) => return silent(notes::delete(db, tenant, *note).await),
    };
    Ok(Some(told))
}

/// Of a write that has nothing to tell.
fn silent(outcome: Result<(), CommitError>) -> Result<Option<Told>, CommitError> {
    outcome.map(|()| None)
}
