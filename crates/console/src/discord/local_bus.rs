//! The bus of this program, as the bridge needs it: the same use cases that agents reach over MCP, called
//! as the bridge's own agent.
