//! The table `discord_panels`.

use husting_domain::discord::{Author, Place, RequestId, Snowflake};
use husting_domain::discord_panels::{self, DiscordPanel, KeptSteering, MOST_STEERING, PanelStage};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::super::columns::{Columns, json, signed};
use super::super::faults::{Explain, fault, touched};
use super::super::words::Word;
use super::pages;
use crate::discord_panels::PanelWrite;
use crate::errors::{CommitError, Constraint, StoreError};

const NOUN: &str = "panel in Discord";
const ROUND: &str = "panel's round in Discord";
const ROUNDS_OF_DAY: &str = "day's number of rounds in Discord";
const STEERING: &str = "panel's steering in Discord";
const READING: &str = "reading panels in Discord";

pub const BY_ID: &str = "select * from discord_panels where tenant_id = $1 and panel_id = $2";

/// Names the stages of the partial index, so that it is used.
pub const AT_WORK: &str = "select * from discord_panels \
     where tenant_id = $1 and bot_id = $2 and stage in ('convening', 'advancing', 'running') order by +asked_at";

pub const BEHIND: &str = "select * from discord_panels \
     where tenant_id = $1 and bot_id = $2 and stage = 'resting' and fault = $3 order by asked_at";

/// They name the stage of the partial index, so that it is used.
pub const AT_REST: &str = "select * from discord_panels \
     where tenant_id = $1 and bot_id = $2 and stage = 'resting'";

pub const AT_REST_OF: &str = "select * from discord_panels \
     where tenant_id = $1 and bot_id = $2 and stage = 'resting' and session_id = $3";

pub const PAGE: &str = "select * from discord_panels \
     where tenant_id = $1 and bot_id = $2 and asked_at < $3 and asked_at >= coalesce( \
         (select asked_at from discord_panels where tenant_id = $1 and bot_id = $2 and asked_at < $3 \
          order by asked_at desc limit 1 offset $4), -9223372036854775808) \
     order by asked_at desc, panel_id desc";

/// The plus keeps to the index by time.
pub const BEGIN_ROUND: &str = "insert into discord_panel_rounds (tenant_id, panel_id, round, begun_at) \
     select $1, $2, $3, $4 \
     where (select count(*) from discord_panel_rounds where +tenant_id = $1 and begun_at >= $5) < $6 \
         or exists (select 1 from discord_panel_rounds \
                    where tenant_id = $1 and panel_id = $2 and round = $3) \
     on conflict (tenant_id, panel_id, round) do update set begun_at = excluded.begun_at";

pub const ROUNDS_SINCE: &str =
    "select count(*) from discord_panel_rounds where +tenant_id = $1 and begun_at >= $2";

pub const FORGET: &str = "delete from discord_panels \
     where stage in ('resting', 'refused', 'ended') and asked_at < $1 and not exists \
         (select 1 from discord_panel_rounds r \
          where r.tenant_id = discord_panels.tenant_id and r.panel_id = discord_panels.panel_id \
              and +r.begun_at >= $1)";

pub const FORGET_ROUNDS: &str = "delete from discord_panel_rounds where begun_at < $1";

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &PanelWrite,
) -> Result<(), CommitError> {
    match write {
        PanelWrite::QuestionShown { request, message } => {
            question_shown(db, tenant, *request, *message).await
        }
        PanelWrite::Open(panel) => insert(db, tenant, panel).await,
        PanelWrite::Answered { panel, message } => {
            let change =
                "update discord_panels set answer_id = $3 where tenant_id = $1 and panel_id = $2";
            set_id(db, tenant, *panel, *message, change).await
        }
        PanelWrite::Threaded { panel, thread } => {
            let change = "update discord_panels set made_thread_id = $3 where tenant_id = $1 and panel_id = $2";
            set_id(db, tenant, *panel, *thread, change).await
        }
        PanelWrite::Shown { panel, message } => {
            let change =
                "update discord_panels set message_id = $3 where tenant_id = $1 and panel_id = $2";
            set_id(db, tenant, *panel, *message, change).await
        }
        PanelWrite::Shows { panel, mark } => {
            let change = sqlx::query(
                "update discord_panels set shows = $3 where tenant_id = $1 and panel_id = $2",
            );
            let change = change.bind(tenant.as_str()).bind(*panel).bind(*mark);
            touched(change.execute(db).await, NOUN)
        }
        PanelWrite::Convened { panel, session } => {
            let change = sqlx::query(
                "update discord_panels set session_id = $3, stage = 'running' \
                 where tenant_id = $1 and panel_id = $2 and stage = 'convening'",
            );
            let change = change.bind(tenant.as_str()).bind(*panel).bind(session.0);
            touched(change.execute(db).await, NOUN)
        }
        PanelWrite::Steer {
            panel,
            round,
            steering,
        } => steer(db, tenant, *panel, *round, steering).await,
        PanelWrite::Unsay {
            panel,
            round,
            interaction,
        } => unsay(db, tenant, (*panel, *round), *interaction).await,
        PanelWrite::Advance {
            panel,
            round,
            prompt,
            by,
        } => {
            let change = sqlx::query(
                "update discord_panels set stage = 'advancing', round = round + 1, prompt = $4, round_by = $5, \
                     fault = null \
                 where tenant_id = $1 and panel_id = $2 and round = $3 and stage = 'resting'",
            );
            let change = change.bind(tenant.as_str()).bind(*panel).bind(*round);
            let change = change.bind(prompt).bind(json(by)?);
            touched(change.execute(db).await, NOUN)
        }
        PanelWrite::TakeBack { panel, why } => {
            let change = sqlx::query(
                "update discord_panels set stage = 'resting', round = round - 1, fault = $3 \
                 where tenant_id = $1 and panel_id = $2 and stage = 'advancing'",
            );
            let change = change.bind(tenant.as_str()).bind(*panel).bind(why);
            touched(change.execute(db).await, NOUN)
        }
        PanelWrite::BeginRound {
            panel,
            round,
            at,
            since,
            most,
        } => begin_round(db, tenant, (*panel, *round), (*at, *since), *most).await,
        PanelWrite::RoundNotBegun { panel, round } => {
            let change = sqlx::query(
                "delete from discord_panel_rounds \
                 where tenant_id = $1 and panel_id = $2 and round = $3",
            );
            let change = change.bind(tenant.as_str()).bind(*panel).bind(*round);
            touched(change.execute(db).await, ROUND)
        }
        PanelWrite::CameToNothing {
            panel,
            round,
            to,
            fault,
        } => came_to_nothing(db, tenant, (*panel, *round), *to, fault.as_deref()).await,
        PanelWrite::Heard {
            panel,
            rounds,
            prompt,
        } => heard(db, tenant, *panel, rounds, *prompt).await,
        PanelWrite::Move {
            panel,
            from,
            to,
            fault,
        } => set_stage(db, tenant, *panel, (*from, *to), fault.as_deref()).await,
    }
}

/// Replies that wait already are posted under it as well.
async fn question_shown(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    message: Snowflake,
) -> Result<(), CommitError> {
    for change in [
        "update discord_replies set reply_to = $3 where tenant_id = $1 and request_id = $2",
        "update discord_questions set message_id = $3 where tenant_id = $1 and request_id = $2",
    ] {
        sqlx::query(change)
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(signed(message.get()))
            .execute(&mut *db)
            .await
            .explain("question")?;
    }
    Ok(())
}

/// One whose command its bot has heard before changes nothing.
async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: &DiscordPanel,
) -> Result<(), CommitError> {
    let number = |id: Option<Snowflake>| id.map(|id| signed(id.get()));
    sqlx::query(
        "insert into discord_panels (tenant_id, panel_id, bot_id, interaction_id, guild_id, channel_id, \
             thread_id, question, author_id, author_name, asked_at, answer_id, made_thread_id, message_id, \
             session_id, round, stage, fault, steering, prompt, round_by, shows) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
         on conflict (tenant_id, bot_id, interaction_id) do nothing",
    )
    .bind(tenant.as_str())
    .bind(panel.id)
    .bind(signed(panel.bot.get()))
    .bind(signed(panel.interaction.get()))
    .bind(number(panel.place.guild))
    .bind(signed(panel.place.channel.get()))
    .bind(number(panel.place.thread))
    .bind(&panel.question)
    .bind(signed(panel.by.id.get()))
    .bind(&panel.by.name)
    .bind(panel.asked_at.as_micros())
    .bind(number(panel.answer))
    .bind(number(panel.thread))
    .bind(number(panel.message))
    .bind(panel.session.map(|session| session.0))
    .bind(panel.round)
    .bind(panel.stage.stored())
    .bind(panel.fault.as_deref())
    .bind(json(&panel.steering)?)
    .bind(&panel.prompt)
    .bind(json(&panel.round_by)?)
    .bind(panel.shows)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops those of every tenant on which nothing was begun since a moment, and the rounds of before.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    for change in [FORGET, FORGET_ROUNDS] {
        sqlx::query(change)
            .bind(before.as_micros())
            .execute(&mut *db)
            .await
            .explain(NOUN)?;
    }
    Ok(())
}

async fn set_id(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    id: Snowflake,
    change: &'static str,
) -> Result<(), CommitError> {
    let change = sqlx::query(change).bind(tenant.as_str()).bind(panel);
    touched(change.bind(signed(id.get())).execute(db).await, NOUN)
}

async fn steer(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    round: u32,
    steering: &KeptSteering,
) -> Result<(), CommitError> {
    let mut kept = after_round(db, tenant, (panel, round)).await?.steering;
    if kept
        .iter()
        .any(|each| each.interaction == steering.interaction)
    {
        return Ok(());
    }
    if kept.len() >= MOST_STEERING {
        return Err(Constraint::Range(STEERING).into());
    }
    kept.push(steering.clone());
    set_steering(db, tenant, panel, &kept).await
}

async fn unsay(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (panel, round): (Uuid, u32),
    interaction: Snowflake,
) -> Result<(), CommitError> {
    let mut kept = after_round(db, tenant, (panel, round)).await?.steering;
    let before = kept.len();
    kept.retain(|each| each.interaction != interaction);
    if kept.len() == before {
        return Err(Constraint::Absent(STEERING).into());
    }
    set_steering(db, tenant, panel, &kept).await
}

/// What the round took along is marked as its own: should it be tried again elsewhere, it has taken that along.
async fn came_to_nothing(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (panel, round): (Uuid, u32),
    to: PanelStage,
    fault: Option<&str>,
) -> Result<(), CommitError> {
    let mut steering = in_stage(db, tenant, panel, PanelStage::Running)
        .await?
        .steering;
    for each in &mut steering {
        each.steering.given_back_by = Some(round);
    }
    set_steering(db, tenant, panel, &steering).await?;
    let change = sqlx::query(
        "update discord_panels set stage = $3, fault = $4 where tenant_id = $1 and panel_id = $2",
    );
    let change = change.bind(tenant.as_str()).bind(panel);
    touched(change.bind(to.stored()).bind(fault).execute(db).await, NOUN)
}

async fn heard(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    rounds: &[u32],
    prompt: bool,
) -> Result<(), CommitError> {
    let mut steering = in_stage(db, tenant, panel, PanelStage::Resting)
        .await?
        .steering;
    steering.retain(|each| {
        let by = each.steering.given_back_by;
        by.is_none_or(|round| !rounds.contains(&round))
    });
    set_steering(db, tenant, panel, &steering).await?;
    if !prompt {
        return Ok(());
    }
    let change = "update discord_panels set prompt = '' where tenant_id = $1 and panel_id = $2";
    let change = sqlx::query(change).bind(tenant.as_str()).bind(panel);
    touched(change.execute(db).await, NOUN)
}

/// A panel that rests after this round.
async fn after_round(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (panel, round): (Uuid, u32),
) -> Result<DiscordPanel, CommitError> {
    let found = in_stage(db, tenant, panel, PanelStage::Resting).await?;
    match found.round == round {
        true => Ok(found),
        false => Err(Constraint::Absent(NOUN).into()),
    }
}

/// A panel that has come so far.
async fn in_stage(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    stage: PanelStage,
) -> Result<DiscordPanel, CommitError> {
    let row = sqlx::query(BY_ID).bind(tenant.as_str()).bind(panel);
    let row = row.fetch_optional(&mut *db).await.explain(NOUN)?;
    let found = row.map(|row| read(&Columns(&row))).transpose()?;
    found
        .filter(|found| found.stage == stage)
        .ok_or_else(|| Constraint::Absent(NOUN).into())
}

async fn set_steering(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    steering: &[KeptSteering],
) -> Result<(), CommitError> {
    let change = "update discord_panels set steering = $3 where tenant_id = $1 and panel_id = $2";
    let change = sqlx::query(change).bind(tenant.as_str()).bind(panel);
    touched(change.bind(json(&steering)?).execute(db).await, NOUN)
}

async fn begin_round(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (panel, round): (Uuid, u32),
    (at, since): (Timestamp, Timestamp),
    most: u32,
) -> Result<(), CommitError> {
    let begun = sqlx::query(BEGIN_ROUND)
        .bind(tenant.as_str())
        .bind(panel)
        .bind(round)
        .bind(at.as_micros())
        .bind(since.as_micros())
        .bind(most)
        .execute(db)
        .await
        .explain(ROUND)?;
    if begun.rows_affected() == 0 {
        return Err(Constraint::Range(ROUNDS_OF_DAY).into());
    }
    Ok(())
}

/// A round that ran has used up what it took along.
async fn set_stage(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    panel: Uuid,
    (from, to): (PanelStage, PanelStage),
    why: Option<&str>,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_panels set stage = $4, fault = $5, \
             steering = case $3 when 'running' then '[]' else steering end, \
             prompt = case $3 when 'running' then '' else prompt end \
         where tenant_id = $1 and panel_id = $2 and stage = $3",
    );
    let change = change.bind(tenant.as_str()).bind(panel);
    let change = change.bind(from.stored()).bind(to.stored()).bind(why);
    touched(change.execute(db).await, NOUN)
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    panel: Uuid,
) -> Result<Option<DiscordPanel>, StoreError> {
    let row = sqlx::query(BY_ID)
        .bind(tenant.as_str())
        .bind(panel)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| read(&Columns(&row))).transpose()
}

pub async fn at_work(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<Vec<DiscordPanel>, StoreError> {
    let mut panels = Vec::new();
    let at_work = sqlx::query(AT_WORK);
    let behind = sqlx::query(BEHIND);
    for (wanted, marked) in [(at_work, None), (behind, Some(discord_panels::BEHIND))] {
        let wanted = wanted.bind(tenant.as_str()).bind(signed(bot.get()));
        let wanted = match marked {
            Some(marked) => wanted.bind(marked),
            None => wanted,
        };
        let rows = wanted.fetch_all(db).await;
        for row in rows.map_err(|error| fault(READING, error))? {
            panels.push(read(&Columns(&row))?);
        }
    }
    Ok(panels)
}

pub async fn at_rest(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    session: Option<SessionId>,
) -> Result<Vec<DiscordPanel>, StoreError> {
    let wanted = sqlx::query(match session {
        Some(_) => AT_REST_OF,
        None => AT_REST,
    });
    let wanted = wanted.bind(tenant.as_str()).bind(signed(bot.get()));
    let wanted = match session {
        Some(session) => wanted.bind(session.0),
        None => wanted,
    };
    let rows = wanted.fetch_all(db).await;
    let rows = rows.map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| read(&Columns(row))).collect()
}

/// A page, newest first, to the end of its last moment.
pub async fn before(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<DiscordPanel>, StoreError> {
    let rows = pages::rows(db, (PAGE, READING), tenant, bot, before, limit).await?;
    rows.iter().map(|row| read(&Columns(row))).collect()
}

pub async fn rounds_since(
    db: &SqlitePool,
    tenant: &TenantId,
    since: Timestamp,
) -> Result<u32, StoreError> {
    sqlx::query_scalar(ROUNDS_SINCE)
        .bind(tenant.as_str())
        .bind(since.as_micros())
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

fn read(row: &Columns<'_>) -> Result<DiscordPanel, StoreError> {
    Ok(DiscordPanel {
        id: row.get("panel_id")?,
        bot: row.snowflake("bot_id")?,
        interaction: row.snowflake("interaction_id")?,
        place: Place {
            guild: row.snowflake_if("guild_id")?,
            channel: row.snowflake("channel_id")?,
            thread: row.snowflake_if("thread_id")?,
        },
        question: row.get("question")?,
        by: Author {
            id: row.snowflake("author_id")?,
            name: row.get("author_name")?,
        },
        asked_at: row.time("asked_at")?,
        answer: row.snowflake_if("answer_id")?,
        thread: row.snowflake_if("made_thread_id")?,
        message: row.snowflake_if("message_id")?,
        session: row.id_if("session_id")?,
        round: row.get("round")?,
        stage: row.word("stage")?,
        fault: row.get("fault")?,
        steering: row.json("steering")?,
        prompt: row.get("prompt")?,
        round_by: row.json("round_by")?,
        shows: row.get("shows")?,
    })
}
