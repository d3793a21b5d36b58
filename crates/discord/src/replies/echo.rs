//! The context block of a question, as an agent gives it back.

use std::ops::Range;

use husting_domain::discord::RequestId;
use husting_domain::worded::{BLOCK_BEGIN, BLOCK_END};
use serde::Deserialize;

/// All that is taken from a block that comes back.
#[derive(Deserialize)]
struct Named {
    request_id: RequestId,
}

/// A block with its place in the text, and the question that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) at: Range<usize>,
    pub(super) request: Option<RequestId>,
}

/// All blocks of a text, in their order. One that nobody ended goes to the end of its line.
pub(super) fn echoes(text: &str) -> Vec<Echo> {
    let mut found = Vec::new();
    let mut from = 0;
    // Lower-case ASCII has the same length, so that places are the same.
    let lower = text.to_ascii_lowercase();
    while let Some(begin) = lower[from..].find(BLOCK_BEGIN).map(|at| from + at) {
        let inside = begin + BLOCK_BEGIN.len();
        let (json, end) = ended(text, inside);
        let request = named(json);
        found.push(Echo {
            at: begin..end,
            request,
        });
        from = end;
    }
    found
}

/// What stands in a block, and where the block ends.
fn ended(text: &str, inside: usize) -> (&str, usize) {
    let rest = &text[inside..];
    rest.find(BLOCK_END).map_or_else(
        || {
            let line = rest.lines().next().unwrap_or_default();
            (line, inside + line.len())
        },
        |at| (&rest[..at], inside + at + BLOCK_END.len()),
    )
}

/// The question that a block names, also when what is around its id was changed on the way.
fn named(json: &str) -> Option<RequestId> {
    let whole: Option<Named> = serde_json::from_str(json).ok();
    whole.map(|named| named.request_id).or_else(|| {
        let (_, behind) = json.split_once("request_id")?;
        let id = behind.trim_start_matches(|char: char| !char.is_ascii_hexdigit());
        id.get(..36)?.parse().ok().map(RequestId)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ID: &str = "0199d1f0-0000-7000-8000-000000000000";

    #[rstest]
    #[case::whole(
        "a <!--mumega-discord-ctx:{\"guild_id\":null,\"request_id\":\"ID\"}--> b",
        " b",
        true
    )]
    #[case::shouted("a <!--MUMEGA-discord-ctx:{\"request_id\":\"ID\"}--> b", " b", true)]
    #[case::broken_json("a <!--mumega-discord-ctx:{request_id: ID --> b", " b", true)]
    #[case::never_ended("a <!--mumega-discord-ctx:{\"request_id\":\"ID\"}\nb", "\nb", true)]
    #[case::of_nothing("a <!--mumega-discord-ctx:--> b", " b", false)]
    #[case::of_no_id("a <!--mumega-discord-ctx:{\"request_id\":\"é\"}--> b", " b", false)]
    fn a_block_names_its_question(
        #[case] text: &str,
        #[case] behind: &str,
        #[case] is_named: bool,
    ) {
        let text = text.replace("ID", ID);
        let found = echoes(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].request.is_some(), is_named);
        assert_eq!(
            (&text[..found[0].at.start], &text[found[0].at.end..]),
            ("a ", behind)
        );
    }

    #[test]
    fn other_comments_are_no_blocks() {
        assert_eq!(echoes("<!-- mumega --> <!--x-->"), []);
    }
}
