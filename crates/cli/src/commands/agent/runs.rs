//! Runs of agents' programs: listed, read, ended; and when mail starts them.

use clap::{ArgGroup, Args};
use husting_domain::runs::{RunCause, RunExit, RunHow};
use husting_wire::agents::AgentRef;
use husting_wire::commands::{ChangeWake, EndRun, FindRuns, ReadAgent, ReadRun};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::runs::{ListRuns, RunList, RunRef, RunView, SetWake, WakeView};

use super::naming::Which;
use crate::commands::numbers;
use crate::commands::spans::Span;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{count, minute, moment, second, shortened, word};

const HEADS: [&str; 5] = ["STARTED (UTC)", "HOW", "BY", "STATE", "COMMAND"];
/// A table's, in characters.
const WIDEST: usize = 100;
/// Between two columns.
const GAP: usize = 2;
/// Of a state that is a sentence, in characters; `--json` has all of it, and of the command.
const MOST_STATE: usize = 36;

/// Whose runs.
#[derive(Debug, Args)]
pub struct Runs {
    #[command(flatten)]
    which: Which,
    /// Only one that goes on
    #[arg(long)]
    open: bool,
    /// At most this many, 1 to 500
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = numbers::between(1, 500))]
    limit: u32,
}

/// When mail starts an agent.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("switch").args(["on", "off"]))]
pub struct Wake {
    #[command(flatten)]
    which: Which,
    /// Mail starts it
    #[arg(long)]
    on: bool,
    /// Mail does not start it
    #[arg(long)]
    off: bool,
    /// Only messages that ask for an answer start it, true or false
    #[arg(long, value_name = "BOOL")]
    requests_only: Option<bool>,
    /// How long mail is gathered before it starts the agent, such as 10 or 5m
    #[arg(long, value_name = "SPAN")]
    batch: Option<Span>,
    /// Most starts by mail in a day (UTC)
    #[arg(long, value_name = "N", value_parser = numbers::at_least(0))]
    per_day: Option<u32>,
}

impl Runs {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = ListRuns {
            agent_id: Some(self.which.find_any(door).await?.id),
            open: self.open,
            limit: Some(self.limit),
        };
        let list = ask::<FindRuns>(door, asked).await?;
        output::answer(&list, json, &listed(&list))
    }
}

impl Wake {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let agent_id = self.which.find(door).await?.id;
        let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
        let name = page.agent.agent_name.clone();
        let Some(now) = page.wake else {
            let words =
                format!("{name} is run by Husting, which answers mail without being started.");
            return Err(Error::new(ErrorCode::InvalidState, words).into());
        };
        let mut rule = now.rule;
        rule.on = (rule.on || self.on) && !self.off;
        rule.requests_only = self.requests_only.unwrap_or(rule.requests_only);
        rule.batch_seconds = self.batch.map_or(rule.batch_seconds, |span| span.0);
        rule.per_day = self.per_day.unwrap_or(rule.per_day);
        let wake = if rule == now.rule {
            Some(now)
        } else {
            ask::<ChangeWake>(door, SetWake { agent_id, rule })
                .await?
                .wake
        };
        if json {
            output::json(&wake)?;
        } else if let Some(wake) = wake {
            output::text(&told(&name, &wake))?;
        }
        Ok(Exit::Done)
    }
}

/// Ends the agent's program, or leaves one that failed too often as it is.
pub(super) async fn stop(door: &dyn Door, which: &Which, json: bool) -> Result<Exit, Failure> {
    let before = newest(door, which).await?;
    let had_ended = before.ended_at.is_some() && before.restarts_at.is_none();
    let run_id = before.run_id;
    let run = ask::<EndRun>(door, RunRef { run_id }).await?;
    if json {
        output::json(&run)?;
    } else if had_ended {
        let name = run.agent_name;
        output::line(&format!(
            "The program of {name} is left as it is: it no longer waits for you."
        ))?;
    } else {
        output::line(&format!("The program of {} {}.", run.agent_name, end(&run)))?;
    }
    Ok(Exit::Done)
}

/// Prints the end of what the agent's program said last.
pub(super) async fn output_of(door: &dyn Door, which: &Which, json: bool) -> Result<Exit, Failure> {
    let run_id = newest(door, which).await?.run_id;
    let page = ask::<ReadRun>(door, RunRef { run_id }).await?;
    output::answer(&page, json, &format!("{}\n", page.text))
}

async fn newest(door: &dyn Door, which: &Which) -> Result<RunView, Failure> {
    let agent = which.find_any(door).await?;
    let asked = ListRuns {
        agent_id: Some(agent.id),
        open: false,
        limit: Some(1),
    };
    let list = ask::<FindRuns>(door, asked).await?;
    let newest = list.runs.into_iter().next();
    newest.ok_or_else(|| {
        let words = format!("No program of {} was started by Husting.", agent.agent_name);
        Error::new(ErrorCode::NotFound, words).into()
    })
}

fn listed(list: &RunList) -> String {
    let mut minutes: Vec<String> = list.runs.iter().map(|run| minute(run.started_at)).collect();
    minutes.sort_unstable();
    let is_close = minutes.windows(2).any(|pair| pair[0] == pair[1]);
    let started = if is_close { second } else { minute };
    let rows: Vec<[String; 5]> = list
        .runs
        .iter()
        .map(|run| {
            [
                started(run.started_at),
                match run.how {
                    RunHow::Tmux => "tmux".to_owned(),
                    RunHow::Once => "one task".to_owned(),
                },
                match run.cause {
                    RunCause::Operator => "you".to_owned(),
                    RunCause::Restart | RunCause::Mail => word(&run.cause),
                },
                shortened(&end(run), MOST_STATE),
                run.command.clone(),
            ]
        })
        .collect();
    let mut table = Table::new(&HEADS.map(|head| (head, Align::Left)));
    let before: usize = (0..4).map(|column| GAP + width(&rows, column)).sum();
    for mut row in rows {
        row[4] = shortened(&row[4], WIDEST.saturating_sub(before));
        table.row(row);
    }
    table.or("No program was started for it: `husting run NAME` starts one.")
}

fn width(rows: &[[String; 5]], column: usize) -> usize {
    let cells = rows.iter().map(|row| row[column].chars().count());
    cells.chain([HEADS[column].len()]).max().unwrap_or_default()
}

/// How a run ended, or that it goes on.
fn end(run: &RunView) -> String {
    let ended = match run.exit {
        None => {
            let why = run.hindrance.as_deref();
            return why.map_or_else(|| "runs".to_owned(), |why| format!("runs: {why}"));
        }
        Some(_) if run.stopped => "was stopped".to_owned(),
        Some(RunExit::Code { code: 0 }) => "is done".to_owned(),
        Some(RunExit::Code { code }) => format!("ended with code {code}"),
        Some(RunExit::Signal { signal }) => format!("was ended by signal {signal}"),
        Some(RunExit::Unseen) => "ended unseen".to_owned(),
        Some(RunExit::NotStarted) => "could not be started".to_owned(),
    };
    match run.restarts_at {
        Some(_) if run.restart_paused => {
            format!("{ended}, starts again when agents go on: `husting resume`")
        }
        Some(at) => format!("{ended}, starts again {}", moment(at)),
        None if run.gave_up => format!("{ended}, failed too often to be started again"),
        None => ended,
    }
}

/// When mail starts an agent, for people.
pub(super) fn told(name: &str, wake: &WakeView) -> String {
    let rule = wake.rule;
    if !rule.on {
        return format!("Mail does not start {name}: `husting agent wake {name} --on` lets it.\n");
    }
    let which = if rule.requests_only {
        "Mail that asks for an answer starts"
    } else {
        "Mail starts"
    };
    let text = format!(
        "{which} {name}, gathered for {}, at most {} a day; {} today.\n",
        count(rule.batch_seconds.into(), "second"),
        count(rule.per_day.into(), "time"),
        count(wake.today.into(), "time"),
    );
    match &wake.hindrance {
        Some(why) => format!("Mail does not start {name} now. {why}\nThe rule then: {text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(started_at: &str, command: &str, hindrance: Option<&str>) -> RunView {
        let id = "019ab3c4-5678-7abc-8def-0123456789ab";
        serde_json::from_value(json!({
            "run_id": id, "agent_id": id, "agent_name": "bruno", "tenant_id": "local",
            "how": "once", "cause": "restart", "command": command, "directory": "/",
            "started_at": started_at, "booted_at": null, "ended_at": null, "exit": null,
            "stopped": false, "hindrance": hindrance, "restarts_at": null, "gave_up": false,
            "restart_paused": false, "attach": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_table_of_runs_fits_and_tells_two_of_one_minute_apart() {
        let long =
            "claude --mcp-config /a/very/long/folder/of/somebody/.mcp.json -p 'Read your mail.'";
        let why = "The bus was not asked who it is; look at what it said.";
        let runs = vec![
            run("2026-11-20T08:04:21Z", long, Some(why)),
            run("2026-11-20T08:04:59Z", "claude", None),
        ];
        let table = listed(&RunList { runs: runs.clone() });
        assert!(
            table.contains("08:04:21") && table.contains("08:04:59"),
            "{table}"
        );
        assert!(
            table.lines().all(|line| line.chars().count() <= WIDEST),
            "{table}"
        );
        assert!(table.contains("claude --mcp-config /a"), "{table}");
        let table = listed(&RunList {
            runs: runs[..1].to_vec(),
        });
        assert!(table.contains("2026-11-20 08:04  "), "{table}");
    }
}
