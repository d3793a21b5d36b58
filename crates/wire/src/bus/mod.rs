//! The bus: what agents call and read over MCP, and what the operator sees of it.

pub mod calls;
pub mod messages;
pub mod results;
