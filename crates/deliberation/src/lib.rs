//! Deliberation: rounds of answers and reactions, verified quotes, the claim map.
//!
//! Pure rules stand in one module each; [`round`] is the only one that waits for anything, and it
//! asks its host for everything that is not a rule: models, money, the store, the clock.

mod citations;
pub mod claims;
pub mod confidence;
pub mod hygiene;
pub mod prompts;
pub mod quotes;
pub mod reactions;
pub mod recaps;
pub mod roster;
pub mod round;
pub mod sentences;
pub mod steering;
mod tolerant;
