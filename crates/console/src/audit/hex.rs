//! Bytes as hexadecimal digits.

use std::fmt::Write as _;

/// Two lower-case digits a byte.
pub fn written(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

/// Exactly `N` bytes; `None` for anything else.
pub fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let fits = text.len() == N * 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !fits {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        assert_eq!(written(&[0, 15, 255]), "000fff");
        assert_eq!(read("000fff"), Some([0, 15, 255]));
        for text in ["000ff", "000fff0", "00+fff", "000ffg", "ä0fff"] {
            assert_eq!(read::<3>(text), None, "{text}");
        }
    }
}
