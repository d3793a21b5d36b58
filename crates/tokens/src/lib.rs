//! Random secrets as text, and what is kept of them: tokens, keys and one-time codes.
//!
//! A token is a prefix that tells its kind, 32 random bytes in base 62 and a checksum. Only its
//! SHA-256 is ever stored; where one must be named, its last eight characters.

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Base-62 digits of 32 bytes.
const DIGITS: usize = 43;
/// Base-62 digits of a checksum of four bytes.
const CHECK_DIGITS: usize = 6;

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct RandomnessError(#[from] getrandom::Error);

/// What is kept of a secret: its SHA-256, compared in constant time.
#[derive(Clone, Copy, Debug)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Whether both are of the same secret.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// What is kept of `secret`.
#[must_use]
pub fn digest(secret: &str) -> Digest {
    Digest(Sha256::digest(secret.as_bytes()).into())
}

/// A token: its prefix, 32 random bytes in base 62, and a checksum by which a cut or mistyped
/// one is told from a wrong one, by scanners too.
///
/// # Errors
/// [`RandomnessError`] when the system gives no random bytes.
pub fn token(prefix: &str) -> Result<SecretString, RandomnessError> {
    let body = format!("{prefix}{}", base62::<DIGITS>(&mut random()?));
    let check = checksum(&body);
    Ok(SecretString::from(body + &check))
}

/// The bytes of [`digest`], for a store to look a token up by.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    digest(secret).0
}

/// What a token is named by: its last eight characters.
#[must_use]
pub fn tail(token: &str) -> &str {
    let at = token.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    &token[at..]
}

/// Whether `text` has the form of a token of this kind, checksum included.
#[must_use]
pub fn is_well_formed(text: &str, prefix: &str) -> bool {
    let Some((body, check)) = text.split_at_checked(text.len().saturating_sub(CHECK_DIGITS)) else {
        return false;
    };
    text.starts_with(prefix)
        && text.len() == prefix.len() + DIGITS + CHECK_DIGITS
        && checksum(body) == check
}

/// 32 random bytes in base 62.
///
/// # Errors
/// [`RandomnessError`] when the system gives no random bytes.
pub fn random_code() -> Result<SecretString, RandomnessError> {
    Ok(SecretString::from(base62::<DIGITS>(&mut random()?)))
}

fn random() -> Result<[u8; 32], RandomnessError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn checksum(body: &str) -> String {
    let mut first: [u8; 4] = [0; 4];
    first.copy_from_slice(&digest(body).0[..4]);
    base62::<CHECK_DIGITS>(&mut first)
}

/// A big-endian number in exactly `N` digits, by long division; the number is used up.
fn base62<const N: usize>(number: &mut [u8]) -> String {
    let mut digits = ['0'; N];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_usize;
        for byte in number.iter_mut() {
            let value = rest * 256 + usize::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX); // value < 62 · 256
            rest = value % 62;
        }
        *digit = char::from(ALPHABET[rest]);
    }
    digits.iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn numbers_are_written_in_full_width() {
        assert_eq!(base62::<DIGITS>(&mut [0; 32]), "0".repeat(DIGITS));
        // 2^256 - 1, from an independent computation.
        assert_eq!(
            base62::<DIGITS>(&mut [255; 32]),
            "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"
        );
        assert_eq!(base62::<3>(&mut [1, 0]), "048");
    }

    #[test]
    fn a_token_carries_its_prefix_and_a_checksum_that_fits() {
        let token = token("hst_o_").unwrap();
        let token = token.expose_secret();
        assert_eq!(token.len(), "hst_o_".len() + DIGITS + CHECK_DIGITS);
        let (body, check) = token.split_at(token.len() - CHECK_DIGITS);
        assert_eq!(checksum(body), check);
        assert!(body.starts_with("hst_o_"));
        assert!(is_well_formed(token, "hst_o_"));
        assert!(!is_well_formed(token, "hst_a_"));
        assert!(!is_well_formed(&token[..token.len() - 1], "hst_o_"));
        assert!(!is_well_formed("hst_o_", "hst_o_"));
        assert!(!is_well_formed("ß", "hst_o_"));
        assert_eq!(tail(token), &token[token.len() - 8..]);
        assert_eq!(tail("short"), "short");
    }

    #[test]
    fn no_two_secrets_are_alike() {
        assert_ne!(
            random_code().unwrap().expose_secret(),
            random_code().unwrap().expose_secret()
        );
    }
}
