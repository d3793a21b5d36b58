//! The lines by which tmux tells a control client what happens.

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The answer to a command begins; what names it.
    Begin(Vec<u8>),
    /// An answer ends, well or not.
    End(Vec<u8>),
    /// A pane's program wrote this.
    Output {
        pane: String,
        bytes: Vec<u8>,
    },
    /// A value that was asked to be told changed.
    Changed,
    /// tmux lets this client go.
    Exit,
    Other,
}

/// Reads `line`, which has no line break.
pub(super) fn parse(line: &[u8]) -> Line {
    let (word, rest) = split(line);
    match word {
        b"%begin" => Line::Begin(rest.to_vec()),
        b"%end" | b"%error" => Line::End(rest.to_vec()),
        b"%output" => {
            let (pane, bytes) = split(rest);
            Line::Output {
                pane: String::from_utf8_lossy(pane).into_owned(),
                bytes: unescaped(bytes),
            }
        }
        b"%subscription-changed" => Line::Changed,
        b"%exit" => Line::Exit,
        _ => Line::Other,
    }
}

fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|&byte| byte == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

/// Controls and the backslash come as a backslash and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        if let Some((value, after)) = (first == b'\\').then(|| octal(after)).flatten() {
            bytes.push(value);
            rest = after;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    bytes
}

fn octal(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = text.split_at_checked(3)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let value = u8::from_str_radix(digits, 8).ok()?;
    Some((value, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(parse(b"%begin 1 2 1"), Line::Begin(b"1 2 1".to_vec()));
        assert_eq!(parse(b"%error 1 2 1"), Line::End(b"1 2 1".to_vec()));
        assert_eq!(parse(b"%exit too far behind"), Line::Exit);
        assert_eq!(
            parse(b"%subscription-changed end $1 - - - : 1"),
            Line::Changed
        );
        assert_eq!(parse(b"%window-renamed @1 x"), Line::Other);
        assert_eq!(parse(b""), Line::Other);
        let output = Line::Output {
            pane: "%7".to_owned(),
            bytes: b"a b\r\n\\\\8 \xff".to_vec(),
        };
        assert_eq!(parse(b"%output %7 a b\\015\\012\\134\\8 \xff"), output);
    }

    proptest! {
        #[test]
        fn what_tmux_escapes_is_read_back(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut line = b"%output %1 ".to_vec();
            for &byte in &bytes {
                match byte {
                    0..32 | b'\\' => line.extend(format!("\\{byte:03o}").bytes()),
                    _ => line.push(byte),
                }
            }
            prop_assert_eq!(parse(&line), Line::Output { pane: "%1".to_owned(), bytes });
        }
    }
}
