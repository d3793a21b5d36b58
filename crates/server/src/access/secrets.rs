//! Random secrets as text, and what is kept of them.

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
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

pub(super) fn digest(secret: &str) -> Digest {
    Digest(Sha256::digest(secret.as_bytes()).into())
}

/// A token: its prefix, 32 random bytes in base 62, and a checksum by which a cut or mistyped
/// one is told from a wrong one, by scanners too.
pub(super) fn token(prefix: &str) -> Result<SecretString, RandomnessError> {
    let body = format!("{prefix}{}", base62::<DIGITS>(&mut random()?));
    let check = checksum(&body);
    Ok(SecretString::from(body + &check))
}

/// 32 random bytes in base 62.
pub(super) fn random_code() -> Result<SecretString, RandomnessError> {
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
    }

    #[test]
    fn no_two_secrets_are_alike() {
        assert_ne!(
            random_code().unwrap().expose_secret(),
            random_code().unwrap().expose_secret()
        );
    }
}
