//! Where a text is cut.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use super::atoms;
use super::fences::{self, Fence};
use super::length::{fitting, units};

/// The byte at which a text is cut that does not fit: the best place within the first `most` units.
/// `fence` is open at its beginning; `whole` is what a next message can hold.
pub(super) fn cut(text: &str, fence: Option<&Fence>, most: usize, whole: usize) -> usize {
    let window = fitting(text, most);
    let head = &text[..window];
    let filled = |share: usize| fitting(head, most / share);
    paragraph(head, fence, filled(2))
        .or_else(|| line(text, window, filled(4)))
        .or_else(|| word(text, window, filled(4), whole))
        .unwrap_or_else(|| between_characters(text, window))
}

/// The last place between two paragraphs, or beside a code block, not before `least`.
fn paragraph(head: &str, fence: Option<&Fence>, least: usize) -> Option<usize> {
    let mut best = None;
    let mut fence = fence.cloned();
    let mut at = 0;
    for line in head.split_inclusive('\n') {
        let before = fence.clone();
        fence = fences::after(before.clone(), line);
        let is_whole = line.ends_with('\n');
        let begins_block = before.is_none() && fence.is_some() && at > 0;
        let ends_block = before.is_some() && fence.is_none() && is_whole;
        let is_empty = before.is_none() && line.trim().is_empty() && is_whole;
        if begins_block {
            best = Some(at);
        }
        at += line.len();
        if ends_block || is_empty {
            best = Some(at);
        }
    }
    best.filter(|best| *best >= least && *best > 0)
}

/// Behind the last line, not before `least`. A line that ends just where the window does counts.
fn line(text: &str, window: usize, least: usize) -> Option<usize> {
    let end = if text[window..].starts_with('\n') {
        window + 1
    } else {
        window
    };
    let at = text[..end].rfind('\n')? + 1;
    let at = at.min(window);
    (at > least).then_some(at)
}

/// Behind the last space. What a next message cannot hold either is cut where it is.
fn word(text: &str, window: usize, least: usize, whole: usize) -> Option<usize> {
    if text[window..].starts_with(char::is_whitespace) && atoms::around(text, window).is_none() {
        return Some(window);
    }
    let at = last_space(text, window)?;
    let next = text[at..]
        .split(char::is_whitespace)
        .next()
        .unwrap_or_default();
    (at > least || units(next) <= whole).then_some(at)
}

/// Behind the last space that stands in no mention or the like.
fn last_space(text: &str, window: usize) -> Option<usize> {
    let spaces = text[..window]
        .char_indices()
        .rev()
        .filter(|(_, char)| char.is_whitespace());
    let mut behind = spaces.map(|(at, char)| at + char.len_utf8());
    behind.find(|at| *at > 0 && atoms::around(text, *at).is_none())
}

/// Before the character, as people see it, that would be cut by the window's end.
fn between_characters(text: &str, window: usize) -> usize {
    let wanted = atoms::around(text, window).map_or(window, |atom| atom.start);
    let wanted = if wanted == 0 { window } else { wanted };
    let mut cursor = GraphemeCursor::new(wanted, text.len(), true);
    if cursor.is_boundary(text, 0).unwrap_or(true) {
        return wanted;
    }
    let begins = text[..wanted]
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .next_back();
    // One that alone is too long is cut between code points.
    begins.filter(|at| *at > 0).unwrap_or(wanted)
}
