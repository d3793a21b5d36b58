//! From what the operator has to the key of a sealed file: Argon2id, and what it was asked for.

use argon2::{Algorithm, Argon2, Block, Error, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::text;

/// What a file may ask Argon2 for, in KiB: enough for any that we wrote, and no way to exhaust
/// the machine's memory before the file proves to be ours.
const MOST_MEMORY: u32 = 1024 * 1024;
/// The same for its passes over that memory.
const MOST_PASSES: u32 = 16;

pub type Key = Zeroizing<[u8; 32]>;

/// How dear guessing a passphrase is made.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Cost {
    /// The second choice of RFC 9106, section 4 (64 MiB, three passes), on one lane.
    pub const USUAL: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
}

/// How a file's key was derived, as it stands in the file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Kdf {
    name: KdfName,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    #[serde(with = "text")]
    salt: [u8; 16],
    /// What Argon2 gave beside the key: tells a wrong passphrase from damage, and costs a guess
    /// as much as trying the key would.
    #[serde(with = "text")]
    check: [u8; 32],
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KdfName {
    Argon2id,
}

impl Kdf {
    /// A derivation of this cost, and the key it gives.
    pub fn new(material: &[u8], salt: [u8; 16], cost: Cost) -> Result<(Self, Key), Error> {
        let (key, check) = derive(material, &salt, cost)?;
        let kdf = Self {
            name: KdfName::Argon2id,
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt,
            check,
        };
        Ok((kdf, key))
    }

    /// The key, derived again; `None` from other material.
    pub fn key(&self, material: &[u8]) -> Result<Option<Key>, Error> {
        let (key, check) = derive(material, &self.salt, self.cost())?;
        Ok((check == self.check).then_some(key))
    }

    /// Whether it wants more work than a file of ours ever would.
    pub fn is_excessive(&self) -> bool {
        self.memory_kib > MOST_MEMORY || self.passes > MOST_PASSES
    }

    fn cost(&self) -> Cost {
        Cost {
            memory_kib: self.memory_kib,
            passes: self.passes,
            lanes: self.lanes,
        }
    }
}

/// The key and the check: two halves of one output, neither of which tells of the other.
fn derive(material: &[u8], salt: &[u8], cost: Cost) -> Result<(Key, [u8; 32]), Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(64))?;
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
    let mut output = Zeroizing::new([0; 64]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        material,
        salt,
        &mut *output,
        &mut *memory,
    )?;
    let (mut key, mut check) = (Key::default(), [0; 32]);
    key.copy_from_slice(&output[..32]);
    check.copy_from_slice(&output[32..]);
    Ok((key, check))
}
