//! What loopback and the HTTP library can do at the most: a route that knows one tag and nothing
//! else, and one that puts each request on disk as a row with a commit of its own.

use std::path::Path;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// The path of the tag.
pub const PATH: &str = "/progress";
/// The path of the rows.
pub const ROWS: &str = "/rows";

const TAG: HeaderValue = HeaderValue::from_static("W/\"bare-1\"");

/// Serves until standard input ends; rows are taken where they have a file.
pub async fn serve(rows: Option<&Path>) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut router = Router::new().route(PATH, get(progress));
    if let Some(file) = rows {
        router = router.merge(
            Router::new()
                .route(ROWS, post(keep))
                .with_state(table(file).await?),
        );
    }
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(fault) = stream.set_nodelay(true) {
            eprintln!("TCP_NODELAY was refused: {fault}");
        }
    });
    let (mut input, mut ignored) = (tokio::io::stdin(), Vec::new());
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        ended = input.read_to_end(&mut ignored) => { ended?; }
    }
    Ok(())
}

async fn progress(headers: HeaderMap) -> Response {
    let tag = [(header::ETAG, TAG)];
    if headers.get(header::IF_NONE_MATCH) == Some(&TAG) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    (tag, "{}").into_response()
}

/// One connection, whose every statement is a commit and a flush.
async fn table(file: &Path) -> anyhow::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1);
    let table = pool.connect_with(options).await?;
    sqlx::query("create table rows (number integer primary key, body text not null) strict")
        .execute(&table)
        .await
        .context("cannot make the table")?;
    Ok(table)
}

async fn keep(State(table): State<SqlitePool>, body: String) -> Result<&'static str, StatusCode> {
    let kept = sqlx::query("insert into rows (body) values ($1)").bind(body);
    match kept.execute(&table).await {
        Ok(_) => Ok("{}"),
        Err(fault) => {
            eprintln!("a row was not kept: {fault}");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
