//! The audit log from outside the store: its heads sealed, the whole of it proved, taken away as a
//! case file that anybody can check without Husting's store.
//!
//! A chain alone shows a change only to whoever knows how it ended: with the store in their hands
//! anybody can make all of it anew. So the newest link is signed with a key that is where provider
//! keys are, at most once a second and when the program ends.
//!
//! Ed25519 is that of aws-lc-rs, which is linked for TLS already: it is maintained, its core is
//! formally verified, and a second implementation (ed25519-dalek) would bring older generations of
//! `sha2` and `rand_core` with it.

mod case_file;
mod checking;
mod exporting;
mod hex;
mod listing;
mod proof;
mod recorded;
mod sealing;
mod signing;

pub use self::case_file::{About, CaseCheck, CaseError, check_case};
pub use self::signing::{PublicKey, machine_key};

pub(crate) use self::recorded::Recorded;
pub(crate) use self::sealing::{Seals, keep_seals, mark_of};
pub(crate) use self::signing::KEY_NAME as SEAL_KEY;
