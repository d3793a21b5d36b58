//! The provider's own words, made fit to be kept: secrets taken out, control characters too, and not
//! more of them than anybody reads.

use husting_domain::secrets::may_be_one;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Characters kept of a message.
const LONGEST: usize = 2_000;

const REMOVED: &str = "[secret removed]";

/// Shorter keys than this could be ordinary words.
const SHORTEST_KEY: usize = 6;

/// What the body of an error says: the vendor's message where it is JSON, else its beginning.
pub(crate) fn words(body: &[u8], key: Option<&SecretString>) -> String {
    let message = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| message(&body));
    clean(
        &message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()),
        key,
    )
}

/// `text` without secrets and control characters, shortened.
pub(crate) fn clean(text: &str, key: Option<&SecretString>) -> String {
    let printable: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect();
    let text = without_secrets(printable.trim(), key);
    text.chars().take(LONGEST).collect()
}

fn message(body: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let error = body.get("error").unwrap_or(body);
    let named = error
        .get("message")
        .or_else(|| body.get("message"))
        .or_else(|| body.get("detail"));
    named
        .and_then(text)
        .or_else(|| text(error))
        .filter(|message| !message.trim().is_empty())
}

fn without_secrets(text: &str, key: Option<&SecretString>) -> String {
    let key = key
        .map(|key| key.expose_secret().trim())
        .filter(|key| key.len() >= SHORTEST_KEY);
    let text = key.map_or_else(|| text.to_owned(), |key| text.replace(key, REMOVED));
    // What was taken out before is no secret that follows a `Bearer`.
    let pieces: Vec<String> = text.split(REMOVED).map(without_likely_ones).collect();
    pieces.join(REMOVED)
}

/// `text` without what looks like a secret, or stands where one does.
fn without_likely_ones(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut after_scheme = false;
    for word in text.split_inclusive(|c: char| !is_key_character(c)) {
        let (bare, rest) = word.split_at(word.trim_end_matches(|c| !is_key_character(c)).len());
        if may_be_one(bare) || (after_scheme && bare.len() >= SHORTEST_KEY) {
            clean.push_str(REMOVED);
        } else {
            clean.push_str(bare);
        }
        clean.push_str(rest);
        after_scheme = match bare {
            "" => after_scheme,
            scheme => scheme.eq_ignore_ascii_case("bearer"),
        };
    }
    clean
}

/// Letters, digits and what vendors put between and, masking, over them.
fn is_key_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | '/' | '+' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_message_is_found_in_every_shape() {
        for body in [
            r#"{"error":{"message":"No.","type":"x"}}"#,
            r#"{"type":"error","error":{"type":"x","message":"No."}}"#,
            r#"{"error":"No."}"#,
            r#"{"message":"No."}"#,
            r#"{"detail":"No."}"#,
            "No.\n",
        ] {
            assert_eq!(words(body.as_bytes(), None), "No.", "{body}");
        }
    }

    #[test]
    fn secrets_are_taken_out() {
        let key = SecretString::from("my-own-odd-key");
        for text in [
            "Incorrect key my-own-odd-key given.",
            "Incorrect key sk-ant-api03-AbC_dEf given.",
            "Incorrect key sk-p********wxyz given.",
            "Incorrect key gsk_abcdefghij given.",
            // In two parts, so that nobody who looks for keys in this file finds one.
            concat!("Incorrect key id=AKIA", "Q7MT4XWZ2LKPB5RC given."),
            concat!(
                "Incorrect key token=gh",
                "p_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX given."
            ),
        ] {
            assert_eq!(
                clean(text, Some(&key)),
                "Incorrect key [secret removed] given."
            );
        }
        assert_eq!(
            clean("Authorization: Bearer abc123def, sir", None),
            "Authorization: Bearer [secret removed], sir"
        );
    }

    #[test]
    fn what_was_taken_out_is_not_taken_out_again() {
        let key = SecretString::from("my-own-odd-key");
        let told = "Not let in by Bearer [secret removed], sir";
        for text in ["Not let in by Bearer my-own-odd-key, sir", told] {
            assert_eq!(clean(text, Some(&key)), told);
            assert_eq!(
                clean(text.replace("my-own-odd-key", "abc123def").as_str(), None),
                told
            );
        }
    }

    #[test]
    fn ordinary_words_stay() {
        let text = "The sk-learn bearer of news: risk-averse models/gpt-5 need max_tokens <= 8192.";
        assert_eq!(clean(text, Some(&SecretString::from("a"))), text);
    }

    #[test]
    fn what_could_steer_a_terminal_is_taken_out_and_the_length_bounded() {
        assert_eq!(clean("\u{1b}[31mred\u{7}\nline", None), "[31mred\nline");
        assert_eq!(clean(&"é".repeat(3_000), None).chars().count(), 2_000);
    }
}
