//! Where keys are kept, and what the operator must choose or unlock.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::providers::KeptIn;

/// State of the key store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SecretsView {
    /// Keys can be written and read.
    Ready {
        /// Where.
        kept_in: KeptIn,
    },
    /// A sealed file waits for its passphrase.
    Locked {
        /// A sentence.
        message: String,
    },
    /// A keyring answers and is locked: its owner unlocks it, or the operator chooses another place.
    KeyringLocked {
        /// The system's own words.
        system_words: String,
    },
    /// No keyring answers; the operator chooses.
    NeedsChoice {
        /// The system's own words.
        system_words: String,
    },
}

/// Chooses where keys are kept, or unlocks it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseSecrets {
    /// Where.
    pub keep_in: KeptIn,
    /// For the sealed file; at least 12 characters when it is made.
    #[serde(default)]
    #[ts(optional)]
    pub passphrase: Option<String>,
    /// Makes the sealed file where there is none. Without it one is opened, and never made.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub make: bool,
}

impl std::fmt::Debug for ChooseSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChooseSecrets")
            .field("keep_in", &self.keep_in)
            .field("make", &self.make)
            .finish_non_exhaustive()
    }
}
