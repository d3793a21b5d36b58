//! Tokens in a reply: `{ack_for:<id>[, ok:false]}`, read as leniently as the bus reads them.

use std::ops::Range;

use husting_domain::discord::RequestId;
use husting_domain::messages::Markers;

/// A token with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: Range<usize>,
    /// What it names; none when that is no id of ours.
    pub(super) request: Option<RequestId>,
    pub(super) ok: bool,
}

/// All tokens of a text, in their order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find(['[', '{']).map(|at| from + at) {
        let token = token_at(text, open);
        from = token.as_ref().map_or(open + 1, |token| token.at.end);
        found.extend(token);
    }
    found
}

/// The echo of a question's own `[request_id:<id>]`.
pub(super) fn echoes(text: &str, request: RequestId) -> Vec<Range<usize>> {
    let echo = format!("[request_id:{request}]");
    let all = text.match_indices(&echo);
    all.map(|(at, echo)| at..at + echo.len()).collect()
}

/// The token that begins with this bracket, not one further inside.
fn token_at(text: &str, open: usize) -> Option<Token> {
    let close = if text[open..].starts_with('[') {
        ']'
    } else {
        '}'
    };
    let end = open + text[open..].find(close)? + 1;
    let whole = &text[open..end];
    let inside = whole[1..].trim_start().trim_start_matches(['"', '\'']);
    if inside.starts_with(['[', '{']) {
        return None;
    }
    // A second bracket inside would be found by itself.
    let name = inside.get(.."ack_for".len())?;
    if !name.eq_ignore_ascii_case("ack_for") {
        return None;
    }
    let markers = Markers::read(whole);
    let id = markers.ack_for?;
    // A bracket that opens first: this one was never closed, as in a quotation that was cut. It ends with
    // its id, and what is behind it is read by itself.
    let end = match whole[1..].find(['[', '{']) {
        Some(_) => open + end_of(&id, whole)?,
        None => end,
    };
    Some(Token {
        at: open..end,
        request: id.parse().ok().map(RequestId),
        ok: markers.ok,
    })
}

/// Where the id ends in its token.
fn end_of(id: &str, token: &str) -> Option<usize> {
    let behind = token.find([':', '='])? + 1;
    Some(behind + token[behind..].find(id)? + id.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const ID: &str = "0199d1f0-0000-7000-8000-000000000000";

    #[rstest]
    #[case("{ack_for:ID}", true)]
    #[case("{ack_for:ID, ok:true}", true)]
    #[case("{ack_for:ID, ok:false}", false)]
    #[case("{ \"ack_for\": \"ID\", \"ok\": false }", false)]
    #[case("[ACK_FOR = ID]", true)]
    #[case("{ack_for=ID, ok:true}", true)]
    fn a_token_is_read_as_the_bus_reads_it(#[case] token: &str, #[case] ok: bool) {
        let text = format!("before {} after", token.replace("ID", ID));
        let found = tokens(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].request, Some(RequestId(ID.parse().unwrap())));
        assert_eq!(found[0].ok, ok);
        assert_eq!(text[found[0].at.clone()], token.replace("ID", ID));
    }

    #[rstest]
    #[case("{ack_for:<uuid>}")]
    #[case("{ack_for:}")]
    #[case("{ack:1}")]
    #[case("{ack_for:1")]
    #[case("ack_for:1")]
    fn what_is_no_token_stays(#[case] text: &str) {
        assert_eq!(tokens(text), []);
    }

    #[test]
    fn a_token_that_names_something_else_is_a_token_all_the_same() {
        let found = tokens("{x {ack_for:q-1} {ack_for:q-2}");
        let spans: Vec<_> = found.iter().map(|token| token.at.clone()).collect();
        assert_eq!(spans, [3..16, 17..30]);
        assert!(found.iter().all(|token| token.request.is_none()));
    }

    #[test]
    fn a_token_that_was_cut_in_a_quotation_does_not_hide_the_one_behind_it() {
        let text = format!("You wrote “{{ack_for:01…” and more. {{ack_for:{ID}, ok:true}}");
        let found = tokens(&text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(&text[found[0].at.clone()], "{ack_for:01");
        assert_eq!(found[0].request, None);
        assert_eq!(found[1].request, Some(RequestId(ID.parse().unwrap())));
    }

    proptest! {
        #[test]
        fn the_first_token_is_the_one_that_the_bus_reads(
            pieces in prop::collection::vec(prop::sample::select(&["{", "[", "}", "]", "ack_for", ":", "=", "a1", "\"", " ", ",", "ok:false", "é"][..]), 0..20)
        ) {
            let text = pieces.concat();
            let first = tokens(&text).first().map(|token| {
                // One that another bracket cut off ends with its id.
                let token = &text[token.at.clone()];
                let close = if token.starts_with('[') { ']' } else { '}' };
                Markers::read(&format!("{token}{close}")).ack_for
            });
            prop_assert_eq!(first.flatten(), Markers::read(&text).ack_for);
        }

        #[test]
        fn any_text_can_be_searched(text in "\\PC{0,40}") {
            for token in tokens(&text) {
                prop_assert!(text.get(token.at).is_some());
            }
            prop_assert_eq!(echoes(&text, RequestId(Uuid::nil())), []);
        }
    }
}
