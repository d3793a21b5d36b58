//! A text in pieces that fit.

use super::cut::cut;
use super::fences::{self, Fence};
use super::length::units;

/// The pieces, each within `most` units and none blank. Together they are the text, but for white space
/// where it was cut, and fences.
pub(super) fn chunks(text: &str, most: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = without_empty_lines(text.trim_end());
    let mut fence: Option<Fence> = None;
    while !rest.trim().is_empty() {
        let (piece, next) = first(rest, fence.as_ref(), most);
        pieces.extend(piece);
        (rest, fence) = next;
    }
    pieces
}

/// The first piece of a text that begins within `fence`, and what is left, with the fence in which that
/// begins.
fn first<'t>(
    text: &'t str,
    fence: Option<&Fence>,
    most: usize,
) -> (Option<String>, (&'t str, Option<Fence>)) {
    let opening = fence.map(Fence::opening).unwrap_or_default();
    let closing = |open: &Option<Fence>| open.as_ref().map(Fence::closing).unwrap_or_default();
    let end = fences::at_end(fence.cloned(), text);
    let end = closing(&end);
    if units(&opening) + units(text) + units(&end) <= most {
        return (Some(format!("{opening}{text}{end}")), ("", None));
    }
    let room = most - units(&opening) - longest_closing(fence, text, most);
    let at = best_cut(text, fence, room, most);
    let (body, rest) = text.split_at(at);
    let open = fences::at_end(fence.cloned(), body);
    let next = continued(rest, open.clone());
    let Some(open) = open else {
        let body = body.trim_end();
        let is_blank = body.trim().is_empty();
        return ((!is_blank).then(|| format!("{opening}{body}")), next);
    };
    // The line break goes with the fence that is put there.
    let body = body.strip_suffix('\n').unwrap_or(body);
    (Some(format!("{opening}{body}{}", open.closing())), next)
}

/// A cut, moved before a fence that it would leave without a line.
fn best_cut(text: &str, fence: Option<&Fence>, room: usize, most: usize) -> usize {
    let at = cut(text, fence, room, most);
    let body = text[..at].trim_end();
    let last = body.rfind('\n').map_or(0, |at| at + 1);
    let before = fences::at_end(fence.cloned(), &body[..last]);
    let opens = before.is_none() && fences::at_end(before, &body[last..]).is_some();
    if opens && last > 0 { last } else { at }
}

/// Where a text goes on after a cut: behind the fence that was put there already, without empty lines.
fn continued(rest: &str, open: Option<Fence>) -> (&str, Option<Fence>) {
    let Some(fence) = open else {
        return (without_empty_lines(rest), None);
    };
    let line = rest
        .trim_start_matches('\n')
        .split_inclusive('\n')
        .next()
        .unwrap_or_default();
    if fence.is_closed_by(line) && !line.trim().is_empty() {
        let behind = &rest.trim_start_matches('\n')[line.len()..];
        return (without_empty_lines(behind), None);
    }
    (rest, Some(fence))
}

/// Without empty lines at its beginning; its first line keeps its indent.
fn without_empty_lines(text: &str) -> &str {
    let begin = text.len() - text.trim_start().len();
    let line = text[..begin].rfind('\n').map_or(0, |at| at + 1);
    &text[line..]
}

/// Room for the longest fence that may be open where the text is cut.
fn longest_closing(fence: Option<&Fence>, text: &str, most: usize) -> usize {
    let window = &text[..super::length::fitting(text, most)];
    let mut open = fence.cloned();
    let mut longest = open.as_ref().map_or(0, |fence| units(&fence.closing()));
    for line in window.split_inclusive('\n') {
        open = fences::after(open, line);
        longest = longest.max(open.as_ref().map_or(0, |fence| units(&fence.closing())));
    }
    longest
}
