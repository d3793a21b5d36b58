//! Browsers that are logged in. They stay so until they log out or this run ends.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use husting_tokens::Digest;

/// Browsers at one time; the one that came first is logged out.
const MOST: usize = 64;

#[derive(Default)]
pub(super) struct Cookies(Mutex<Vec<(Digest, CancellationToken)>>);

impl Cookies {
    pub(super) fn keep(&self, cookie: Digest) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == MOST {
            known.remove(0).1.cancel();
        }
        known.push((cookie, CancellationToken::new()));
    }

    /// The signal that ends with this cookie.
    pub(super) fn find(&self, cookie: &Digest) -> Option<CancellationToken> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        // To the end in any case: where it stands is nobody's business.
        for (digest, ended) in known.iter() {
            if digest.matches(cookie) {
                found = Some(ended.clone());
            }
        }
        found
    }

    pub(super) fn forget(&self, cookie: &Digest) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(digest, ended)| {
            let gone = digest.matches(cookie);
            if gone {
                ended.cancel();
            }
            !gone
        });
    }
}
