//! What the system says is wrong, as a person is told it.

/// Without the system's own numbers: "Connection refused (os error 111)".
#[must_use]
pub fn without_os_numbers(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find(" (os error ") {
        let Some(length) = text[at..].find(')') else {
            break;
        };
        text.replace_range(at..=at + length, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_are_left_out() {
        for (said, told) in [
            ("Is a directory (os error 21)", "Is a directory"),
            ("a (os error 1), b (os error 22).", "a, b."),
            ("no end (os error 5", "no end (os error 5"),
            ("It is so.", "It is so."),
        ] {
            assert_eq!(without_os_numbers(said), told);
        }
    }
}
