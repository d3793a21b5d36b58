//! STOP: the one word of a person that ends what agents say in a channel.

/// Whether a text, without the mention of the bot, is that word and nothing else; however it is written,
/// and however often it is shouted.
#[must_use]
pub fn is_stop(text: &str) -> bool {
    let is_end = |char: char| char.is_whitespace() || matches!(char, '!' | '.');
    text.trim_matches(is_end).eq_ignore_ascii_case("stop")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("STOP", true)]
    #[case(" stop! ", true)]
    #[case("Stop.", true)]
    #[case("stop it", false)]
    #[case("don't stop", false)]
    #[case("", false)]
    fn it_is_the_word_alone(#[case] text: &str, #[case] stops: bool) {
        assert_eq!(is_stop(text), stops);
    }
}
