//! Mail of an agent, taken apart.

use std::ops::Range;

use husting_domain::discord::RequestId;

use super::echo;
use super::tokens::{self, Token};
use super::without::without;
use crate::bus::Mail;

/// What stands before the words of a reply that says it failed.
const WARNING: &str = "⚠️";

/// Mail of an agent, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadReply {
    /// The question that its token names.
    pub ack_for: Option<RequestId>,
    /// What it says beside the token: whether it was done.
    pub ok: bool,
    /// The question that an echoed context block names. Nothing else of the block is taken: an agent could
    /// write one that leads anywhere.
    pub ctx: Option<RequestId>,
    /// The question that it was sent as an answer to, as the bus tells; of its text alone nobody knows.
    pub answers: Option<RequestId>,
    /// Its words, without tokens and blocks. Empty when there are none: an acknowledgement alone, of which
    /// nothing is posted unless it says that it failed.
    pub text: String,
}

/// Takes mail apart. Of several tokens the first that names an id of ours counts, as it does for the bus;
/// all of them go, as do all blocks, of which again the first counts.
#[must_use]
pub fn read(mail: &Mail) -> ReadReply {
    let text = mail.text.as_str();
    let blocks = echo::echoes(text);
    let tokens = outside(tokens::tokens(text), &blocks);
    let token = tokens.iter().find(|token| token.request.is_some());
    let ctx = blocks.iter().find_map(|block| block.request);
    let ack_for = token.and_then(|token| token.request);
    let mut parts: Vec<Range<usize>> = tokens.iter().map(|token| token.at.clone()).collect();
    parts.extend(blocks.iter().map(|block| block.at.clone()));
    if let Some(request) = ack_for.or(ctx) {
        parts.extend(tokens::echoes(text, request));
    }
    ReadReply {
        ack_for,
        ok: token.is_none_or(|token| token.ok),
        ctx,
        answers: None,
        text: without(text, &apart(parts)),
    }
}

impl ReadReply {
    /// The questions that it may answer, the likelier first: each is looked up until one is known.
    pub fn requests(&self) -> impl Iterator<Item = RequestId> {
        let ctx = self.ctx.filter(|ctx| Some(*ctx) != self.ack_for);
        self.ack_for.into_iter().chain(ctx).chain(self.answers)
    }

    /// What is posted of it: its words, with a warning sign where it says that it failed. Empty when there
    /// is nothing to post.
    #[must_use]
    pub fn posted(&self) -> String {
        posted(self.ok, &self.text)
    }
}

/// What is posted of a reply that says this, done or not.
#[must_use]
pub fn posted(ok: bool, text: &str) -> String {
    match (ok, text) {
        (true, text) => text.to_owned(),
        (false, "") => format!("{WARNING} It was not done."),
        (false, text) => format!("{WARNING} {text}"),
    }
}

/// Tokens that stand in no block.
fn outside(tokens: Vec<Token>, blocks: &[echo::Echo]) -> Vec<Token> {
    let is_in = |token: &Token| {
        blocks
            .iter()
            .any(|block| block.at.contains(&token.at.start))
    };
    tokens.into_iter().filter(|token| !is_in(token)).collect()
}

/// In order, those that begin in another one left out.
fn apart(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_by_key(|part| (part.start, part.end));
    let mut end = 0;
    parts.retain(|part| {
        let is_apart = part.start >= end;
        end = end.max(part.end);
        is_apart
    });
    parts
}

#[cfg(test)]
mod tests {
    use husting_domain::agents::Name;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::inbound::samples::question;
    use crate::inbound::worded;

    const ID: &str = "0199d1f0-0000-7000-8000-000000000000";
    const OTHER: &str = "0199d1f0-0000-7000-8000-000000000001";

    fn of(text: &str) -> ReadReply {
        read(&Mail {
            id: "m".to_owned(),
            from: "kasra".to_owned(),
            text: text.replace("ID", ID).replace("OTHER", OTHER),
            answers: None,
            is_broadcast: false,
        })
    }

    fn request(id: &str) -> Option<RequestId> {
        Some(RequestId(id.parse().unwrap()))
    }

    #[rstest]
    #[case("{ack_for:ID} Done.", "Done.")]
    #[case("Done.\n\n{ack_for:ID, ok:true}", "Done.")]
    #[case(
        "{ack_for:ID} Done. <!--mumega-discord-ctx:{\"request_id\":\"ID\"}-->",
        "Done."
    )]
    #[case("[request_id:ID] {ack_for:ID} Done.", "Done.")]
    #[case("{ack_for:ID}", "")]
    #[case("{ack_for:ID} Done. {ack_for:OTHER}", "Done.")]
    #[case("{ack_for:q-1} {ack_for:ID} Done.", "Done.")]
    #[case("{ack_for:ID} Use {ack_for:<uuid>}.", "Use {ack_for:<uuid>}.")]
    #[case(
        "{ack_for:ID} [request_id:OTHER] is another.",
        "[request_id:OTHER] is another."
    )]
    fn a_token_names_its_question_and_is_not_posted(#[case] text: &str, #[case] posted: &str) {
        let reply = of(text);
        assert_eq!((reply.ack_for, reply.ok), (request(ID), true));
        assert_eq!(reply.posted(), posted.replace("OTHER", OTHER));
    }

    #[rstest]
    #[case("{ack_for:ID, ok:false} It broke.", "⚠️ It broke.")]
    #[case("{ack_for:ID, ok:false}", "⚠️ It was not done.")]
    fn what_failed_is_posted_with_a_warning(#[case] text: &str, #[case] posted: &str) {
        assert_eq!(of(text).posted(), posted);
    }

    #[test]
    fn a_block_names_its_question_where_there_is_no_token() {
        let reply =
            of("Done.\n<!--mumega-discord-ctx:{\"request_id\":\"ID\",\"channel_id\":\"1\"}-->");
        assert_eq!((reply.ack_for, reply.ctx), (None, request(ID)));
        assert_eq!(reply.text, "Done.");
        assert_eq!(
            reply.requests().collect::<Vec<_>>(),
            request(ID).into_iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_token_comes_before_a_block() {
        let reply = of("{ack_for:OTHER} <!--mumega-discord-ctx:{\"request_id\":\"ID\"}-->");
        let both: Vec<_> = [OTHER, ID].into_iter().filter_map(request).collect();
        assert_eq!(reply.requests().collect::<Vec<_>>(), both);
    }

    #[test]
    fn a_token_inside_a_block_is_none() {
        let reply =
            of("Done. <!--mumega-discord-ctx:{\"request_id\":\"ID\",\"x\":{ack_for:OTHER}}-->");
        assert_eq!(
            (reply.ack_for, reply.ctx, reply.text.as_str()),
            (None, request(ID), "Done.")
        );
    }

    #[test]
    fn what_names_nothing_is_read_as_it_is() {
        let reply = of("Done.");
        assert_eq!(
            (reply.requests().count(), reply.ok, reply.text.as_str()),
            (0, true, "Done.")
        );
    }

    #[test]
    fn a_question_that_comes_back_whole_names_itself() {
        let asked = question("Which plan?");
        let text = worded(&asked, &Name::parse("discord-connector").unwrap());
        let reply = of(&text);
        assert_eq!(
            (reply.ack_for, reply.ctx),
            (Some(asked.request), Some(asked.request))
        );
        assert!(
            reply.text.starts_with("Which plan?\n\n(ana wrote this"),
            "{}",
            reply.text
        );
        assert!(
            !reply.text.contains(&asked.request.to_string()),
            "{}",
            reply.text
        );
    }

    proptest! {
        #[test]
        fn nothing_but_markers_and_spaces_goes(
            pieces in prop::collection::vec(prop::sample::select(&[
                "{ack_for:0199d1f0-0000-7000-8000-000000000000}", "{ack_for:x, ok:false}", "{", "]", "\n", " ",
                "\r\n", "é", "word", "<!--mumega-discord-ctx:{}-->", "<!--",
            ][..]), 0..24)
        ) {
            let is_marker = |piece: &&&str| piece.contains("ack_for") || piece.contains("ctx");
            let words: String = pieces.iter().filter(|piece| !is_marker(piece)).copied().collect();
            let seen = |text: &str| text.split_whitespace().collect::<String>();
            // An open bracket before a token hides it from nobody.
            prop_assert_eq!(seen(&of(&pieces.concat()).text), seen(&words));
        }

        #[test]
        fn any_mail_can_be_read(text in "(\\PC|[{}<>!\\[\\]-]|ack_for:|<!--mumega-discord-ctx:|\n){0,60}") {
            let whole = text.replace("ID", ID).replace("OTHER", OTHER);
            let mut written = whole.chars();
            for char in of(&text).text.chars() {
                prop_assert!(written.any(|next| next == char), "{char:?} was not written there");
            }
        }
    }
}
