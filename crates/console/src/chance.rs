//! Ids and randomness, made in one place so that everything else can be given them.

use husting_domain::ids::{
    AgentId, CallId, DenialId, HoldId, KeyId, MessageId, NoteId, RoundId, RunId, SessionId,
    TokenId, TransactionId,
};
use rand::RngCore;
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! fresh {
    ($($name:ident -> $id:ident),+ $(,)?) => {$(
        /// A new id, later than all before it.
        #[must_use]
        pub fn $name() -> $id {
            $id(Uuid::now_v7())
        }
    )+};
}

fresh!(session_id -> SessionId, round_id -> RoundId, call_id -> CallId, hold_id -> HoldId, transaction_id -> TransactionId, key_id -> KeyId, agent_id -> AgentId, token_id -> TokenId, message_id -> MessageId, denial_id -> DenialId, note_id -> NoteId, run_id -> RunId);

/// 32 random bytes as hexadecimal digits, from the system's generator.
#[must_use]
pub fn secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// A number drawn from what a session was asked, so that the same question to the same panel
/// seats and orders it the same way.
#[must_use]
pub fn seed_of(parts: &[&str]) -> u64 {
    let digest = digest(parts);
    // The store keeps integers of 63 bits.
    digest[..8]
        .iter()
        .fold(0_u64, |seed, byte| (seed << 8) | u64::from(*byte))
        >> 1
}

/// Sixteen hexadecimal digits that only the holder of `secret` can know.
#[must_use]
pub fn nonce(secret: &str, parts: &[&str]) -> String {
    let keyed: Vec<&str> = std::iter::once(secret)
        .chain(parts.iter().copied())
        .collect();
    hex(&digest(&keyed)[..8])
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        // Lengths keep ("ab", "c") apart from ("a", "bc").
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(nonce("s", &["ab", "c"]), nonce("s", &["a", "bc"]));
        assert_ne!(nonce("s", &["ab"]), nonce("t", &["ab"]));
        assert_eq!(nonce("s", &["ab"]).len(), 16);
    }

    #[test]
    fn seeds_fit_the_store() {
        for word in ["a", "b", "c", "d", "e", "f", "g"] {
            assert!(i64::try_from(seed_of(&[word])).is_ok());
        }
    }
}
