//! Everything that can be wrong, and what somebody who helps needs to know.

mod unopened;

use std::path::{Path, PathBuf};

use clap::Args;
use husting_clock::{Clock, SystemClock};
use husting_wire::commands::{Command, Examine, WriteDiagnostics};
use husting_wire::settings::{Finding, LookAround, Nothing};

use serde_json::json;

use self::unopened::Hindered;
use super::files::write_new;
use super::through;
use crate::door::{RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::inert;

/// Look at everything that can be wrong
#[derive(Debug, Args)]
pub struct Doctor {
    /// Write what somebody who helps needs to know to a new file, or with - to standard output: no secret, and nobody's
    /// words
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
}

impl Doctor {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self.bundle {
            Some(file) => bundle(file, invocation).await,
            None => examine(invocation).await,
        }
    }
}

/// Asks whoever has the store; else says what hinders anybody to have it.
async fn asked<C: Command>(
    arguments: C::Request,
    invocation: &Invocation,
) -> Result<Result<C::Response, Hindered>, Failure> {
    let answer = match &invocation.misconfigured {
        None => through(invocation, async |door| ask::<C>(door, arguments).await).await,
        Some(_) => {
            invocation.require_named_home()?;
            match RemoteDoor::find(&invocation.home).await {
                Ok(Some(instance)) => ask::<C>(&instance, arguments).await,
                // What the settings leave open, such as where keys are kept, must not be made up.
                Ok(None) => return Ok(Err(Hindered::by_settings())),
                Err(fault) => Err(fault),
            }
        }
    };
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(fault) => Hindered::by(fault).map(Err),
    }
}

async fn bundle(file: PathBuf, invocation: &Invocation) -> Result<Exit, Failure> {
    let written = match asked::<WriteDiagnostics>(Nothing {}, invocation).await? {
        Ok(written) => {
            if let Some(fault) = invocation
                .misconfigured
                .as_ref()
                .filter(|_| !invocation.json)
            {
                eprintln!("husting: {}", inert(&fault.to_string()));
            }
            written
        }
        Err(hindered) => {
            if !invocation.json {
                eprintln!("husting: the store could not be opened; what is in it is not told");
            }
            let unopened = hindered.look(invocation).await;
            unopened.diagnostics(SystemClock.now()).await?
        }
    };
    if file == Path::new("-") {
        return printed(&written.text, invocation.json);
    }
    write_new(&file, &written.text)?;
    output::answer(
        &json!({ "file": file }),
        invocation.json,
        &format!(
            "Written to {}. Read it before you give it away: it names your agents' kinds, settings and \
             faults, and nothing that anybody said.\n",
            file.display()
        ),
    )
}

fn printed(text: &str, json: bool) -> Result<Exit, Failure> {
    output::answer(&json!({ "text": text }), json, text)
}

async fn examine(invocation: &Invocation) -> Result<Exit, Failure> {
    let report = match asked::<Examine>(LookAround::default(), invocation).await? {
        Ok(mut report) => {
            let settings = invocation.misconfigured.as_ref();
            report.findings.extend(settings.map(unopened::settings));
            report
        }
        Err(hindered) => hindered.look(invocation).await.examine().await,
    };
    if invocation.json {
        output::json(&report)?;
    } else {
        let mut table = Table::new(&[
            ("WHAT", Align::Left),
            ("STATE", Align::Left),
            ("FOUND", Align::Left),
        ]);
        for finding in &report.findings {
            table.row(row(finding));
        }
        output::text(&table.to_string())?;
    }
    let well = report.findings.iter().all(|finding| finding.ok);
    Ok(if well { Exit::Done } else { Exit::Failed })
}

fn row(finding: &Finding) -> [String; 3] {
    [
        finding.subject.clone(),
        state(finding).to_owned(),
        found(finding),
    ]
}

/// What was found, and the command that does something about it as the end of the sentence.
fn found(finding: &Finding) -> String {
    let message = &finding.message;
    match &finding.command {
        Some(command) if message.ends_with('?') => format!("{message} {command}"),
        Some(command) => format!("{}; {command}", message.trim_end_matches('.')),
        None => message.clone(),
    }
}

const fn state(finding: &Finding) -> &'static str {
    match (finding.untested, finding.ok, finding.waits) {
        (true, ..) => "untested",
        (false, false, _) => "WRONG",
        (false, true, true) => "waits",
        (false, true, false) => "good",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looked_at_is_not_called_good() {
        let of = |ok, untested, waits| Finding {
            untested,
            waits,
            ..husting_console::finding("provider first", ok, "")
        };
        let states = [
            (true, false, false),
            (false, false, false),
            (true, true, false),
            (true, false, true),
        ];
        let states = states.map(|(ok, untested, waits)| state(&of(ok, untested, waits)));
        assert_eq!(states, ["good", "WRONG", "untested", "waits"]);
    }

    #[test]
    fn a_command_ends_the_sentence_that_it_helps_with() {
        let with = |message: &str| Finding {
            command: Some("`husting x` does".to_owned()),
            ..husting_console::finding("x", false, message)
        };
        assert_eq!(found(&with("It is off.")), "It is off; `husting x` does");
        assert_eq!(found(&with("Is it on?")), "Is it on? `husting x` does");
    }
}
