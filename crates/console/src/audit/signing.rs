//! The key under which heads are sealed: made at its first use, kept where provider keys are.

use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use husting_domain::audit::{Head, Seal};
use husting_domain::time::Timestamp;
use husting_wire::errors::{Error, ErrorCode};
use secrecy::{ExposeSecret, SecretString};

use super::hex;
use crate::chance;
use crate::keys::Keys;

/// Its name among the secrets.
pub(crate) const KEY_NAME: &str = "audit/seal";

/// Tells anybody whether a seal is genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// Text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key is 64 hexadecimal digits")]
pub struct BadPublicKey;

impl PublicKey {
    /// Whether the seal was made with the private half, for this chain.
    #[must_use]
    pub fn made(&self, chain: &str, seal: &Seal) -> bool {
        let message = Seal::message(chain, seal.link, &seal.hash);
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(&message, &seal.signature)
            .is_ok()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::written(&self.0))
    }
}

impl FromStr for PublicKey {
    type Err = BadPublicKey;

    fn from_str(text: &str) -> Result<Self, BadPublicKey> {
        hex::read(text).map(Self).ok_or(BadPublicKey)
    }
}

/// The private half.
pub(crate) struct SealKey(Ed25519KeyPair);

impl SealKey {
    fn of(secret: &SecretString) -> Result<Self, Error> {
        let seed = hex::read::<32>(secret.expose_secret())
            .ok_or_else(|| unusable("it is not 64 hexadecimal digits"))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|fault| unusable(&fault.to_string()))?;
        Ok(Self(pair))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        // An Ed25519 public key has 32 bytes.
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// A seal on the head of a chain.
    pub fn seal(&self, chain: &str, head: &Head, at: Timestamp) -> Seal {
        let message = Seal::message(chain, head.link, &head.hash);
        Seal {
            link: head.link,
            hash: head.hash,
            at,
            signature: self.0.sign(&message).as_ref().to_vec(),
        }
    }
}

/// The key that is kept; `None` where none was made yet.
pub(crate) async fn kept_key(keys: &Keys) -> Result<Option<SealKey>, Error> {
    let secret = keys.get(KEY_NAME).await?;
    secret.map(|secret| SealKey::of(&secret)).transpose()
}

/// The key that is kept, made where there is none.
pub(crate) async fn key(keys: &Keys) -> Result<SealKey, Error> {
    if let Some(kept) = kept_key(keys).await? {
        return Ok(kept);
    }
    let secret = SecretString::from(chance::secret());
    keys.put(KEY_NAME, &secret).await?;
    SealKey::of(&secret)
}

/// The public half of this machine's key; `None` where it has none.
///
/// # Errors
/// When the key store cannot be read.
pub async fn machine_key(keys: &Keys) -> Result<Option<PublicKey>, Error> {
    Ok(kept_key(keys).await?.map(|key| key.public()))
}

fn unusable(why: &str) -> Error {
    Error::new(
        ErrorCode::SecretsUnavailable,
        format!("The key that seals the audit log cannot be used: {why}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_made_once_and_its_seals_are_told_from_all_others() {
        let keys = Keys::in_memory();
        assert!(machine_key(&keys).await.unwrap().is_none());
        let made = key(&keys).await.unwrap();
        let again = key(&keys).await.unwrap();
        assert_eq!(made.public(), again.public());

        let head = Head {
            link: 7,
            row: 9,
            hash: [3; 32],
        };
        let seal = made.seal("local", &head, Timestamp::from_micros(1));
        let public: PublicKey = made.public().to_string().parse().unwrap();
        assert!(public.made("local", &seal));
        assert!(!public.made("other", &seal));
        let later = Seal {
            link: 8,
            ..seal.clone()
        };
        let elsewhere = Seal {
            hash: [4; 32],
            ..seal.clone()
        };
        assert!(!public.made("local", &later) && !public.made("local", &elsewhere));
        let stranger = key(&Keys::in_memory()).await.unwrap().public();
        assert!(!stranger.made("local", &seal));
    }
}
