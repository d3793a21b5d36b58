//! What the engine means to do for the statements of the bus and the bridge that run all the time:
//! whatever the number of messages, it looks up what it needs and no more.

use sqlx::{Row, SqlitePool};
use std::path::Path;

use super::connections::Connections;
use super::discord::{
    channels, figures, pages as bridge_pages, panels, posts as parts, questions, replies, sessions,
    stops,
};
use super::{
    audit, calls, dispatches, endings, histogram, leases, mailboxes, messages, notes, places,
    posts, retention, run_writes, runs, schema, search, tails,
};

async fn empty() -> SqlitePool {
    let db = Connections::in_memory().await.unwrap().writer;
    schema::migrate(&db, Path::new(":memory:")).await.unwrap();
    db
}

/// The steps of a plan that read a table or an index.
async fn reads(db: &SqlitePool, sql: &'static str) -> Vec<String> {
    let explained = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
    let rows = sqlx::query(explained).fetch_all(db).await.unwrap();
    let steps = rows.iter().map(|row| row.get::<String, _>("detail"));
    let steps = steps.filter(|step| step.starts_with("SCAN") || step.starts_with("SEARCH"));
    steps.collect()
}

/// Whether a step goes through all of a large table. Lists that a statement made for itself, and
/// those that it was handed, are short.
fn goes_through_all(step: &str) -> bool {
    let Some(scanned) = step.strip_prefix("SCAN ") else {
        return false;
    };
    let name = scanned.split(' ').next().unwrap_or_default();
    let is_short = matches!(
        name,
        "json_each" | "piece" | "asked" | "post" | "p" | "linked" | "CONSTANT" | "f"
    ) || name.starts_with('(')
        || scanned.contains("VIRTUAL TABLE");
    !is_short
}

#[tokio::test]
async fn statements_of_the_bus_look_up_what_they_need() {
    let db = empty().await;
    for (sql, index) in [
        (dispatches::SEND, "b USING PRIMARY KEY"),
        (posts::POST, "b USING PRIMARY KEY"),
        (posts::POST, "a USING PRIMARY KEY"),
        (posts::PLACED, "messages USING INTEGER PRIMARY KEY"),
        (leases::SETTLE, "messages_leased"),
        (leases::SWEEP, "leases_by_end"),
        (leases::END_MANAGED, "leases_by_end (leased_until>?)"),
        (leases::OLDEST, "messages_waiting"),
        (leases::LEASE, "INTEGER PRIMARY KEY"),
        (endings::ACKNOWLEDGE, "messages_by_id"),
        (endings::ANSWER, "messages_by_id"),
        (leases::NEXT_END, "leases_by_end"),
        (messages::BY_ID, "messages_by_id"),
        (messages::SENT, "messages_by_id"),
        (messages::REQUEST, "requests"),
        (
            retention::FORGET,
            "messages_of_tenant (tenant_id=? AND place<?)",
        ),
        (
            retention::FORGET_WORDS,
            "broadcasts USING COVERING INDEX sqlite_autoindex_broadcasts_1",
        ),
        (retention::FORGET_WORDS, "messages_by_id"),
        (places::NEWEST, "messages_of_tenant"),
        (
            places::AT_OR_BEHIND,
            "messages_of_tenant (tenant_id=? AND place>?)",
        ),
        (
            histogram::COUNTED,
            "messages_of_tenant (tenant_id=? AND place>? AND place<?)",
        ),
        (
            histogram::COUNTED,
            "later USING INDEX messages_of_broadcast (tenant_id=? AND message_id=? AND place>?)",
        ),
        (messages::MAIL, "messages_by_seq"),
        (messages::MAIL_AFTER, "messages_by_seq"),
        (messages::HOPS, "messages_given"),
        (messages::NEXT, "messages_waiting"),
        (mailboxes::UNREAD, "mailboxes USING PRIMARY KEY"),
        (mailboxes::TOTAL, "mailboxes USING PRIMARY KEY"),
        (mailboxes::TOTAL, "uncounted_messages USING PRIMARY KEY"),
        (tails::ALL, "messages_of_tenant"),
        (
            tails::ALL,
            "later USING INDEX messages_of_broadcast (tenant_id=? AND message_id=? AND place>?)",
        ),
        (
            tails::OF_MESSAGE,
            "messages_by_id (tenant_id=? AND message_id=?)",
        ),
        (
            tails::REACH,
            "m USING INDEX messages_of_broadcast (tenant_id=? AND message_id=?)",
        ),
        (tails::OF_MAILBOX, "messages_by_seq"),
        (tails::OF_AGENT, "messages_of_sender"),
        (tails::OF_OPERATOR, "messages_of_operator"),
        (tails::OF_SQUAD, "messages_of_squad"),
        (tails::RESTING, "messages_resting"),
        (tails::COUNTED, "COVERING INDEX messages_resting"),
        (tails::THREAD, "replies"),
        (audit::HEAD, "audit_links USING PRIMARY KEY"),
        (audit::ROWS_OF_AGENT, "audit_of_agent"),
        (audit::LAST_CALL, "audit_of_agent"),
        (audit::CALLS_AFTER, "audit_of_agent"),
        (notes::RECALL, "n USING INTEGER PRIMARY KEY"),
        (search::SEARCH, "t USING INTEGER PRIMARY KEY"),
    ] {
        looks_up(&db, sql, index).await;
    }
}

#[tokio::test]
async fn statements_of_the_bridge_look_up_what_they_need() {
    let db = empty().await;
    for (sql, index) in [
        (sessions::CURSOR, "discord_sessions USING PRIMARY KEY"),
        (channels::OF_BOT, "discord_channels USING PRIMARY KEY"),
        (questions::BY_ID, "(tenant_id=? AND request_id=?)"),
        (questions::WARNED_IN_VAIN, "discord_questions_warned"),
        (questions::WARNED_IN_VAIN, "discord_questions_by_message"),
        (questions::WARNED_IN_VAIN, "discord_replies_of_question"),
        (questions::BY_MESSAGE, "discord_questions_by_message"),
        (questions::ON_BUS, "discord_questions_on_bus"),
        (questions::OPEN, "discord_questions_open"),
        (questions::TO_ASK, "discord_questions_open"),
        (questions::ASKED_SINCE, "discord_questions_of_bot"),
        (questions::ENDED, "discord_questions_of_bot"),
        (questions::NEWEST, "discord_questions_of_bot"),
        (questions::NEWEST_OPEN, "discord_questions_open"),
        (questions::NEWEST_ENDED, "discord_questions_of_bot"),
        (questions::EXPIRE, "discord_questions_unanswered"),
        (questions::FORGET, "discord_questions_ended"),
        (questions::FORGET, "discord_replies_of_question"),
        (replies::HAS, "discord_replies_by_mail"),
        (replies::KEEPS, "discord_replies_by_bus"),
        (replies::COUNT, "discord_replies_of_question"),
        (replies::OPEN, "discord_replies_open"),
        (replies::OPEN, "(tenant_id=? AND reply_id=?)"),
        (replies::UNBAR, "discord_replies_open"),
        (replies::ENDED, "discord_replies_of_bot"),
        (replies::NEXT, "discord_replies_waiting"),
        (replies::NEXT, "(tenant_id=? AND reply_id=?)"),
        (replies::PLACES, "discord_replies_waiting"),
        (parts::IS_NOTED, "discord_posts_standing"),
        (replies::FORGET, "discord_replies_ended"),
        (parts::IS_WHOLE, "discord_posts_open"),
        (bridge_pages::QUESTIONS, "discord_questions_of_bot"),
        (bridge_pages::REPLIES, "discord_replies_of_bot"),
        (bridge_pages::OF_MESSAGE, "discord_questions_by_message"),
        (bridge_pages::REPLY, "(tenant_id=? AND reply_id=?)"),
        (bridge_pages::TO_QUESTION, "discord_replies_of_question"),
        (questions::DELETED, "discord_questions_by_message"),
        (stops::PAGE, "discord_stops_of_bot"),
        (stops::LAST, "discord_stops_of_place"),
        (stops::FORGET, "discord_stops_by_time"),
        (figures::OPEN_REPLIES, "discord_replies_open"),
        (figures::OPEN_QUESTIONS, "discord_questions_open"),
        (figures::OPEN_PANELS, "discord_panels_open"),
        (figures::QUESTIONS, "discord_questions_of_bot"),
        (figures::DELIVERED, "discord_replies_of_bot"),
        (figures::UNNAMED, "discord_replies_of_bot"),
        (runs::OF_AGENT, "runs_of_agent"),
        (runs::OF_ALL, "runs_by_time"),
        (runs::WAKES, "runs_of_agent"),
        (run_writes::OVERTAKE, "runs_restarting"),
        (run_writes::FORGET_TAILS, "runs_ended"),
        (run_writes::FORGET, "runs_ended"),
        (run_writes::FORGET, "runs_of_agent"),
        (panels::BY_ID, "(tenant_id=? AND panel_id=?)"),
        (panels::AT_WORK, "discord_panels_open"),
        (panels::BEHIND, "discord_panels_of_bot"),
        (panels::AT_REST, "discord_panels_resting"),
        (
            panels::AT_REST_OF,
            "discord_panels_resting (tenant_id=? AND bot_id=? AND session_id=?)",
        ),
        (panels::PAGE, "discord_panels_of_bot"),
        (panels::BEGIN_ROUND, "discord_panel_rounds_by_time"),
        (panels::ROUNDS_SINCE, "discord_panel_rounds_by_time"),
        (panels::FORGET, "discord_panels_ended"),
        (panels::FORGET_ROUNDS, "discord_panel_rounds_by_time"),
    ] {
        looks_up(&db, sql, index).await;
    }
}

/// They run at each start, before anything else may be written.
#[tokio::test]
async fn words_of_failed_calls_are_found_without_a_look_at_every_call() {
    let db = empty().await;
    for sql in [calls::FORGET_DRAFTS_LENGTHS, calls::FORGET_DRAFTS] {
        looks_up(&db, sql, "calls_failed_drafts").await;
    }
}

/// Fails unless a statement uses an index and goes through no large table.
async fn looks_up(db: &SqlitePool, sql: &'static str, index: &str) {
    let steps = reads(db, sql).await;
    assert!(
        steps.iter().any(|step| step.contains(index)),
        "no {index} for {sql}: {steps:#?}"
    );
    assert!(
        !steps.iter().any(|step| goes_through_all(step)),
        "{sql}: {steps:#?}"
    );
}

#[tokio::test]
async fn pages_are_read_in_their_order() {
    let db = empty().await;
    for sql in [
        tails::ALL,
        tails::OF_MAILBOX,
        tails::OF_SQUAD,
        audit::ROWS_OF_AGENT,
        audit::LAST_CALL,
        questions::OPEN,
        questions::TO_ASK,
        questions::ENDED,
        questions::NEWEST,
        questions::NEWEST_OPEN,
        questions::NEWEST_ENDED,
        channels::OF_BOT,
        stops::PAGE,
        stops::LAST,
        panels::PAGE,
        runs::OF_AGENT,
        runs::OF_ALL,
    ] {
        let explained = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
        let rows = sqlx::query(explained).fetch_all(&db).await.unwrap();
        let mut steps = rows.iter().map(|row| row.get::<String, _>("detail"));
        assert!(
            !steps.any(|step| step.contains("TEMP B-TREE FOR ORDER BY")),
            "{sql}"
        );
    }
}
