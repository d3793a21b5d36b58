//! A whole deliberation from one line.

mod references;
mod rounds;

use std::path::{Path, PathBuf};

use clap::Args;
use husting_console::check_prompt;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{AppendToSession, ConveneSession, WriteSession};
use husting_wire::estimates::EstimateRound;
use husting_wire::ranges;
use husting_wire::rounds::AppendRound;
use husting_wire::sessions::{Convene, ExportFormat, ExportSession, SessionAck, SessionView};

use self::rounds::{MOST_ROUNDS, rounds};
use super::amounts::spending;
use super::estimate::told;
use super::files::text_of;
use super::session::newest_round;
use super::through;
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure, is_of_session};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::inert;
use crate::rounds::{Asked, Tell, Watch, exit_of, exit_of_summaries, mending};

/// Put a question to a panel of models and wait for its claim map
#[derive(Debug, Args)]
pub struct Deliberate {
    /// The question; - reads it from standard input
    question: String,
    /// A document that every seat reads; once for each, all of them 4 MiB together; - is standard input
    #[arg(long = "reference", value_name = "FILE")]
    references: Vec<PathBuf>,
    /// The panel, such as a,b,c [default: the default panel]
    #[arg(long, value_delimiter = ',', value_parser = model_id, value_name = "ID,ID")]
    models: Option<Vec<ModelId>>,
    /// How many rounds are held, 1 to 20 [default: one, and one more for each --prompt]
    #[arg(long, value_name = "N", value_parser = numbers::between(1, MOST_ROUNDS))]
    rounds: Option<u32>,
    /// What steers a round after the first; once for each, in order [default: the most contested
    /// claims as CHALLENGE, the most agreed one as KEEP]
    #[arg(long = "prompt", value_name = "TEXT")]
    prompts: Vec<String>,
    /// Who steers, for transcripts
    #[arg(long, value_name = "NAME", value_parser = named)]
    moderator: Option<String>,
    /// Seats see each other as letters [default: true]
    #[arg(long, value_name = "BOOL")]
    blind: Option<bool>,
    /// Most tokens of one answer
    #[arg(long, value_name = "N", value_parser = numbers::within(ranges::MAX_OUTPUT_TOKENS))]
    max_output_tokens: Option<u32>,
    /// Seconds that each phase may take
    #[arg(long, value_name = "SECONDS", value_parser = numbers::within(ranges::DEADLINE_SECONDS))]
    deadline: Option<u32>,
    /// Most that all rounds together may cost, in US dollars
    #[arg(long, value_name = "USD", value_parser = spending)]
    spend_limit: Option<MicroUsd>,
    /// Sum each round up once it is over, and with two rounds or more the session
    #[arg(long)]
    recap: bool,
    /// Print what is said as it is said
    #[arg(long)]
    follow: bool,
    /// Print what the first round would cost, and ask nobody; what a later one costs depends on what is
    /// said, and `session append --estimate` prices it
    #[arg(long, conflicts_with = "follow")]
    estimate: bool,
}

/// An id as the console takes it.
pub(super) fn model_id(text: &str) -> Result<ModelId, String> {
    ModelId::parse(text).ok_or_else(|| "an id has 1 to 200 characters without spaces".to_owned())
}

/// A name that says who it is.
pub(super) fn named(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    if name.is_empty() {
        Err("a name has at least one letter; leave it out to be called You")
    } else {
        Ok(name.to_owned())
    }
}

impl Deliberate {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let rounds = rounds(self.rounds, self.prompts.len())?;
        if self.estimate && rounds > 1 {
            return Err(Failure::Usage(
                "--estimate prices the first round: what a later one costs depends on what is said, and \
                 `husting session append ID --estimate` prices it then"
                    .to_owned(),
            ));
        }
        let asked = self.convene()?;
        through(invocation, async |door| match self.estimate {
            true => told(door, priced(asked)?, invocation.json).await,
            false => self.hold(door, asked, rounds, invocation.json).await,
        })
        .await
    }

    fn convene(&self) -> Result<Convene, Failure> {
        let is_input = |path: &&PathBuf| path.as_path() == Path::new("-");
        let of_input = self.references.iter().filter(is_input).count();
        if of_input + usize::from(self.question == "-") > 1 {
            return Err(Failure::Usage(
                "only one of question and references can come from standard input".to_owned(),
            ));
        }
        let prompt = if self.question == "-" {
            text_of(Path::new("-"))?
        } else {
            self.question.clone()
        };
        let (reference_name, reference) = references::read(&self.references)?.unzip();
        Ok(Convene {
            prompt,
            reference,
            reference_name,
            models: self.models.clone(),
            moderator_name: self.moderator.clone(),
            application: None,
            blind: self.blind,
            max_output_tokens: self.max_output_tokens.map(u64::from),
            deadline_seconds: self.deadline,
            spend_limit: self.spend_limit,
            recap_round: self.recap,
            improvement_consent: None,
        })
    }

    async fn hold(
        &self,
        door: &dyn Door,
        asked: Convene,
        rounds: u32,
        json: bool,
    ) -> Result<Exit, Failure> {
        let mut watch = Watch::begin(door, Tell::fitting(self.follow, json)).await?;
        let ack = ask::<ConveneSession>(door, asked).await.map_err(unopened)?;
        let mut exit = Exit::Done;
        let mut ended = ended(&mut watch, &ack, &mut exit).await?;
        let mut unbegun = None;
        for round in 1..rounds {
            if exit == Exit::Failed {
                break;
            }
            let prompt = self
                .prompts
                .get(round as usize - 1)
                .cloned()
                .unwrap_or_default();
            let session_id = ack.session_id;
            let next = AppendRound {
                session_id,
                prompt,
                snippets: Vec::new(),
                moderator_name: None,
                recap_round: self.recap,
                recap_session: self.recap && round + 1 == rounds,
            };
            let ack = match ask::<AppendToSession>(door, next).await {
                Ok(ack) => ack,
                // What was held before it is shown first.
                Err(Failure::Console(refused)) => {
                    unbegun = Some(Failure::Unbegun {
                        round: round + 1,
                        session: session_id,
                        refused: Box::new(refused),
                    });
                    break;
                }
                Err(fault) => return Err(fault),
            };
            ended = self::ended(&mut watch, &ack, &mut exit).await?;
        }
        let asked = Asked {
            from: 0,
            synthesis: self.recap && rounds > 1 && unbegun.is_none(),
        };
        let ended = written(&mut watch, ended, asked, &mut exit, json).await?;
        finish(door, &ended, None, self.follow, json).await?;
        unbegun.map_or(Ok(exit), Err)
    }
}

/// A session that was refused for the limit it was to have is not there to be given another.
fn unopened(refused: Failure) -> Failure {
    match refused {
        Failure::Console(error) if is_of_session(&error) => Failure::Unopened(error),
        refused => refused,
    }
}

/// What of a question decides its cost. What nobody would be asked has none.
fn priced(asked: Convene) -> Result<EstimateRound, Failure> {
    check_prompt(&asked.prompt)?;
    Ok(EstimateRound {
        models: asked.models,
        prompt_bytes: asked.prompt.len() as u64,
        reference_bytes: asked.reference.map_or(0, |text| text.len() as u64),
        max_output_tokens: asked.max_output_tokens,
        spend_limit: asked.spend_limit,
        recap_round: asked.recap_round,
        ..EstimateRound::default()
    })
}

/// Waits for a round's end; the worst end so far is the command's.
async fn ended(
    watch: &mut Watch<'_>,
    ack: &SessionAck,
    worst: &mut Exit,
) -> Result<SessionView, Failure> {
    let seen = watch.at_its_end(ack).await;
    let view = seen.map_err(|fault| unseen(fault, ack.session_id))?;
    let round = view
        .rounds
        .iter()
        .find(|round| round.round_id == ack.round_id)
        .map_or(Exit::Failed, exit_of);
    *worst = worse(*worst, round);
    Ok(view)
}

/// Whoever loses the instance while a round is waited for is told which session it was.
fn unseen(fault: Failure, session: SessionId) -> Failure {
    match fault {
        Failure::Unreachable { http, source } => Failure::RoundUnseen {
            http,
            session,
            source,
        },
        fault => fault,
    }
}

/// Waits for what is still being written about the rounds; without a recap the result is a part.
async fn written(
    watch: &mut Watch<'_>,
    view: SessionView,
    asked: Asked,
    worst: &mut Exit,
    json: bool,
) -> Result<SessionView, Failure> {
    let view = watch.until_written(view).await?;
    *worst = worse(*worst, exit_of_summaries(&view, asked, json));
    Ok(view)
}

/// A round that failed outright weighs more than one that lacks a part.
fn worse(one: Exit, other: Exit) -> Exit {
    match (one, other) {
        (Exit::Failed, _) | (_, Exit::Failed) => Exit::Failed,
        (one, other) => one.max(other),
    }
}

/// Runs a round that was asked for, with the session's `synthesis` or without, to its end and prints
/// what came of it.
pub(super) async fn see_through(
    door: &dyn Door,
    watch: &mut Watch<'_>,
    ack: &SessionAck,
    synthesis: bool,
    follow: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let view = ended(watch, ack, &mut exit).await?;
    let asked = Asked {
        from: ack.round_index,
        synthesis,
    };
    let view = written(watch, view, asked, &mut exit, json).await?;
    finish(door, &view, Some(ack.round_index), follow, json).await?;
    Ok(exit)
}

/// Prints the session: its record, or its transcript, of all rounds or of one; where the answers were told already,
/// without them.
async fn finish(
    door: &dyn Door,
    view: &SessionView,
    round: Option<u32>,
    follow: bool,
    json: bool,
) -> Result<(), Failure> {
    let session_id = view.summary.session_id;
    let format = match (follow, json) {
        // Each event was told.
        (true, true) => return Ok(()),
        (true, false) => ExportFormat::Outcome,
        (false, true) => ExportFormat::Json,
        (false, false) => ExportFormat::Md,
    };
    let export = ask::<WriteSession>(door, ExportSession { session_id, format }).await?;
    if follow {
        output::line("")?;
    }
    match round {
        Some(index) if !json => output::text(&newest_round(&export.text, index)),
        _ => output::text(&export.text),
    }?;
    // Beside what is printed, which may go into a file.
    if let (false, Some(newest)) = (json, view.rounds.last()) {
        for way in mending(newest) {
            eprintln!("{}", inert(&way));
        }
        if newest.can_retry {
            eprintln!("`husting session retry {session_id}` asks again the seats that failed.");
        }
    }
    Ok(())
}
