//! A bus over MCP.

/// How a bus is reached.
#[derive(Clone, Debug)]
pub struct RemoteOptions;

/// A bus over MCP.
#[derive(Debug)]
pub struct RemoteBus;
