//! Markdown as lines: what each line is and where its own words begin. Sentences end where
//! a block ends, and the marks before a line's words are no part of what was said.

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Blank,
    Text,
    Heading,
    Item,
    /// A table row with words.
    Row,
    /// The `|---|` under a table's head.
    RowRule,
    /// A thematic break or the underline of a heading.
    Rule,
    /// The opening or closing line of a code block.
    Fence,
    Code,
}

/// One line; all offsets are bytes of the whole text, on character boundaries.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub start: usize,
    /// Without the line feed.
    pub end: usize,
    /// Where the words begin, after indentation and marks.
    pub content: usize,
    /// Where an ordered item's number begins: it ends at `content`.
    pub number: Option<usize>,
    pub kind: Kind,
}

/// The lines of a text, in order.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut fence: Option<&str> = None;
    let mut previous = Kind::Blank;
    let mut start = 0;
    let mut lines = Vec::new();
    for piece in text.split('\n') {
        let mut line = match fence {
            Some(_) => Line {
                start: 0,
                end: piece.len(),
                content: 0,
                number: None,
                kind: Kind::Code,
            },
            None => read(piece, previous),
        };
        let content = &piece[line.content..];
        match fence {
            Some(open) if closes(open, content) => {
                line.kind = Kind::Fence;
                fence = None;
            }
            None if line.kind == Kind::Fence => fence = Some(ticks(content)),
            _ => {}
        }
        previous = line.kind;
        line.start += start;
        line.end += start;
        line.content += start;
        line.number = line.number.map(|number| number + start);
        start = line.end + 1;
        lines.push(line);
    }
    lines
}

/// Reads one line outside code; its offsets count from the line's start.
fn read(line: &str, previous: Kind) -> Line {
    let mut read = Line {
        start: 0,
        end: line.len(),
        content: indent(line),
        number: None,
        kind: Kind::Text,
    };
    if is_rule(line.trim()) {
        read.kind = Kind::Rule;
        return read;
    }
    while let Some((length, kind)) = mark(&line[read.content..], previous, read.number.is_some()) {
        if kind == Mark::Number {
            read.number = Some(read.content);
        }
        if kind != Mark::Quote {
            read.kind = if kind == Mark::Heading {
                Kind::Heading
            } else {
                Kind::Item
            };
        }
        read.content += length;
        read.content += indent(&line[read.content..]);
    }
    read.kind = content_kind(line[read.content..].trim_end()).unwrap_or(read.kind);
    read
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Quote,
    Bullet,
    Number,
    Heading,
}

fn mark(rest: &str, previous: Kind, numbered: bool) -> Option<(usize, Mark)> {
    let first = rest.chars().next()?;
    match first {
        // "> 5 ms" compares; it does not quote.
        '>' if !rest[1..]
            .trim_start()
            .starts_with(|c: char| c.is_numeric() || c == '=') =>
        {
            Some((1, Mark::Quote))
        }
        '-' | '*' | '+' | '•' if spaced(&rest[first.len_utf8()..]) => {
            Some((first.len_utf8(), Mark::Bullet))
        }
        '#' => {
            let length = rest.len() - rest.trim_start_matches('#').len();
            (length <= 6 && spaced(&rest[length..])).then_some((length, Mark::Heading))
        }
        '0'..='9' if !numbered => {
            let length = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let dotted = rest[length..].starts_with(['.', ')']) && spaced(&rest[length + 1..]);
            // A number that a wrapped line happens to begin with is no list, unless it counts from 1.
            let lists = previous != Kind::Text || &rest[..length] == "1";
            (length <= 3 && dotted && lists).then_some((length + 1, Mark::Number))
        }
        _ => None,
    }
}

fn content_kind(content: &str) -> Option<Kind> {
    if content.is_empty() {
        return Some(Kind::Blank);
    }
    if ticks(content).len() >= 3
        && !(content.starts_with('`') && content[ticks(content).len()..].contains('`'))
    {
        return Some(Kind::Fence);
    }
    if content.contains('|') && content.contains('-') && content.chars().all(|c| "|-: ".contains(c))
    {
        return Some(Kind::RowRule);
    }
    (content.len() > 1 && (content.starts_with('|') || content.ends_with('|'))).then_some(Kind::Row)
}

fn is_rule(line: &str) -> bool {
    let Some(first) = line.chars().next() else {
        return false;
    };
    "-*_=".contains(first)
        && line.chars().all(|c| c == first || c == ' ')
        && line.chars().filter(|c| *c == first).count() >= 3
}

/// The run of fence characters a line starts with.
fn ticks(content: &str) -> &str {
    let Some(first @ ('`' | '~')) = content.chars().next() else {
        return "";
    };
    &content[..content.len() - content.trim_start_matches(first).len()]
}

fn closes(open: &str, content: &str) -> bool {
    let content = content.trim();
    content.starts_with(open) && ticks(content).len() == content.len()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn spaced(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\u{a0}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        lines(text).iter().map(|line| line.kind).collect()
    }

    #[test]
    fn a_fence_holds_everything_until_it_closes() {
        assert_eq!(
            kinds("```rust\n# no heading\n\n| x |\n```\n# a heading"),
            [
                Kind::Fence,
                Kind::Code,
                Kind::Code,
                Kind::Code,
                Kind::Fence,
                Kind::Heading
            ]
        );
    }

    #[test]
    fn a_number_in_wrapped_prose_is_no_list() {
        let text = "It began in\n20. century style\n\n20. Item";
        assert_eq!(
            kinds(text),
            [Kind::Text, Kind::Text, Kind::Blank, Kind::Item]
        );
    }

    #[test]
    fn marks_stand_before_the_words() {
        let text = "> - 2. Use **it**";
        let line = &lines(text)[0];
        assert_eq!(&text[line.content..], "Use **it**");
        assert_eq!(&text[line.number.unwrap()..line.content], "2. ");
    }

    #[test]
    fn a_comparison_keeps_its_sign() {
        assert_eq!(lines("> 5 ms")[0].content, 0);
        assert_eq!(lines("-5 degrees")[0].content, 0);
    }
}
