//! What of a token may be shown.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use husting_domain::discord::Snowflake;
use secrecy::{ExposeSecret, SecretString};

/// How many characters of a token are shown, as the public page says.
const SHOWN: usize = 8;
/// Shorter ones would be shown for the most part.
const SHORTEST_SHOWN: usize = 24;

/// `…` and the last eight characters of a token; of a short one nothing but `…`.
#[must_use]
pub fn redacted(token: &SecretString) -> String {
    let token = token.expose_secret();
    let length = token.chars().count();
    if length < SHORTEST_SHOWN {
        return "…".to_owned();
    }
    let end: String = token.chars().skip(length - SHOWN).collect();
    format!("…{end}")
}

/// The bot's id, which the first part of its token is in base64; none where the token has another form.
#[must_use]
pub fn bot_id(token: &SecretString) -> Option<Snowflake> {
    let (first, _) = token.expose_secret().split_once('.')?;
    let first = first.trim_end_matches('=');
    let decoded = STANDARD_NO_PAD
        .decode(first)
        .or_else(|_| URL_SAFE_NO_PAD.decode(first));
    String::from_utf8(decoded.ok()?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_eight_characters_of_a_long_token_are_shown() {
        let shown = |token: &str| redacted(&SecretString::from(token));
        assert_eq!(
            shown("MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.ghijklmnop"),
            "…ijklmnop"
        );
        assert_eq!(shown(&"é".repeat(24)), format!("…{}", "é".repeat(8)));
        assert_eq!(shown("twenty-three-characters"), "…");
        assert_eq!(shown(""), "…");
    }

    #[test]
    fn a_token_begins_with_its_bot() {
        let of = |token: &str| bot_id(&SecretString::from(token)).map(Snowflake::get);
        assert_eq!(
            of("MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.secret"),
            Some(123_456_789_012_345_678)
        );
        for none in [
            "",
            "MTIz",
            "no.id.here",
            "MA.b.c",
            "fake-bot-token.made.for.tests",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
