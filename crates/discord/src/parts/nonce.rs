//! By what Discord knows a second try.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The nonce of a part of a reply: 24 characters, of which Discord takes 25
/// (<https://docs.discord.com/developers/resources/message#create-message>), always the same.
#[must_use]
pub fn nonce(reply: Uuid, part: u32) -> String {
    let hash = Sha256::new()
        .chain_update(reply.as_bytes())
        .chain_update(part.to_be_bytes())
        .finalize();
    URL_SAFE_NO_PAD.encode(&hash[..18])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_part_of_every_reply_has_its_own_and_always_the_same() {
        let replies = [0, 1, u128::MAX].map(Uuid::from_u128);
        let all = || {
            replies
                .iter()
                .flat_map(|reply| (0..100).map(|part| nonce(*reply, part)))
        };
        assert_eq!(all().collect::<HashSet<_>>().len(), 300);
        assert!(all().all(|nonce| nonce.len() == 24 && nonce.is_ascii()));
        // A restart after an update posts nothing twice either.
        assert_eq!(nonce(Uuid::from_u128(1), 2), "lBBBr87GdapVHtgo5ITnwW0d");
    }
}
