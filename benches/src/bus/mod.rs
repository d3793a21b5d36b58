//! Messages on the bus: how many are taken in a second, each on disk before its reply; how soon a
//! waiting reader has one; what waiting and writing take of memory; and what becomes of all this with
//! a million messages in the store.

pub mod archive;
mod growth;
mod recall;
mod senders;
mod stage;
mod waiting;

use std::path::Path;

pub use self::stage::messages;
use crate::figures::Figure;

/// Letters of a message.
const LETTERS: usize = 256;

/// All of it, one after the other.
pub async fn measure(husting: &Path, python: &Path, redis: &Path) -> anyhow::Result<Figure> {
    let mut series = senders::measure(husting, python, redis).await?;
    series.extend(waiting::measure(husting).await?);
    series.extend(growth::measure(husting).await?);
    series.extend(recall::measure(husting).await?);
    Ok(Figure::new("bus", series))
}

fn words() -> String {
    "The order in which facts became known is itself a fact. "
        .chars()
        .cycle()
        .take(LETTERS)
        .collect()
}
