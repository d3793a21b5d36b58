//! The claim map crosses as the domain has it.

pub use husting_domain::claims::{
    Claim, ClaimGroup, ClaimMap, ClaimRef, Move, Nearest, Position, Reactor, Unverified,
};
