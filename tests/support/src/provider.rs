//! A running provider, as a test holds it.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::Router;

use crate::{
    control,
    door::Entrance,
    gates::Gates,
    record::{Recorded, Records, Tally},
    routes::{self, House},
    script::{Casting, Script},
    wire::Wire,
};

/// A provider on a loopback socket. It stops listening when it is dropped.
pub struct FakeProvider {
    house: Arc<House>,
    /// Held for its listener alone.
    control: Option<Entrance>,
}

impl FakeProvider {
    /// Starts on a free port of the loopback address.
    ///
    /// # Errors
    /// Where no socket can be bound.
    pub async fn start(wire: Wire, script: Script) -> io::Result<Self> {
        Self::start_at(wire, script, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Starts on the given address; must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Where the address is taken or not ours.
    pub fn start_at(wire: Wire, script: Script, address: SocketAddr) -> io::Result<Self> {
        let refuse = script.refuse_connections;
        let house = Arc::new(House {
            wire,
            casting: Mutex::new(Casting::new(script)),
            records: Records::new(),
            gates: Gates::default(),
            entrance: Entrance::bind(address)?,
        });
        if !refuse {
            house.entrance.open(routes::router(&house))?;
        }
        Ok(FakeProvider {
            house,
            control: None,
        })
    }

    /// Serves `/__control` and `/__requests` on a second address too, which stays open when the first
    /// refuses connections; returns its origin.
    ///
    /// # Errors
    /// Where the address cannot be bound.
    pub fn serve_control(&mut self, address: SocketAddr) -> io::Result<String> {
        let entrance = Entrance::bind(address)?;
        entrance.open(Router::new().merge(control::router(&self.house)))?;
        let origin = origin(entrance.address());
        self.control = Some(entrance);
        Ok(origin)
    }

    /// Writes a JSON line for each request when it is over.
    pub fn log_to(&self, log: impl Write + Send + 'static) {
        self.house.records.log_to(Box::new(log));
    }

    /// `http://127.0.0.1:PORT/v1`, the form in which OpenAI-compatible servers are configured;
    /// `…/v1beta` for Gemini.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.origin(), self.house.wire.version())
    }

    /// `http://127.0.0.1:PORT`, the form in which Anthropic's and Ollama's servers are configured.
    pub fn origin(&self) -> String {
        origin(self.address())
    }

    /// The socket's address.
    pub fn address(&self) -> SocketAddr {
        self.house.entrance.address()
    }

    /// The moment the records' times are counted from.
    pub fn since(&self) -> Instant {
        self.house.records.since()
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.house.records.all()
    }

    /// Counts of calls so far.
    pub fn tally(&self) -> Tally {
        self.house.records.tally()
    }

    /// Calls begun: valid requests for a completion.
    pub fn calls_started(&self) -> usize {
        self.tally().started
    }

    /// Calls answered in full.
    pub fn calls_finished(&self) -> usize {
        self.tally().finished
    }

    /// Returns once `count` calls have begun.
    pub async fn until_started(&self, count: usize) {
        self.house
            .records
            .until(|tally| tally.started >= count)
            .await;
    }

    /// Returns once `count` calls are over, answered or not.
    pub async fn until_ended(&self, count: usize) {
        self.house.records.until(|tally| tally.ended >= count).await;
    }

    /// Puts another script on; calls already begun keep theirs.
    pub fn swap(&self, script: Script) {
        self.house.casting().swap(script);
    }

    /// Lets every call through a gate, until it is closed again.
    pub fn open(&self, gate: &str) {
        self.house.gates.open(gate);
    }

    /// Closes a gate that was opened.
    pub fn close(&self, gate: &str) {
        self.house.gates.close(gate);
    }

    /// Lets `count` calls through a gate, now or when they come.
    pub fn release(&self, gate: &str, count: usize) {
        self.house.gates.release(gate, count);
    }

    /// Returns once at least `count` calls stand at a gate.
    pub async fn until_waiting(&self, gate: &str, count: usize) {
        self.house.gates.until_waiting(gate, count).await;
    }

    /// Refuses connections from now on. Requests under way go on, idle connections are closed.
    ///
    /// # Errors
    /// Where the port cannot be kept.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.house.entrance.shut().await
    }

    /// Takes connections again.
    ///
    /// # Errors
    /// Where the port cannot be listened on.
    pub fn accept_connections(&self) -> io::Result<()> {
        self.house.entrance.open(routes::router(&self.house))
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        // The server holds the house, so the house's own drop would come too late.
        self.house.entrance.stop();
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}
