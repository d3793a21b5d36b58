//! Plays one answer onto its socket: pieces, gates, pace and the script's fault.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures::Stream;
use tokio::{sync::mpsc, time::Instant};

use crate::{
    asked::Asked,
    door::Line,
    fault::Fault,
    gates::{GatePoint, Gates},
    record::{Outcome, Records},
    script::Behaviour,
    slices::Slicer,
    speech::{Frame, Speech, Stop},
    tokens::{self, Usage, estimate},
    wire::Wire,
};

/// Pieces of a [`Fault::HugeOutput`], large so that it does not take all day.
const HUGE_PIECE: usize = 1024;

/// What the body of a response is fed with.
enum Piece {
    Bytes(Frame),
    /// The socket is reset after what was sent.
    Reset,
    /// The body breaks off without its last HTTP chunk.
    Break,
}

/// The client is gone.
struct Gone;

/// What a fault makes of a running answer.
enum Struck {
    Not,
    Stopped(Stop),
    Over(Outcome),
}

pub(crate) struct Playback {
    number: usize,
    asked: Asked,
    behaviour: Behaviour,
    records: Records,
    gates: Gates,
    speech: Box<dyn Speech>,
    slicer: Slicer,
    stage: mpsc::Sender<Piece>,
    usage: Usage,
    sent: String,
}

impl Playback {
    /// The performance, to be run, and the body it feeds.
    pub(crate) fn new(
        wire: Wire,
        number: usize,
        asked: Asked,
        behaviour: Behaviour,
        records: Records,
        gates: Gates,
        line: Line,
    ) -> (Self, Body) {
        let (stage, pieces) = mpsc::channel(1);
        let playback = Playback {
            number,
            speech: wire.speech(&asked, &behaviour, number),
            slicer: Slicer::new(behaviour.options.slicing.clone()),
            usage: prompt_usage(&asked, &behaviour),
            asked,
            behaviour,
            records,
            gates,
            stage,
            sent: String::new(),
        };
        (
            playback,
            Body::from_stream(Pieces {
                pieces,
                line,
                due: true,
            }),
        )
    }

    pub(crate) async fn run(mut self) {
        let (stage, records, number) = (self.stage.clone(), self.records.clone(), self.number);
        let outcome = tokio::select! {
            biased;
            outcome = self.play() => outcome.unwrap_or(Outcome::Abandoned),
            () = stage.closed() => Outcome::Abandoned,
        };
        records.end(number, outcome);
    }

    async fn play(&mut self) -> Result<Outcome, Gone> {
        if self.behaviour.fault == Some(Fault::NeverFirstByte { headers: true }) {
            std::future::pending::<Infallible>().await;
        }
        let (text, stop) = self.script_text();
        let sizes = self.token_sizes();
        let pieces = tokens::split(&text, &sizes);
        if self.asked.reading.stream {
            self.stream(&pieces, &sizes, stop).await
        } else {
            self.whole(&pieces, stop).await
        }
    }

    async fn stream(
        &mut self,
        pieces: &[String],
        sizes: &[usize],
        mut stop: Stop,
    ) -> Result<Outcome, Gone> {
        let opening = Usage {
            output: 1,
            ..self.usage
        };
        let frames = self.speech.open(opening);
        self.send_all(frames).await?;
        self.ping_at(0).await?;
        self.reason(sizes).await?;
        let started = Instant::now();
        for (index, piece) in pieces.iter().enumerate() {
            match self.strike(index, false).await? {
                Struck::Not => {}
                Struck::Over(outcome) => return Ok(outcome),
                Struck::Stopped(early) => {
                    stop = early;
                    break;
                }
            }
            self.wait_for_turn(index, started).await?;
            self.say(piece).await?;
            self.ping_at(index + 1).await?;
        }
        if stop == Stop::End
            && let Struck::Over(outcome) = self.strike(pieces.len(), true).await?
        {
            return Ok(outcome);
        }
        self.pass(GatePoint::BeforeEnd).await?;
        let frames = self.speech.close(stop, self.usage);
        self.send_all(frames).await?;
        self.flush().await?;
        Ok(Outcome::Finished)
    }

    /// One object instead of a stream. Faults in mid-stream strike in the middle of it.
    async fn whole(&mut self, pieces: &[String], mut stop: Stop) -> Result<Outcome, Gone> {
        let mut said = pieces.len();
        if let Some(Fault::LengthStop { after_tokens }) = self.behaviour.fault {
            (said, stop) = (said.min(after_tokens as usize), Stop::Length);
        }
        self.pass_all().await?;
        self.count_reasoning();
        for piece in &pieces[..said] {
            self.count(piece);
        }
        let marker = (self.behaviour.fault != Some(Fault::NoFinalMarker)).then_some(stop);
        let body = self
            .speech
            .whole(
                &self.behaviour.options.reasoning,
                &self.sent,
                marker,
                self.usage,
            )
            .to_string()
            .into_bytes();
        let half = body.len() / 2;
        if matches!(
            self.behaviour.fault,
            Some(Fault::LengthStop { .. } | Fault::NoFinalMarker)
        ) || self.strikes_after().is_none()
        {
            self.send(body).await?;
            return Ok(if marker.is_some() {
                Outcome::Finished
            } else {
                Outcome::Faulted
            });
        }
        self.send(body[..half].to_vec()).await?;
        match self.break_off().await? {
            Struck::Over(outcome) => Ok(outcome),
            Struck::Not | Struck::Stopped(_) => Ok(Outcome::Faulted),
        }
    }

    /// The words and why they end, before any fault: the request's limit is kept as a vendor keeps it.
    fn script_text(&self) -> (String, Stop) {
        if let Some(Fault::HugeOutput { bytes }) = self.behaviour.fault {
            return (filler(bytes), Stop::End);
        }
        let text = self.behaviour.answer.words(&self.asked);
        let Some(limit) = self.asked.reading.max_tokens else {
            return (text, Stop::End);
        };
        let left = limit.saturating_sub(estimate(self.behaviour.options.reasoning.len()));
        let kept = tokens::truncate(&text, left);
        if kept.len() == text.len() {
            (text, Stop::End)
        } else {
            (kept.to_owned(), Stop::Length)
        }
    }

    fn token_sizes(&self) -> Vec<usize> {
        match self.behaviour.fault {
            Some(Fault::HugeOutput { .. }) if self.behaviour.options.token_sizes.is_empty() => {
                vec![HUGE_PIECE]
            }
            _ => self.behaviour.options.token_sizes.clone(),
        }
    }

    fn strikes_after(&self) -> Option<usize> {
        self.behaviour
            .fault
            .as_ref()
            .and_then(Fault::strikes_after)
            .map(|after| after as usize)
    }

    async fn strike(&mut self, index: usize, at_end: bool) -> Result<Struck, Gone> {
        match self.strikes_after() {
            Some(after) if after == index || (at_end && after > index) => self.break_off().await,
            _ => Ok(Struck::Not),
        }
    }

    async fn break_off(&mut self) -> Result<Struck, Gone> {
        self.flush().await?;
        let last = match self.behaviour.fault {
            Some(Fault::LengthStop { .. }) => return Ok(Struck::Stopped(Stop::Length)),
            Some(Fault::SilenceMidStream { .. }) => std::future::pending().await,
            Some(Fault::Cut { .. }) => Piece::Reset,
            Some(Fault::Truncated { .. }) => Piece::Break,
            Some(Fault::ErrorEventMidStream { .. }) => Piece::Bytes(self.speech.error()),
            Some(Fault::Garbage { .. }) if self.asked.reading.stream => {
                Piece::Bytes(self.speech.broken())
            }
            _ => return Ok(Struck::Over(Outcome::Faulted)),
        };
        self.stage.send(last).await.map_err(|_| Gone)?;
        Ok(Struck::Over(Outcome::Faulted))
    }

    async fn wait_for_turn(&mut self, index: usize, started: Instant) -> Result<(), Gone> {
        self.pass(GatePoint::BeforeToken(
            u32::try_from(index).unwrap_or(u32::MAX),
        ))
        .await?;
        if let Some(rate) = self.behaviour.pace.tokens_per_second {
            self.flush().await?;
            let due = Duration::from_secs(1)
                .saturating_mul(u32::try_from(index).unwrap_or(u32::MAX))
                / rate.max(1);
            tokio::time::sleep_until(started + due).await;
        }
        Ok(())
    }

    async fn pass(&mut self, at: GatePoint) -> Result<(), Gone> {
        let names = gate_names(&self.behaviour, &self.asked, |place| place == at);
        if !names.is_empty() {
            self.flush().await?;
        }
        for name in names {
            self.gates.pass(&name).await;
        }
        Ok(())
    }

    async fn pass_all(&mut self) -> Result<(), Gone> {
        for name in gate_names(&self.behaviour, &self.asked, |place| {
            place != GatePoint::BeforeResponse
        }) {
            self.gates.pass(&name).await;
        }
        Ok(())
    }

    async fn reason(&mut self, sizes: &[usize]) -> Result<(), Gone> {
        let reasoning = self.behaviour.options.reasoning.clone();
        for piece in tokens::split(&reasoning, sizes) {
            let frames = self.speech.reasoning(&piece);
            self.send_all(frames).await?;
        }
        self.count_reasoning();
        Ok(())
    }

    async fn say(&mut self, piece: &str) -> Result<(), Gone> {
        let frames = self.speech.text(piece);
        self.count(piece);
        self.records.text(self.number);
        self.send_all(frames).await
    }

    async fn ping_at(&mut self, index: usize) -> Result<(), Gone> {
        match self.behaviour.options.pings_every {
            Some(every) if index.is_multiple_of(every.max(1) as usize) => {
                let ping = self.speech.ping();
                self.send(ping).await
            }
            _ => Ok(()),
        }
    }

    fn count_reasoning(&mut self) {
        self.usage.reasoning = estimate(self.behaviour.options.reasoning.len());
        self.count("");
    }

    fn count(&mut self, piece: &str) {
        self.sent.push_str(piece);
        let produced = self.usage.reasoning + estimate(self.sent.len());
        self.usage.output = self.behaviour.options.output_tokens.unwrap_or(produced);
        let usage = self.usage;
        self.records.change(self.number, |record| {
            record.usage = Some(usage);
            record.sent.push_str(piece);
        });
    }

    async fn send_all(&mut self, frames: Vec<Frame>) -> Result<(), Gone> {
        for frame in frames {
            self.send(frame).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frame: Frame) -> Result<(), Gone> {
        for piece in self.slicer.push(&frame) {
            self.stage
                .send(Piece::Bytes(piece))
                .await
                .map_err(|_| Gone)?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        match self.slicer.flush() {
            Some(rest) => self.stage.send(Piece::Bytes(rest)).await.map_err(|_| Gone),
            None => Ok(()),
        }
    }
}

/// What the prompt alone is billed for.
pub(crate) fn prompt_usage(asked: &Asked, behaviour: &Behaviour) -> Usage {
    let input = estimate(asked.prompt_bytes());
    let cache_read = behaviour.options.cached_tokens.min(input);
    let cache_write = behaviour.options.cache_write_tokens.min(input - cache_read);
    Usage {
        input,
        cache_read,
        cache_write,
        ..Usage::default()
    }
}

/// The gates of a behaviour at certain places, by their full names.
pub(crate) fn gate_names(
    behaviour: &Behaviour,
    asked: &Asked,
    place: impl Fn(GatePoint) -> bool,
) -> Vec<String> {
    let there = behaviour.gates.iter().filter(|gate| place(gate.at));
    there
        .map(|gate| gate.name.replace("{model}", asked.model()))
        .collect()
}

fn filler(bytes: usize) -> String {
    let sentence = "And there is more to say about this. ";
    let mut text = sentence.repeat(bytes.div_ceil(sentence.len()));
    text.truncate(bytes);
    text
}

/// The body. It rests after every piece, so that each is flushed before the next is even looked at.
struct Pieces {
    pieces: mpsc::Receiver<Piece>,
    line: Line,
    due: bool,
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !std::mem::replace(&mut self.due, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(piece) = self.pieces.poll_recv(cx) else {
            return Poll::Pending;
        };
        self.due = false;
        Poll::Ready(piece.map(|piece| match piece {
            Piece::Bytes(bytes) => Ok(Bytes::from(bytes)),
            Piece::Reset => {
                self.line.reset_on_close();
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Piece::Break => Err(io::ErrorKind::UnexpectedEof.into()),
        }))
    }
}
