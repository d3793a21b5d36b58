//! Where keys are kept, and what the operator must choose or unlock.

use std::fmt;

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
        /// Keys that are used and cannot be read from there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        left: Option<LeftKeys>,
    },
    /// A sealed file is there and not open.
    Locked {
        /// Why, as a sentence.
        message: String,
        /// What opens it; its passphrase where nothing else is said.
        #[serde(default)]
        #[ts(optional, as = "Option<Opener>")]
        opener: Opener,
    },
    /// Keys are to be kept in a sealed file, and what was given makes none; the operator mends that or chooses.
    NoFile {
        /// Why, as a sentence.
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

/// What opens a sealed file that is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Opener {
    /// Its passphrase, which can be given at any time.
    #[default]
    Passphrase,
    /// The next start, once what the message says is mended; nothing that is typed before it.
    Restart,
}

/// Keys that stayed where keys were kept before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeftKeys {
    /// How many.
    pub count: u32,
    /// Where they lie, as far as anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_in: Option<KeptIn>,
}

/// What cannot be read, and the line that goes back to it.
impl fmt::Display for LeftKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keys, stay, them) = match self.count {
            1 => ("1 key".to_owned(), "stays", "it"),
            many => (format!("{many} keys"), "stay", "them"),
        };
        let (place, line) = match self.kept_in {
            Some(KeptIn::SealedFile) => (
                "the sealed file",
                "`husting secrets file --passphrase-stdin` goes",
            ),
            Some(KeptIn::Keyring) => ("the system's keyring", "`husting secrets keyring` goes"),
            Some(KeptIn::Memory) | None => {
                return write!(
                    f,
                    "{keys} cannot be read from here: give {them} anew, with `husting provider key` or in Settings."
                );
            }
        };
        write!(
            f,
            "{keys} {stay} in {place} and cannot be read from here: {line} back to {them}."
        )
    }
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

impl fmt::Debug for ChooseSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChooseSecrets")
            .field("keep_in", &self.keep_in)
            .field("make", &self.make)
            .finish_non_exhaustive()
    }
}
