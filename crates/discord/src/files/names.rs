//! What a file is called on this machine, whatever it was called in Discord.

/// Most characters of what is left of its name.
const LONGEST: usize = 80;

/// `2-notes.md`: its number in the message, and of its name what no file system takes for anything else.
pub fn kept_as(number: usize, filename: &str) -> String {
    let plain: String = filename
        .chars()
        .map(|char| match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => char,
            _ => '_',
        })
        .collect();
    // The end tells what kind of file it is.
    let skipped = plain.len().saturating_sub(LONGEST);
    let end = plain.get(skipped..).unwrap_or_default();
    format!("{number}-{}", end.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("notes.md", "1-notes.md")]
    #[case("../../etc/passwd", "1-_.._etc_passwd")]
    #[case(".bashrc", "1-bashrc")]
    #[case("a b\u{202e}gpj.exe", "1-a_b_gpj.exe")]
    #[case("文書.pdf", "1-__.pdf")]
    #[case("", "1-")]
    fn a_name_stays_in_its_folder(#[case] filename: &str, #[case] kept: &str) {
        assert_eq!(kept_as(1, filename), kept);
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let kept = kept_as(3, &format!("{}.tar.gz", "x".repeat(300)));
        assert_eq!(kept.len(), 2 + LONGEST);
        assert!(kept.ends_with("x.tar.gz"));
    }
}
