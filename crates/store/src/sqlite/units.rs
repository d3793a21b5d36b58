//! Runs one unit: every precondition, then every write. What is around it is the writer's.

use husting_domain::ids::TenantId;
use sqlx::SqliteConnection;

use super::faults::fault;
use super::{
    agent_writes, audit, bus_writes, calls, days, discord, drafts, holds, keys, ledger, mints,
    models, providers, replays, rounds, run_writes, sends, sessions, settings, turns, wallets,
};
use crate::errors::{CommitError, StoreError};
use crate::kept::Told;
use crate::unit::{Require, Unit, Write};

/// Says which precondition does not hold, if one does not; writes nothing.
pub async fn check(db: &mut SqliteConnection, unit: &Unit) -> Result<(), CommitError> {
    for require in &unit.requires {
        if !is_met(db, &unit.tenant, require).await? {
            return Err(CommitError::Refused(require.clone()));
        }
    }
    Ok(())
}

/// Writes the unit and tells what it came to; what was written before a failure is the caller's to
/// undo. Audit entries are the writer's.
pub async fn write(db: &mut SqliteConnection, unit: &Unit) -> Result<Vec<Told>, CommitError> {
    let mut told = Vec::new();
    for write in &unit.writes {
        match write {
            Write::Bus(write) => told.extend(bus_writes::apply(db, &unit.tenant, write).await?),
            silent => apply(db, &unit.tenant, silent).await?,
        }
    }
    Ok(told)
}

async fn is_met(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    require: &Require,
) -> Result<bool, StoreError> {
    match require {
        Require::SessionStatus(id, statuses) => {
            sessions::has_status(db, tenant, *id, statuses).await
        }
        Require::NoRoundInProgress(session) => rounds::none_in_progress(db, tenant, *session).await,
        Require::RoundInProgress(id) => rounds::in_progress(db, tenant, *id).await,
        Require::NewestRound(session, id) => rounds::is_newest(db, tenant, *session, *id).await,
        Require::RoundCount(session, count) => rounds::count_is(db, tenant, *session, *count).await,
        Require::CallOpen(id) => calls::is_open(db, tenant, *id).await,
        Require::WalletVersion(version) => wallets::has_version(db, tenant, *version).await,
        Require::NoProvider(name) => providers::is_there(db, tenant, name)
            .await
            .map(|there| !there),
        Require::Provider(name) => providers::is_there(db, tenant, name).await,
        Require::LiveKey(key) => keys::is_live(db, tenant, *key).await,
        Require::DraftAt(key, at) => drafts::is_of(db, tenant, key, *at).await,
        Require::Replay(place, round) => replays::stands(db, tenant, place, *round).await,
        Require::NoTwin {
            place,
            fingerprint,
            round,
        } => replays::no_twin(db, tenant, place, fingerprint, *round).await,
        Require::FewerRounds { by, day, limit } => {
            days::fewer_than(db, tenant, *by, *day, *limit).await
        }
        Require::Agent(require) => agent_writes::is_met(db, tenant, require).await,
        Require::Bus(require) => bus_writes::is_met(db, tenant, require).await,
    }
    .map_err(|error| fault("checking a precondition", error))
}

async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &Write,
) -> Result<(), CommitError> {
    match write {
        Write::InsertSession(session) => sessions::insert(db, tenant, session).await,
        Write::SetSessionStatus {
            session,
            status,
            at,
        } => sessions::set_status(db, tenant, *session, *status, *at).await,
        Write::SetSessionTitle { session, title, at } => {
            sessions::set_title(db, tenant, *session, title, *at).await
        }
        Write::SetSessionTags { session, tags, at } => {
            sessions::set_tags(db, tenant, *session, tags, *at).await
        }
        Write::SetModeratorName { session, name, at } => {
            sessions::set_moderator_name(db, tenant, *session, name.as_deref(), *at).await
        }
        Write::SetSpendLimit { session, limit, at } => {
            sessions::set_spend_limit(db, tenant, *session, *limit, *at).await
        }
        Write::ArchiveSession { session, archived } => {
            sessions::archive(db, tenant, *session, *archived).await
        }
        Write::DeleteSession(session) => {
            replays::drop_session(db, tenant, *session).await?;
            sessions::delete(db, tenant, *session).await
        }

        Write::InsertRound(round) => rounds::insert(db, tenant, round).await,
        Write::SetRoundPhase {
            round,
            phase,
            deadline_at,
        } => rounds::set_phase(db, tenant, *round, *phase, *deadline_at).await,
        Write::ReopenRound {
            round,
            attempt,
            phase,
            deadline_at,
        } => rounds::reopen(db, tenant, *round, *attempt, *phase, *deadline_at).await,
        Write::FinishRound {
            round,
            status,
            ended_at,
            claim_map,
            reactions,
            timings,
            cancelled,
            progress_version,
        } => {
            let ending = rounds::Ending {
                status: *status,
                ended_at: *ended_at,
                claim_map: claim_map.as_ref(),
                reactions,
                timings: *timings,
                cancelled: *cancelled,
                progress_version: *progress_version,
            };
            rounds::finish(db, tenant, *round, ending).await
        }
        Write::SetRecap { round, recap } => rounds::set_recap(db, tenant, *round, recap).await,
        Write::SetSynthesis {
            session,
            synthesis,
            at,
        } => {
            sessions::set_synthesis(db, tenant, *session, synthesis, *at).await?;
            rounds::raise_all(db, tenant, *session).await
        }
        Write::AwaitSynthesis { session, at } => {
            sessions::await_synthesis(db, tenant, *session, *at).await?;
            rounds::raise_all(db, tenant, *session).await
        }

        Write::InsertCall(call) => calls::insert(db, tenant, call).await,
        Write::FirstText { call, at } => calls::first_text(db, tenant, *call, *at).await,
        Write::CheckpointCall { call, text, at } => {
            calls::checkpoint(db, tenant, *call, text, *at).await
        }
        Write::FinishCall(call) => calls::finish(db, tenant, call).await,
        Write::ForgetPartialTexts { before } => calls::forget_partial_texts(db, *before).await,

        Write::OpenHold(hold) => holds::insert(db, tenant, hold).await,
        Write::CloseHold(hold) => holds::close(db, tenant, *hold).await,
        Write::Post(booking) => ledger::post(db, tenant, booking).await,
        Write::SetWalletTerms(terms) => wallets::set_terms(db, tenant, terms).await,

        Write::PutProvider(provider) => providers::put(db, tenant, provider).await,
        Write::SetProviderTest {
            name,
            base_url,
            key_tail,
            test,
        } => {
            providers::set_test(
                db,
                tenant,
                name,
                base_url,
                key_tail.as_deref(),
                test.as_ref(),
            )
            .await
        }
        Write::DeleteProvider(name) => providers::delete(db, tenant, name).await,
        Write::PutModel(model) => models::put(db, tenant, model).await,
        Write::RemoveModel { model, at } => models::remove(db, tenant, model, *at).await,
        Write::RestoreModel(id) => models::restore(db, tenant, id).await,
        Write::DeleteModel(id) => models::delete(db, tenant, id).await,

        Write::PutSetting { key, value } => settings::put(db, tenant, key, value).await,
        Write::DeleteSetting(key) => settings::delete(db, tenant, key).await,
        Write::InsertKey(key) => keys::insert(db, tenant, key).await,
        Write::RevokeKey { key, at } => keys::revoke(db, tenant, *key, *at).await,
        Write::KeyUsed { key, at } => keys::used(db, tenant, *key, *at).await,
        Write::PutReplay(replay) => replays::put(db, tenant, replay).await,
        Write::ReleaseReplay { caller, round } => {
            replays::release(db, tenant, &caller.to_string(), *round).await
        }
        Write::CountRound { by, day } => days::count(db, tenant, *by, *day).await,
        Write::ForgetAcknowledgements { before } => {
            days::forget(db, *before).await?;
            sends::forget(db, *before).await?;
            mints::forget(db, *before).await?;
            replays::forget(db, *before).await
        }
        Write::PutDraft(draft) => drafts::put(db, tenant, draft).await,
        Write::DeleteDraft(key) => drafts::delete(db, tenant, key).await,

        Write::Agent(write) => agent_writes::apply(db, tenant, write).await,
        Write::Bus(write) => bus_writes::apply(db, tenant, write).await.map(drop),
        Write::Turn(write) => turns::apply(db, tenant, write).await,
        Write::Run(write) => run_writes::apply(db, tenant, write).await,
        Write::Discord(write) => discord::apply(db, tenant, write).await,
        Write::Audit(_) => Ok(()),
        Write::Seal(seal) => audit::seal(db, tenant, seal).await,
    }
}
