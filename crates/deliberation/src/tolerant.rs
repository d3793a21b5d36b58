//! JSON as models write it: in code fences, with prose around, single quotes, trailing commas.

use serde_json::Value;

/// Openings that are looked at. A quadratic search over a hostile text is bounded by it.
const MOST_OPENINGS: usize = 200;

/// What `pick` finds in the first value of `text` that has it.
pub(crate) fn find<T>(text: &str, pick: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let starts = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '{' | '['))
        .map(|(at, _)| at);
    starts
        .take(MOST_OPENINGS)
        .find_map(|start| pick(&parse_prefix(&text[start..])?))
}

fn parse_prefix(text: &str) -> Option<Value> {
    let strict = serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .next()
        .and_then(Result::ok);
    strict.or_else(|| serde_json::from_str(&mended(text)?).ok())
}

/// Rewrites the first bracketed value of `text` as strict JSON: single-quoted strings become
/// double-quoted, trailing commas and raw line breaks inside strings go. `None` when it never closes.
fn mended(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(_), '\\') => match characters.next()? {
                '\'' => out.push('\''),
                escaped => out.extend(['\\', escaped]),
            },
            (Some(open), _) if c == open && ends_string(&characters) => {
                out.push('"');
                quote = None;
            }
            (Some(_), '"') => out.push_str("\\\""),
            (Some(_), '\n') => out.push_str("\\n"),
            (Some(_), '\r') => {}
            (Some(_), '\t') => out.push_str("\\t"),
            (Some(_), _) => out.push(c),
            (None, '"' | '\'') => {
                out.push('"');
                quote = Some(c);
            }
            (None, '{' | '[') => {
                depth += 1;
                out.push(c);
            }
            (None, '}' | ']') => {
                out.truncate(out.trim_end().trim_end_matches(',').len());
                out.push(c);
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(out);
                }
            }
            (None, _) => out.push(c),
        }
    }
    None
}

/// Whether a quotation mark here closes its string: what follows must be structure.
fn ends_string(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let next = rest.clone().find(|c| !c.is_whitespace());
    matches!(next, None | Some(',' | '}' | ']' | ':'))
}
