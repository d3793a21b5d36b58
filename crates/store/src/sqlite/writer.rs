//! The one writer: it takes what has queued, commits once, then answers all.
//!
//! All units of a batch share one commit, and with it one flush to disk. No timer: a batch is what
//! came in while the batch before was being written. A unit that fails fails alone: where that
//! happens, which is seldom, the batch is undone and written anew with a savepoint around each unit.

use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::chains::{Chains, Gathered};
use super::checkpoints::LogGrowth;
use super::faults::fault;
use super::posts::{self, Post};
use super::units;
use crate::errors::{CommitError, StoreError};
use crate::kept::{Kept, Told};
use crate::unit::Unit;

/// Most units of one commit: enough to share the flush, few enough to keep the wait short.
const MOST_UNITS: usize = 256;
/// Callers wait for a place beyond this.
const QUEUE: usize = 1_024;

type Outcome = Result<Kept, CommitError>;

/// A unit and whoever waits for it.
struct Job {
    unit: Unit,
    answer: oneshot::Sender<Outcome>,
}

/// Where units are handed in.
#[derive(Clone, Debug)]
pub struct Queue(mpsc::Sender<Job>);

impl Queue {
    /// Hands the unit to the writer and waits until it is on disk or refused. A caller that stops
    /// waiting does not take its unit back.
    pub async fn commit(&self, unit: Unit) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        self.0
            .send(Job { unit, answer })
            .await
            .map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }
}

/// The queue and the writer behind it; the writer ends when `stop` is cancelled or every queue
/// is dropped, after it has written what was handed in.
pub fn writer(
    db: SqlitePool,
    growth: LogGrowth,
    stop: CancellationToken,
) -> (Queue, impl Future<Output = ()> + Send + 'static) {
    let (queue, jobs) = mpsc::channel(QUEUE);
    (Queue(queue), write_all(db, growth, jobs, stop))
}

async fn write_all(
    db: SqlitePool,
    growth: LogGrowth,
    mut jobs: mpsc::Receiver<Job>,
    stop: CancellationToken,
) {
    let mut batch = Vec::with_capacity(MOST_UNITS);
    let mut chains = Chains::default();
    while next_batch(&mut jobs, &mut batch, &stop).await {
        let written = batch.len();
        write(&db, &mut chains, &mut batch).await;
        growth.add(written, &db).await;
    }
}

/// Fills the batch with what has queued; false once closed and empty.
async fn next_batch(
    jobs: &mut mpsc::Receiver<Job>,
    batch: &mut Vec<Job>,
    stop: &CancellationToken,
) -> bool {
    if let Some(taken) = stop
        .run_until_cancelled(jobs.recv_many(batch, MOST_UNITS))
        .await
    {
        return taken > 0;
    }
    // Nobody gets in any more; who was in is served.
    jobs.close();
    jobs.recv_many(batch, MOST_UNITS).await > 0
}

/// Writes a batch and empties it, answering each unit after the commit.
async fn write(db: &SqlitePool, chains: &mut Chains, batch: &mut Vec<Job>) {
    let outcomes = commit(db, chains, batch).await;
    for (job, outcome) in batch.drain(..).zip(outcomes) {
        if job.answer.send(outcome).is_err() {
            tracing::debug!("a caller did not wait for its change");
        }
    }
}

/// One outcome for each unit. When the engine undoes a whole batch (a full disk, say), each of its
/// units is tried alone, so that only those fail that must.
async fn commit(db: &SqlitePool, chains: &mut Chains, batch: &[Job]) -> Vec<Outcome> {
    let lost = match transact(db, chains, batch).await {
        Ok(outcomes) => return outcomes,
        Err(lost) => lost,
    };
    chains.forget();
    if batch.len() == 1 {
        tracing::error!(error = ?lost, "a change was not kept");
        return vec![Err(lost.into())];
    }
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch {
        outcomes.extend(Box::pin(commit(db, chains, std::slice::from_ref(job))).await);
    }
    outcomes
}

async fn transact(
    db: &SqlitePool,
    chains: &mut Chains,
    batch: &[Job],
) -> Result<Vec<Outcome>, StoreError> {
    let mut connection = db.acquire().await.map_err(committing)?;
    if let Some(outcomes) = posted(&mut connection, chains, batch).await? {
        return Ok(outcomes);
    }
    execute(&mut connection, "begin immediate").await?;
    let kept = keep(&mut connection, chains, batch).await;
    if kept.is_err()
        && let Err(error) = execute(&mut connection, "rollback").await
    {
        tracing::debug!(%error, "the engine had rolled back by itself");
    }
    kept
}

/// A batch of which every unit only sends a message, in one go; `None` when it is none, or when one of
/// them fails, and nothing was written then.
async fn posted(
    db: &mut SqliteConnection,
    chains: &mut Chains,
    batch: &[Job],
) -> Result<Option<Vec<Outcome>>, StoreError> {
    let posts: Option<Vec<Post<'_>>> = batch.iter().map(|job| Post::of(&job.unit)).collect();
    let Some(posts) = posts else {
        return Ok(None);
    };
    let mut log = Gathered::default();
    let mut rows = Vec::with_capacity(batch.len());
    for job in batch {
        rows.push(log.add(db, chains, &job.unit).await?);
    }
    let log = log.bind();
    match posts::commit(db, &posts, &log).await? {
        Ok(sent) => {
            chains.move_on(log.ends);
            let kept = sent.into_iter().zip(rows).map(|(sent, rows)| {
                let told = vec![Told::Sent(sent)];
                Ok(Kept { told, rows })
            });
            Ok(Some(kept.collect()))
        }
        Err(fault) => {
            tracing::debug!(?fault, "messages are written one by one");
            if let Err(error) = execute(db, "rollback").await {
                tracing::debug!(%error, "the engine had rolled back by itself");
            }
            Ok(None)
        }
    }
}

async fn keep(
    db: &mut SqliteConnection,
    chains: &mut Chains,
    batch: &[Job],
) -> Result<Vec<Outcome>, StoreError> {
    let mut written = match together(db, chains, batch).await? {
        Some(written) => written,
        None => {
            execute(db, "rollback; begin immediate").await?;
            apart(db, chains, batch).await?
        }
    };
    let log = written.rows.bind();
    log.commit(db).await?;
    chains.move_on(log.ends);
    written.outcomes.sort_unstable_by_key(|(at, _)| *at);
    Ok(written
        .outcomes
        .into_iter()
        .map(|(_, outcome)| outcome)
        .collect())
}

/// A batch before its commit.
#[derive(Default)]
struct Written {
    /// Each with its unit's place in the batch.
    outcomes: Vec<(usize, Outcome)>,
    rows: Gathered,
}

/// One unit after the other, those that only send a message last and at once; `None` when one fails
/// after it may have written something.
///
/// Nobody was answered yet, so that nobody can tell this order from the one in which they came.
async fn together(
    db: &mut SqliteConnection,
    chains: &Chains,
    batch: &[Job],
) -> Result<Option<Written>, StoreError> {
    let mut written = Written::default();
    let (mut posts, mut senders) = (Vec::new(), Vec::new());
    for (at, job) in batch.iter().enumerate() {
        if let Some(post) = Post::of(&job.unit) {
            posts.push(post);
            senders.push(at);
        } else if !one(db, chains, &mut written, batch, at).await? {
            return Ok(None);
        }
    }
    if posts.is_empty() {
        return Ok(Some(written));
    }
    let sent = match posts::write(db, &posts).await {
        Ok(sent) => sent,
        Err(CommitError::Constraint(_) | CommitError::Refused(_)) => return Ok(None),
        Err(CommitError::Store(lost)) => return Err(lost),
    };
    for (at, sent) in senders.into_iter().zip(sent) {
        let told = vec![Told::Sent(sent)];
        let rows = written.rows.add(db, chains, &batch[at].unit).await?;
        written.outcomes.push((at, Ok(Kept { told, rows })));
    }
    Ok(Some(written))
}

/// Runs the unit at a place of the batch; false when it fails after it may have written something.
async fn one(
    db: &mut SqliteConnection,
    chains: &Chains,
    written: &mut Written,
    batch: &[Job],
    at: usize,
) -> Result<bool, StoreError> {
    match run(db, chains, &mut written.rows, &batch[at].unit).await {
        Err(CommitError::Constraint(_)) => Ok(false),
        Err(CommitError::Store(lost)) => Err(lost),
        outcome => {
            written.outcomes.push((at, outcome));
            Ok(true)
        }
    }
}

/// Each unit in a savepoint of its own.
async fn apart(
    db: &mut SqliteConnection,
    chains: &Chains,
    batch: &[Job],
) -> Result<Written, StoreError> {
    let mut written = Written::default();
    for (at, job) in batch.iter().enumerate() {
        execute(db, "savepoint unit").await?;
        let outcome = run(db, chains, &mut written.rows, &job.unit).await;
        match &outcome {
            // The engine may have undone more than the unit.
            Err(CommitError::Store(lost)) => return Err(lost.clone()),
            Err(_) => execute(db, "rollback to unit; release unit").await?,
            Ok(_) => execute(db, "release unit").await?,
        }
        written.outcomes.push((at, outcome));
    }
    Ok(written)
}

async fn run(
    db: &mut SqliteConnection,
    chains: &Chains,
    rows: &mut Gathered,
    unit: &Unit,
) -> Outcome {
    units::check(db, unit).await?;
    let told = units::write(db, unit).await?;
    let rows = rows.add(db, chains, unit).await?;
    Ok(Kept { told, rows })
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql)
        .execute(db)
        .await
        .map(|_| ())
        .map_err(committing)
}

fn committing(error: sqlx::Error) -> StoreError {
    fault("committing changes", error)
}

#[cfg(test)]
mod tests;
