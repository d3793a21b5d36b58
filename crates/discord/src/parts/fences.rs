//! Code blocks: between a fence of three or more backticks or tildes, and one of the same kind that is no
//! shorter. (Discord itself knows backticks alone; tildes are kept together all the same.)

/// Longer ones, and longer names of languages, are passed over: they would fill what they are to divide.
const LONGEST: usize = 32;

/// The fence that a code block began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    /// Space before it, then its backticks or tildes.
    mark: String,
    /// The language beside it.
    language: String,
}

impl Fence {
    /// The line that opens such a block again.
    pub(super) fn opening(&self) -> String {
        format!("{}{}\n", self.mark, self.language)
    }

    /// The line that closes it.
    pub(super) fn closing(&self) -> String {
        format!("\n{}", self.mark)
    }

    /// Whether a line closes it.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let own = self.mark.trim_start();
        let line = line.trim();
        let is_same = own
            .chars()
            .next()
            .is_some_and(|kind| line.chars().all(|char| char == kind));
        is_same && line.len() >= own.len()
    }
}

/// The fence that a line opens.
fn opened_by(line: &str) -> Option<Fence> {
    let line = line.trim_end();
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let kind = line[indent..]
        .chars()
        .next()
        .filter(|kind| matches!(kind, '`' | '~'))?;
    let count = line[indent..]
        .chars()
        .take_while(|char| *char == kind)
        .count();
    let (mark, info) = line.split_at(indent + count);
    // A block that ends on its own line is no block of lines.
    let is_inline = kind == '`' && info.contains('`');
    if count < 3 || is_inline || mark.len() > LONGEST {
        return None;
    }
    let language = info.split_whitespace().next().unwrap_or_default();
    let language = if language.len() > LONGEST {
        ""
    } else {
        language
    };
    Some(Fence {
        mark: mark.to_owned(),
        language: language.to_owned(),
    })
}

/// The fence after a line, from the one before it.
pub(super) fn after(fence: Option<Fence>, line: &str) -> Option<Fence> {
    match fence {
        Some(fence) if fence.is_closed_by(line) => None,
        Some(fence) => Some(fence),
        None => opened_by(line),
    }
}

/// The fence that is open at the end of a text, which begins within `fence`. A last line that is not ended
/// opens nothing yet.
pub(super) fn at_end(mut fence: Option<Fence>, text: &str) -> Option<Fence> {
    for line in text.split_inclusive('\n') {
        fence = after(fence, line);
    }
    fence
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("```rust\nlet a;", Some("```rust\n"))]
    #[case("```rust\nlet a;\n```", None)]
    #[case("~~~\na\n```\n", Some("~~~\n"))]
    #[case("````md\n```rust\na\n```\n", Some("````md\n"))]
    #[case("````md\n```rust\na\n```\n````", None)]
    #[case("```\na\n`````", None)]
    #[case("```\na\n```rust", Some("```\n"))]
    #[case("- x\n  ```sh copy\n  ls", Some("  ```sh\n"))]
    #[case("```a``` is inline\n", None)]
    #[case("``\n", None)]
    fn what_is_open_is_known(#[case] text: &str, #[case] opening: Option<&str>) {
        let open = at_end(None, text).map(|fence| fence.opening());
        assert_eq!(open.as_deref(), opening);
    }
}
