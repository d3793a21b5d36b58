//! Words that a seat repeats without saying them: it answers what was put to it, and may take it back.

/// Quotation marks that begin, and those that end what one of them began. Where a mark does both, it begins
/// what is not open yet; single ones are apostrophes too often.
const MARKS: [(char, &[char]); 7] = [
    ('"', &['"']),
    ('“', &['”', '“']),
    ('„', &['“', '”']),
    ('«', &['»']),
    ('»', &['«', '»']),
    ('「', &['」']),
    ('『', &['』']),
];

/// Whether what begins at byte `start` of `text` stands between quotation marks that were opened in its own
/// paragraph, or in a block quote.
pub fn is_mentioned(text: &str, start: usize) -> bool {
    let Some(before) = text.get(..start) else {
        return false;
    };
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    if text[line..].trim_start().starts_with('>') {
        return true;
    }
    let mut ends: Option<&[char]> = None;
    let (mut last, mut is_blank) = (' ', false);
    for char in before.chars() {
        // A blank line begins another paragraph.
        match char {
            '\n' if is_blank => ends = None,
            '\n' => is_blank = true,
            _ if !char.is_whitespace() => is_blank = false,
            _ => {}
        }
        // 5" is a length.
        let is_unit = char == '"' && ends.is_none() && last.is_ascii_digit();
        last = char;
        match ends {
            _ if is_unit => {}
            Some(marks) if marks.contains(&char) => ends = None,
            Some(_) => {}
            None => {
                ends = MARKS
                    .iter()
                    .find(|(begins, _)| *begins == char)
                    .map(|(_, ends)| *ends)
            }
        }
    }
    ends.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_quotation_marks_or_in_a_block_quote_are_mentioned() {
        for text in [
            "On “a WORD of yours” I give ground.",
            "On \"**WORD**\" I give ground.",
            "Zu „WORD“ gebe ich nach.",
            "Sur « WORD », je cède.",
            "Zu »WORD« gebe ich nach.",
            "“One” and “WORD”.",
            "「WORD」について",
            "You wrote:\n\n> WORD\n\nNo.",
            "> One line\n> and the WORD",
        ] {
            assert!(is_mentioned(text, text.find("WORD").unwrap()), "{text}");
        }
        for text in [
            "WORD, as I said.",
            "“One”, and WORD.",
            "„One“, and WORD.",
            "»One«, and WORD.",
            "An open “mark.\n\nWORD stands.",
            "> Quoted.\n\nWORD stands.",
            "It's the seats' WORD.",
            "5 > 3, so WORD.",
            "A 5\" disk and a WORD.",
            "An open \"mark.\r\n\r\nWORD stands.",
        ] {
            assert!(!is_mentioned(text, text.find("WORD").unwrap()), "{text}");
        }
    }

    #[test]
    fn a_place_that_is_none_mentions_nothing() {
        assert!(!is_mentioned("“é", 4));
        assert!(!is_mentioned("", 9));
    }
}
