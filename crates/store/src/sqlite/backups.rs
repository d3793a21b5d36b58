//! Copies of the store: one a day, one before each change of the tables, and the way back.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use husting_domain::time::Timestamp;
use sqlx::{Connection, Executor, Sqlite, SqliteConnection};
use tokio::task::spawn_blocking;

use super::columns::Columns;
use super::connections::{look, look_without_trace};
use super::discord::carried;
use super::erasing;
use super::faults::fault;
use super::home::{Home, StoreFile, make_folder, private_file, sync_folder};
use super::schema::{self, Found};
use crate::errors::{BackupError, OpenError, StoreError};
use crate::views::BackupContent;

/// Daily backups that are kept.
const KEPT: usize = 7;

/// Writes a whole, compact copy of one moment to a new file.
pub async fn copy<'c>(
    db: impl Executor<'c, Database = Sqlite>,
    to: &Path,
) -> Result<(), BackupError> {
    let name = to
        .to_str()
        .ok_or_else(|| cannot_write(to, io::ErrorKind::InvalidFilename.into()))?;
    // The engine takes an empty file, which is made here so that it is never wider than it should be.
    match private_file(to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists {
                path: to.to_owned(),
            });
        }
        made => made.map_err(|error| cannot_write(to, error))?,
    };
    let copied = sqlx::query("vacuum into $1").bind(name).execute(db).await;
    if let Err(error) = copied {
        remove(to)?;
        return Err(fault("copying the store", error).into());
    }
    flush(to).map_err(|error| cannot_write(to, error))
}

/// The backup of `now`'s UTC day, unless there is one; the eighth last goes.
pub async fn daily<'c>(
    db: impl Executor<'c, Database = Sqlite>,
    home: &Home,
    now: Timestamp,
) -> Result<(), BackupError> {
    let folder = backups_folder(home)?;
    let path = folder.join(format!("{}-{}.db", home.file().stem(), day(now)));
    if path.exists() {
        return Ok(());
    }
    // Under another name until it is whole.
    let unfinished = path.with_extension("unfinished");
    remove(&unfinished)?;
    copy(db, &unfinished).await?;
    rename(&unfinished, &path)?;
    forget_old(&folder, home.file())
}

/// The copy that precedes a change of the tables.
pub async fn before_migration<'c>(
    db: impl Executor<'c, Database = Sqlite>,
    home: &Home,
    version: i64,
    now: Timestamp,
) -> Result<(), BackupError> {
    let name = format!("version-{version}-{}.db", moment(now));
    // Both stores of a folder may be brought up to date in the same moment.
    let name = match home.file() {
        StoreFile::Husting => name,
        StoreFile::Discord => format!("discord-{name}"),
    };
    copy(db, &backups_folder(home)?.join(name)).await
}

/// Puts a backup in the store's place. The store that was there stays in `backups/` as
/// `replaced-<moment>.db`, whose path is answered. Nothing is changed unless the backup is sound and
/// known here; one that waits for the next start goes then, which it would take place of.
///
/// # Errors
/// [`BackupError::NotABackup`] and [`BackupError::Damaged`] tell of the file,
/// [`BackupError::Open`] that the folder is in use or the backup newer than this program.
pub async fn restore(
    home: &Path,
    file: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    let home = Home::at(home, StoreFile::Husting).map_err(Box::new)?;
    let _lock = home.lock().map_err(Box::new)?;
    erasing::refuse_marked(&home).map_err(Box::new)?;
    let incoming = incoming(&home);
    checked_copy(file, &incoming).await?;
    let staged = staged(&home);
    discard(&staged)?;
    // Before it waits anywhere: what cannot be told of Discord has changed nothing.
    if let Err(error) = go_on_from_present(&home, &incoming, now).await {
        return discard(&incoming).and(Err(error));
    }
    // From here on a power cut is made good by the next start, which looks for what is laid there.
    rename(&incoming, &staged)?;
    match set_aside(&home, now) {
        Ok(aside) => put_in_place(&home, &staged).map(|()| aside),
        Err(error) => discard(&staged).and(Err(error)),
    }
}

/// Lays a backup beside a store that is in use, to be put in its place by [`take_staged`] when the store
/// is opened next; what was laid there before goes. The file itself is not needed any more then.
///
/// # Errors
/// As [`restore`], but for the folder's being in use; nothing was changed then.
pub async fn stage(home: &Path, file: &Path) -> Result<(), BackupError> {
    let home = Home::at(home, StoreFile::Husting).map_err(Box::new)?;
    erasing::refuse_marked(&home).map_err(Box::new)?;
    let incoming = incoming(&home);
    checked_copy(file, &incoming).await?;
    rename(&incoming, &staged(&home))
}

/// What a backup holds, sound and known here as [`restore`] wants it; nothing is kept, and nothing of the
/// file's folder is touched. The data folder is needed where the file has a log beside it: what both hold
/// together is read from a copy, which goes again. The caller sees to it that one looks at a time.
///
/// # Errors
/// What [`restore`] would say of the file.
pub async fn look_at_backup(home: &Path, file: &Path) -> Result<BackupContent, BackupError> {
    let from = file.to_owned();
    let opening =
        spawn_blocking(move || opened_backup(&from).and_then(|found| written(&found, &from)));
    let opened = opening.await;
    let written_at = opened.map_err(|stopped| cannot_read(file, io::Error::other(stopped)))??;
    if !has_log(file)? {
        let mut db = look_without_trace(file).await?;
        let found = looked_through(&mut db, file, written_at).await;
        return closed(db, found).await;
    }
    let home = Home::at(home, StoreFile::Husting).map_err(Box::new)?;
    let copy = looking(&home);
    checked_copy(file, &copy).await?;
    let found = match look(&copy).await {
        Ok(mut db) => {
            let found = looked_through(&mut db, file, written_at).await;
            closed(db, found).await
        }
        Err(error) => Err(error.into()),
    };
    discard(&copy)?;
    found
}

async fn closed(
    db: SqliteConnection,
    found: Result<BackupContent, BackupError>,
) -> Result<BackupContent, BackupError> {
    db.close()
        .await
        .map_err(|error| fault("looking at the backup", error))?;
    found
}

/// Puts in the store's place what was laid beside it. The caller holds the folder.
///
/// # Errors
/// [`OpenError::Restore`].
pub async fn take_staged(home: &Home, now: Timestamp) -> Result<(), OpenError> {
    if home.file() != StoreFile::Husting {
        return Ok(());
    }
    let staged = staged(home);
    for leftover in [incoming(home), looking(home), replaced(home)] {
        discard(&leftover).map_err(|source| OpenError::Restore {
            staged: leftover,
            source,
        })?;
    }
    if !staged.exists() {
        return Ok(());
    }
    let taken = match go_on_from_present(home, &staged, now).await {
        Ok(()) => {
            set_aside(home, now).and_then(|aside| put_in_place(home, &staged).map(|()| aside))
        }
        refused => refused.map(|()| None),
    };
    match taken {
        Ok(aside) => {
            tracing::info!(?aside, "a backup was put in the store's place");
            Ok(())
        }
        Err(source) => Err(OpenError::Restore { staged, source }),
    }
}

/// Tells a copy that is about to take the store's place how far the store has come in Discord: else people would be
/// answered again. Done twice it is the same. A store that cannot be read tells nothing.
async fn go_on_from_present(home: &Home, copy: &Path, now: Timestamp) -> Result<(), BackupError> {
    let (present, readable) = (home.database(), replaced(home));
    let laying = {
        let readable = readable.clone();
        spawn_blocking(move || lay_beside(&present, &readable))
    };
    let laid = laying.await;
    let laid = laid.map_err(|stopped| cannot_write(&readable, io::Error::other(stopped)))?;
    let told = match laid {
        Ok(is_there) => {
            let readable = is_there.then_some(readable.as_path());
            carried::carry_over(copy, readable, now).await
        }
        Err(error) => Err(error),
    };
    let told = match told {
        Err(error) => {
            tracing::warn!(%error, "the store that is replaced does not tell how far it came in Discord");
            carried::carry_over(copy, None, now).await
        }
        told => told,
    };
    discard(&readable)?;
    told?;
    fold_log(copy).await
}

/// The present store under a name of its own, for reading: its bytes are to be set aside as they are. False where
/// there is none.
fn lay_beside(present: &Path, readable: &Path) -> Result<bool, BackupError> {
    discard(readable)?;
    if !present.exists() {
        return Ok(false);
    }
    // The engine moves a log into the tables, which a second name would share.
    if has_log(present)? {
        take_copy(present, readable)?;
    } else {
        twin(present, readable)?;
    }
    Ok(true)
}

/// Makes what is laid beside the store the store. In between the old one is without its log: who comes to
/// open it finds `staged` still, and does this again.
fn put_in_place(home: &Home, staged: &Path) -> Result<(), BackupError> {
    let present = home.database();
    // The engine would put what it finds here into the store that comes.
    remove(&log_of(&present))?;
    remove(&beside(&present, "-shm"))?;
    rename(staged, &present)
}

/// A backup while it is copied and looked at. One that a kill left is nobody's.
fn incoming(home: &Home) -> PathBuf {
    home.database().with_extension("incoming")
}

/// A backup while somebody only looks at it. One that a kill left is nobody's.
fn looking(home: &Home) -> PathBuf {
    home.database().with_extension("looking")
}

/// The store that is being replaced, while it is read. One that a kill left is nobody's.
fn replaced(home: &Home) -> PathBuf {
    home.database().with_extension("replaced")
}

/// A backup that waits for the store to be opened next.
fn staged(home: &Home) -> PathBuf {
    home.database().with_extension("restoring")
}

/// Copies a backup to `to`, sound and known here. It may be large: it is copied beside the async threads,
/// where others are answered.
async fn checked_copy(file: &Path, to: &Path) -> Result<(), BackupError> {
    let (from, copy) = (file.to_owned(), to.to_owned());
    let taking = spawn_blocking(move || discard(&copy).and_then(|()| take_copy(&from, &copy)));
    let taken = taking.await;
    taken.map_err(|stopped| cannot_write(to, io::Error::other(stopped)))??;
    let sound = match check(to, file).await {
        Ok(()) => fold_log(to).await,
        refused => refused,
    };
    match sound {
        Ok(()) => Ok(()),
        Err(error) => discard(to).and(Err(error)),
    }
}

/// Whether the file begins as every file of the engine does; whose it is, and whether it is sound,
/// [`restore`] finds.
///
/// # Errors
/// What the system says when the file cannot be read.
pub fn may_be_backup(file: &Path) -> io::Result<bool> {
    is_database(&mut fs::File::open(file)?)
}

/// Sound, ours, and not from the future. Errors name `file`, which the operator knows.
async fn check(incoming: &Path, file: &Path) -> Result<(), BackupError> {
    let mut db = look(incoming).await?;
    let sound = is_sound(&mut db, file).await;
    db.close()
        .await
        .map_err(|error| fault("checking the backup", error))?;
    sound.map(drop).map_err(|error| of_backup(error, file))
}

/// What the engine's words about a store mean of a backup.
fn of_backup(error: OpenError, file: &Path) -> BackupError {
    let path = file.to_owned();
    match error {
        OpenError::NotAStore { .. } => BackupError::NotABackup { path },
        OpenError::Store(StoreError::Corrupt(source)) => BackupError::Damaged { path, source },
        other => Box::new(other).into(),
    }
}

/// The version of a store that is sound.
async fn is_sound(db: &mut SqliteConnection, file: &Path) -> Result<i64, OpenError> {
    match schema::found(db, file).await? {
        Found::Nothing => Err(OpenError::NotAStore {
            path: file.to_owned(),
        }),
        Found::Version(version) => schema::check(db).await.map(|()| version),
    }
}

/// What the file holds, once it was found to be sound.
async fn looked_through(
    db: &mut SqliteConnection,
    file: &Path,
    written_at: Timestamp,
) -> Result<BackupContent, BackupError> {
    let version = is_sound(db, file).await;
    let version = version.map_err(|error| of_backup(error, file))?;
    let content = content(db, version, written_at).await;
    content.map_err(|error| of_backup(error.into(), file))
}

async fn content(
    db: &mut SqliteConnection,
    version: i64,
    written_at: Timestamp,
) -> Result<BackupContent, StoreError> {
    const READING: &str = "reading the backup";
    // One that is older than the bus has no tables of it.
    let bus = "select count(*) = 2 from sqlite_schema where type = 'table' and name in ('agents', 'messages')";
    let has_bus: bool = sqlx::query_scalar(bus)
        .fetch_one(&mut *db)
        .await
        .map_err(|error| fault(READING, error))?;
    // A broadcast is one message, in however many mailboxes.
    let counts = if has_bus {
        "select (select count(*) from sessions) as sessions, \
             (select max(updated_at) from sessions) as session_at, \
             (select count(*) from agents where status <> 'revoked') as agents, \
             (select count(*) from (select distinct tenant_id, message_id from messages)) as messages, \
             (select sent_at from messages order by place desc limit 1) as message_at"
    } else {
        "select (select count(*) from sessions) as sessions, \
             (select max(updated_at) from sessions) as session_at, \
             0 as agents, 0 as messages, null as message_at"
    };
    let row = sqlx::query(counts).fetch_one(db).await;
    let row = row.map_err(|error| fault(READING, error))?;
    let row = Columns(&row);
    let newest = row.time_if("session_at")?.max(row.time_if("message_at")?);
    Ok(BackupContent {
        version,
        known: schema::known(),
        written_at,
        newest_at: newest,
        sessions: row.number("sessions")?,
        messages: row.number("messages")?,
        agents: row.number("agents")?,
    })
}

/// Gives the present store a second place, among the backups, with the log of what its tables do not hold yet.
/// The engine is not asked to fold one into the other: a torn store cannot take it, and the engine drops the log
/// of one that is empty.
fn set_aside(home: &Home, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let present = home.database();
    let log = log_of(&present);
    let (store_is_there, log_is_there) = (present.exists(), log.exists());
    if !store_is_there && !log_is_there {
        return Ok(None);
    }
    let aside = backups_folder(home)?.join(format!("replaced-{}.db", moment(now)));
    // The log first: a store that is kept is never without it.
    if log_is_there {
        twin(&log, &log_of(&aside))?;
    }
    // The store keeps its place until the new one takes it in one step: a power cut in between must
    // not leave a folder without a store, which the next start would fill with an empty one.
    if store_is_there {
        twin(&present, &aside)?;
    }
    Ok(store_is_there.then_some(aside))
}

/// Gives a file a second name, which is new; where the file system knows no links, a copy.
fn twin(file: &Path, name: &Path) -> Result<(), BackupError> {
    match fs::hard_link(file, name) {
        Ok(()) => name
            .parent()
            .map_or(Ok(()), sync_parent)
            .map_err(|error| cannot_write(name, error)),
        Err(_) => {
            let from = fs::File::open(file).map_err(|source| cannot_read(file, source));
            copy_out(&mut from?, name)
        }
    }
}

/// Moves a copy's log into its tables, so that the file is whole by itself.
async fn fold_log(copy: &Path) -> Result<(), BackupError> {
    let mut db = look(copy).await?;
    let folded = sqlx::query("pragma wal_checkpoint(truncate)")
        .execute(&mut db)
        .await;
    let closed = db.close().await;
    folded
        .and(closed)
        .map_err(|error| fault("folding the log of the backup", error))?;
    remove(&log_of(copy))?;
    remove(&beside(copy, "-shm"))
}

/// Copies a backup, with the log beside it: a store that was set aside may have one.
fn take_copy(file: &Path, to: &Path) -> Result<(), BackupError> {
    copy_out(&mut opened_backup(file)?, to)?;
    match fs::File::open(log_of(file)) {
        Ok(mut log) => copy_out(&mut log, &log_of(to)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(cannot_read(&log_of(file), source)),
    }
}

/// Opens a backup. It is looked at before anything else: a file of any kind and size may be named by mistake.
fn opened_backup(file: &Path) -> Result<fs::File, BackupError> {
    let mut from = fs::File::open(file).map_err(|source| cannot_read(file, source))?;
    if is_database(&mut from).map_err(|source| cannot_read(file, source))? {
        return Ok(from);
    }
    Err(BackupError::NotABackup {
        path: file.to_owned(),
    })
}

/// When a file was written last.
fn written(opened: &fs::File, file: &Path) -> Result<Timestamp, BackupError> {
    let found = opened.metadata();
    written_as(&found.map_err(|source| cannot_read(file, source))?, file)
}

/// When a file was written last, by what is known of it.
pub fn written_as(found: &fs::Metadata, file: &Path) -> Result<Timestamp, BackupError> {
    let written = found.modified();
    let written = written.map_err(|source| cannot_read(file, source))?;
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp::from_micros(0).plus(since))
}

/// Whether anything is in the log beside a backup.
fn has_log(file: &Path) -> Result<bool, BackupError> {
    let log = log_of(file);
    match fs::metadata(&log) {
        Ok(found) => Ok(found.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(cannot_read(&log, source)),
    }
}

fn copy_out(from: &mut fs::File, to: &Path) -> Result<(), BackupError> {
    let copied = private_file(to).and_then(|mut copy| io::copy(from, &mut copy).map(|_| ()));
    copied
        .and_then(|()| flush(to))
        .map_err(|error| cannot_write(to, error))
}

/// Whether the file begins as every file of the engine does; leaves it at its beginning.
fn is_database(file: &mut fs::File) -> io::Result<bool> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut head = Vec::with_capacity(MAGIC.len());
    file.by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head == MAGIC)
}

fn backups_folder(home: &Home) -> Result<PathBuf, BackupError> {
    let folder = home.backups();
    make_folder(&folder).map_err(|error| cannot_write(&folder, error))?;
    Ok(folder)
}

fn forget_old(folder: &Path, file: StoreFile) -> Result<(), BackupError> {
    let entries = fs::read_dir(folder).map_err(|source| BackupError::Read {
        path: folder.to_owned(),
        source,
    })?;
    let mut daily: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_daily(path, file))
        .collect();
    // The names sort by day.
    daily.sort();
    let surplus = daily.len().saturating_sub(KEPT);
    daily.iter().take(surplus).try_for_each(|path| remove(path))
}

/// `husting-2026-11-20.db`
pub fn is_daily(path: &Path, file: StoreFile) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let day = name
        .strip_prefix(file.stem())
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".db"));
    day.is_some_and(|day| day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
}

/// Whether a file of this stem is one of [`daily`], [`before_migration`] or [`set_aside`].
pub fn is_own_stem(stem: &str) -> bool {
    let moment = |rest: &str| {
        let known = |byte: u8| byte.is_ascii_digit() || b"-.TZ".contains(&byte);
        !rest.is_empty() && rest.bytes().all(known)
    };
    let prefixes = [
        "husting-",
        "discord-",
        "version-",
        "discord-version-",
        "replaced-",
    ];
    prefixes
        .iter()
        .any(|prefix| stem.strip_prefix(prefix).is_some_and(moment))
}

fn day(now: Timestamp) -> String {
    now.to_string().chars().take(10).collect()
}

/// Fit for a file's name on every system: `2026-11-20T08-04-21.123Z`.
fn moment(now: Timestamp) -> String {
    now.to_string().replace(':', "-")
}

fn log_of(store: &Path) -> PathBuf {
    beside(store, "-wal")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn flush(path: &Path) -> io::Result<()> {
    fs::File::options().write(true).open(path)?.sync_all()?;
    path.parent().map_or(Ok(()), sync_parent)
}

/// A bare file name has the working folder as its parent.
fn sync_parent(folder: &Path) -> io::Result<()> {
    sync_folder(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    })
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    let renamed = fs::rename(from, to).and_then(|()| to.parent().map_or(Ok(()), sync_parent));
    renamed.map_err(|error| cannot_write(to, error))
}

/// Removes a copy with what the engine put beside it.
fn discard(copy: &Path) -> Result<(), BackupError> {
    remove(copy)?;
    remove(&log_of(copy))?;
    remove(&beside(copy, "-shm"))
}

/// Removes a file; absent is fine.
fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(path, error)),
        _ => Ok(()),
    }
}

fn cannot_read(path: &Path, source: io::Error) -> BackupError {
    BackupError::Read {
        path: path.to_owned(),
        source,
    }
}

fn cannot_write(path: &Path, source: io::Error) -> BackupError {
    BackupError::Write {
        path: path.to_owned(),
        source,
    }
}
