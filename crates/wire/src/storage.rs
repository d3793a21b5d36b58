//! What the data folder takes.

use husting_domain::storage::StorageUse;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How much room Husting takes on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StorageView {
    /// The data folder.
    pub folder: String,
    /// Kinds that take room, in a fixed order.
    pub uses: Vec<StorageUse>,
    /// All of them together, in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}
