//! Spellings of model ids: `*` stands for anything, `#` for one digit.

/// Whether all of `text` fits `pattern`.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on when the last `*` has to take one more byte.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(expected) if takes(*expected, text[t]) => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (p, t) = (at + 1, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == b'*')
}

fn takes(expected: u8, byte: u8) -> bool {
    if expected == b'#' {
        byte.is_ascii_digit()
    } else {
        expected == byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_ids() {
        let yes = [
            ("a", "a"),
            ("a*", "a"),
            ("a*", "abc"),
            ("*b", "ab"),
            ("*a*b*", "xaxbx"),
            ("a-##", "a-12"),
            ("*-tts-*", "x-tts-y"),
            ("*aab", "aaab"),
        ];
        let no = [
            ("a", "ab"),
            ("a", ""),
            ("*b", "ba"),
            ("a-##", "a-1x"),
            ("a-##", "a-123"),
            ("*-tts", "tts"),
        ];
        assert!(yes.iter().all(|(pattern, text)| fits(pattern, text)));
        assert!(!no.iter().any(|(pattern, text)| fits(pattern, text)));
    }
}
