//! Tenants and agents: minted, looked up without the store, changed while they work, and ended at
//! once.
//!
//! The store is the truth and [`registry::LiveAgents`] its picture in memory, from which every call
//! is let in. A change is committed first and then shown there; a unit that was let in by an older
//! picture names that picture's epoch, and is refused by the store. So nothing is taken in once a
//! change is on disk, however it raced.

mod changes;
mod connections;
mod connector;
mod denials;
mod expiry;
mod holder;
mod listing;
mod managers;
mod minting;
pub(crate) mod registry;
mod revocation;
mod rotation;
mod spending;
mod tenants;
mod touched;
mod views;

pub use self::connections::{Connection, Kept};
pub(crate) use self::denials::{Lack, insufficient};
pub(crate) use self::expiry::keep_ends;
pub use self::holder::{AgentHolder, BusDoor};
pub(crate) use self::listing::{agent_not_found, invalid_body};
pub use self::managers::{Manager, TenantHolder};
pub(crate) use self::minting::checked_text;
pub(crate) use self::registry::Left;
pub(crate) use self::revocation::{accepted, ended_name, ended_tails};
pub(crate) use self::touched::{Touched, keep_touched};
pub(crate) use self::views::liveness;
