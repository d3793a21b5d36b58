//! A round's host in memory: scripted seats, and everything that was kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use husting_clock::{SharedClock, SystemClock};
use husting_deliberation::roster::Roster;
use husting_deliberation::round::{
    CallEnd, CallPlan, EndedCall, HostFault, Kept, RoundHost, RoundPlan, RoundResult, SeatPlan,
};
use husting_domain::calls::{Purpose, SeatErrorCode};
use husting_domain::exchange::{Prompt, SeatAnswer, SeatEvent, SeatFailure, SeatOutcome};
use husting_domain::ids::CallId;
use husting_domain::models::ModelId;
use husting_domain::money::Usage;
use husting_domain::rounds::Phase;
use husting_domain::snippets::{Snippet, SnippetType};
use husting_domain::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What a scripted seat says.
#[derive(Clone)]
pub enum Said {
    Answer(String),
    Failure(SeatErrorCode, String),
    /// Writes this and then waits to be stopped.
    UntilStopped(String),
    /// Writes each piece when it comes, until there are no more.
    Dictated(Dictation),
}

/// Pieces of an answer yet to come.
pub type Dictation = Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>>;

type Script = Box<dyn Fn(&Prompt) -> Said + Send + Sync>;

/// Everything the round had kept.
#[derive(Clone, Default)]
pub struct Record {
    pub asked: Vec<(CallPlan, Prompt)>,
    pub settled: Vec<EndedCall>,
    pub checkpoints: Vec<String>,
    pub phases: Vec<Phase>,
    pub repairs: usize,
    pub result: Option<RoundResult>,
    shown: HashMap<CallId, (ModelId, Purpose, String)>,
}

impl Record {
    pub fn code_of(&self, seat: &str, purpose: Purpose) -> Option<SeatErrorCode> {
        self.settled
            .iter()
            .filter(|ended| ended.call.model == id(seat) && ended.call.purpose == purpose)
            .find_map(|ended| match &ended.end {
                CallEnd::Failure { code, .. } => Some(*code),
                CallEnd::Answer { .. } | CallEnd::Unreadable { .. } => None,
            })
    }

    pub fn partial_of(&self, seat: &str) -> String {
        let ended = self
            .settled
            .iter()
            .find(|ended| ended.call.model == id(seat))
            .unwrap();
        match &ended.end {
            CallEnd::Failure { partial_text, .. } => partial_text.clone(),
            CallEnd::Answer { text, .. } | CallEnd::Unreadable { text, .. } => text.clone(),
        }
    }

    pub fn shown_of(&self, seat: &str) -> String {
        let shown = self
            .shown
            .values()
            .find(|(model, purpose, _)| *model == id(seat) && *purpose == Purpose::Respond);
        shown.map(|(_, _, text)| text.clone()).unwrap_or_default()
    }
}

/// The host.
pub struct Desk {
    clock: SharedClock,
    scripts: HashMap<(ModelId, Purpose), Script>,
    record: Mutex<Record>,
    written: watch::Sender<String>,
}

impl Desk {
    /// Every seat gives its own answer and keeps the first sentence of each other seat.
    pub fn debate(roster: &Roster) -> Self {
        let mut scripts: HashMap<(ModelId, Purpose), Script> = HashMap::new();
        for place in roster.places() {
            let name = place.model.to_string();
            let (said, reacted) = (answer(&name), reaction(roster, &name));
            scripts.insert(
                (place.model.clone(), Purpose::Respond),
                Box::new(move |_| Said::Answer(said.clone())),
            );
            scripts.insert(
                (place.model.clone(), Purpose::React),
                Box::new(move |_| Said::Answer(reacted.clone())),
            );
        }
        Self {
            clock: Arc::new(SystemClock),
            scripts,
            record: Mutex::default(),
            written: watch::Sender::default(),
        }
    }

    pub fn with(
        mut self,
        seat: &str,
        purpose: Purpose,
        script: impl Fn(&Prompt) -> Said + Send + Sync + 'static,
    ) -> Self {
        self.scripts.insert((id(seat), purpose), Box::new(script));
        self
    }

    pub fn on(self, clock: impl husting_clock::Clock) -> Self {
        Self {
            clock: Arc::new(clock),
            ..self
        }
    }

    pub fn kept(&self) -> Record {
        self.record.lock().unwrap().clone()
    }

    /// Returns once some seat has shown exactly these words.
    pub async fn until_written(&self, words: &str) {
        self.written
            .subscribe()
            .wait_for(|written| written == words)
            .await
            .unwrap();
    }

    fn note(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().unwrap());
    }
}

#[async_trait]
impl RoundHost for Desk {
    fn clock(&self) -> &SharedClock {
        &self.clock
    }

    fn nonce(&self, seat: &ModelId, block: &str) -> String {
        format!("nonce-{seat}-{}", block.replace(' ', "-"))
    }

    async fn ask(
        &self,
        call: &CallPlan,
        prompt: &Prompt,
        cancel: CancellationToken,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        self.note(|record| record.asked.push((call.clone(), prompt.clone())));
        let said = self.scripts[&(call.model.clone(), call.purpose)](prompt);
        let stopped = |text: String| {
            Err(SeatFailure {
                code: SeatErrorCode::Cancelled,
                message: "stopped".into(),
                partial_text: text,
                usage: Usage::default(),
            })
        };
        match said {
            Said::Answer(text) => {
                for chunk in chunks(&text) {
                    events.send(SeatEvent::Text(chunk)).await.unwrap();
                }
                Ok(whole(text))
            }
            Said::Dictated(coming) => {
                let (mut coming, mut text) = (coming.lock().await, String::new());
                while let Some(piece) = coming.recv().await {
                    text.push_str(&piece);
                    events.send(SeatEvent::Text(piece)).await.unwrap();
                }
                Ok(whole(text))
            }
            Said::Failure(code, partial_text) => {
                events
                    .send(SeatEvent::Text(partial_text.clone()))
                    .await
                    .unwrap();
                Err(SeatFailure {
                    code,
                    message: "the provider said no".into(),
                    partial_text,
                    usage: Usage::default(),
                })
            }
            Said::UntilStopped(text) => {
                events.send(SeatEvent::Text(text.clone())).await.unwrap();
                cancel.cancelled().await;
                stopped(text)
            }
        }
    }

    async fn enter(&self, phase: Phase, seats: &[ModelId]) -> Result<Vec<CallPlan>, HostFault> {
        self.note(|record| record.phases.push(phase));
        Ok(seats
            .iter()
            .map(|seat| call(seat, Purpose::React))
            .collect())
    }

    async fn open_repair(&self, seat: &ModelId) -> Result<Option<CallPlan>, HostFault> {
        self.note(|record| record.repairs += 1);
        Ok(Some(call(seat, Purpose::React)))
    }

    async fn first_text(&self, _: &CallPlan, _: Timestamp) -> Result<(), HostFault> {
        Ok(())
    }

    async fn checkpoint(&self, _: &CallPlan, text: &str) -> Result<(), HostFault> {
        self.note(|record| record.checkpoints.push(text.to_owned()));
        Ok(())
    }

    async fn settle(&self, ended: EndedCall) -> Result<(), HostFault> {
        self.note(|record| record.settled.push(ended));
        Ok(())
    }

    async fn finish(&self, result: RoundResult) -> Result<(), HostFault> {
        self.note(|record| record.result = Some(result));
        Ok(())
    }

    fn show(&self, call: &CallPlan, event: &SeatEvent) {
        let SeatEvent::Text(words) = event else {
            return;
        };
        let mut written = String::new();
        self.note(|record| {
            let shown = record
                .shown
                .entry(call.id)
                .or_insert_with(|| (call.model.clone(), call.purpose, String::new()));
            shown.2.push_str(words);
            written.clone_from(&shown.2);
        });
        self.written.send_replace(written);
    }
}

fn whole(text: String) -> SeatAnswer {
    SeatAnswer {
        text,
        usage: Usage {
            input: 10,
            output: 20,
            ..Usage::default()
        },
        finish_reason: "stop".into(),
        is_partial: false,
    }
}

pub fn id(name: &str) -> ModelId {
    ModelId::parse(name).unwrap()
}

pub fn answer(seat: &str) -> String {
    format!(
        "{seat} holds that the log comes first. {seat} would measure before choosing. {seat} is done."
    )
}

/// Keeps the first sentence of each other seat.
pub fn reaction(roster: &Roster, seat: &str) -> String {
    let others = roster
        .places()
        .iter()
        .filter(|place| place.model != id(seat));
    let items: Vec<String> = others
        .map(|place| {
            format!(
                r#"{{"type":"KEEP","quote":"{} holds that the log comes first.","quoted_model":"{}","comment":"Yes."}}"#,
                place.model, place.letter
            )
        })
        .collect();
    format!(r#"{{"snippets":[{}]}}"#, items.join(","))
}

pub fn snippets(quoted: &[&str]) -> Vec<Snippet> {
    let snippet = |seat: &&str| Snippet {
        kind: SnippetType::Core,
        quote: format!("{seat} would measure before choosing."),
        quoted_model: id(seat),
        comment: None,
        confidence: None,
        said_by: None,
    };
    quoted.iter().map(snippet).collect()
}

fn call(seat: &ModelId, purpose: Purpose) -> CallPlan {
    let at = Timestamp::from_micros(0);
    CallPlan {
        id: CallId(Uuid::now_v7()),
        model: seat.clone(),
        purpose,
        started_at: at,
        deadline_at: at.plus_millis(150_000),
    }
}

pub fn plan(seats: &[&str]) -> RoundPlan {
    let models: Vec<ModelId> = seats.iter().map(|seat| id(seat)).collect();
    RoundPlan {
        index: 0,
        prompt: "Which comes first?".into(),
        snippets: Vec::new(),
        reference: Some("The log is the truth.".into()),
        roster: Roster::new(
            models
                .iter()
                .map(|model| (model.clone(), model.to_string()))
                .collect(),
            3,
            true,
        ),
        seats: models
            .iter()
            .map(|model| SeatPlan {
                model: model.clone(),
                max_output_tokens: 1_000,
            })
            .collect(),
        past: Vec::new(),
        kept: Kept::default(),
        calls: models
            .iter()
            .map(|model| call(model, Purpose::Respond))
            .collect(),
        started_at: Timestamp::from_micros(0),
    }
}

/// Pieces of a text, cut at odd places.
pub fn chunks(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(7)
        .map(|chunk| chunk.iter().collect())
        .collect()
}

/// A prompt's user messages with everything inside fences left out.
pub fn outside_fences(prompt: &Prompt) -> String {
    let mut outside = String::new();
    for message in &prompt.messages {
        let mut inside: Option<String> = None;
        for line in message.text.lines() {
            let nonce = line
                .strip_suffix(">>>")
                .and_then(|head| head.rsplit(' ').next())
                .filter(|nonce| nonce.starts_with("nonce-"));
            match (&inside, nonce) {
                (None, Some(nonce)) if line.starts_with("<<<") => {
                    outside.push_str(line);
                    inside = Some(nonce.to_owned());
                }
                (Some(open), Some(nonce))
                    if line == format!("<<<end {nonce}>>>") && open == nonce =>
                {
                    inside = None
                }
                (None, _) => outside.push_str(line),
                (Some(_), _) => {}
            }
            outside.push('\n');
        }
    }
    // Lines inside fences differ in number between runs; what stands outside does not.
    outside
        .split('\n')
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}
