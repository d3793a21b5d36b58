//! The ways to trouble whoever is tested against a fake Discord.

use std::io;

use serde_json::{Value, json};

use super::{
    FakeDiscord, Strike, StrikeId, house,
    opcodes::{close, op},
};

/// Trouble.
impl FakeDiscord {
    /// Arms a fault.
    pub fn strike(&self, strike: Strike) -> StrikeId {
        self.house.act(|state| state.faults.arm(strike))
    }

    /// Disarms one.
    pub fn lift(&self, id: StrikeId) {
        self.house.act(|state| state.faults.lift(id));
    }

    /// Disarms all.
    pub fn lift_all(&self) {
        self.house.act(|state| state.faults.lift_all());
    }

    /// Lets everyone through a gate until it is closed again.
    pub fn open(&self, gate: &str) {
        self.house.gates.open(gate);
    }

    /// Stops everyone at a gate from now on.
    pub fn close_gate(&self, gate: &str) {
        self.house.gates.close(gate);
    }

    /// Lets so many through a gate, now or when they come.
    pub fn release(&self, gate: &str, count: usize) {
        self.house.gates.release(gate, count);
    }

    /// Returns once at least so many requests stand at the gate.
    pub async fn until_waiting(&self, gate: &str, count: usize) {
        self.house.gates.until_waiting(gate, count).await;
    }

    /// Sends op 7 to every connection.
    pub fn reconnect(&self) {
        self.broadcast(&json!({"op": op::RECONNECT, "d": null}));
    }

    /// Sends op 9 to every connection; without a chance to resume the sessions are gone.
    pub fn invalidate(&self, resumable: bool) {
        self.house.act(|state| state.invalidate(resumable));
    }

    /// Asks every connection for a heartbeat with op 1.
    pub fn ask_heartbeat(&self) {
        self.broadcast(&json!({"op": op::HEARTBEAT, "d": null}));
    }

    /// Closes every connection with this code.
    pub fn close_connections(&self, code: u16) {
        self.house.act(|state| {
            for connection in state.sessions.open_connections() {
                state.sessions.close(connection, code, close::reason(code));
            }
        });
    }

    /// Resets every gateway connection without a word: 1006 at the other end.
    pub fn drop_connections(&self) {
        self.house.act(|state| {
            for connection in state.sessions.open_connections() {
                state.sessions.drop_connection(connection);
            }
        });
    }

    /// Forgets every session that has no connection, as after a few minutes.
    pub fn expire_sessions(&self) {
        self.house
            .act(|state| state.sessions.expire(std::time::Duration::ZERO));
    }

    /// Refuses connections from now on; those that are open stay.
    ///
    /// # Errors
    /// When the port is lost.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.house.entrance.shut().await
    }

    /// Takes connections again.
    ///
    /// # Errors
    /// When the port is lost.
    pub fn accept_connections(&self) -> io::Result<()> {
        self.house.entrance.open(house::router(&self.house))
    }

    fn broadcast(&self, payload: &Value) {
        self.house.act(|state| {
            for connection in state.sessions.open_connections() {
                state.sessions.send(connection, payload.clone());
            }
        });
    }
}
