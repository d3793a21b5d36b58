//! What the guide shows of a command, for the tests of the program behind it.

/// The whole guide.
pub const TEXT: &str = include_str!("../../../docs/guide.md");

/// What stands behind a command in each of the guide's lines that begin with it, without its comment.
pub fn arguments_of(command: &str) -> Vec<&'static str> {
    let shown = TEXT.lines().filter_map(|line| line.strip_prefix(command));
    shown.filter_map(|line| line.split('#').next()).collect()
}
