//! Words that were typed and not yet sent; nothing typed is lost.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names a draft: `new`, or `session/<id>` for a steering tray.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DraftRef {
    /// Which, at most 100 characters.
    pub key: String,
}

/// Keeps a draft; an empty body drops it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// Which, at most 100 characters.
    pub key: String,
    /// JSON of the form's own making, at most 5 MiB.
    pub body: String,
}

/// A kept draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Its body; `None` when there is none.
    pub body: Option<String>,
}
