//! Who may come in: the operator's command line by a token that lives as long as this run, the
//! operator's browser by a cookie that a one-time code was exchanged for. Only hashes are kept.

mod codes;
mod cookies;

use husting_clock::SharedClock;
pub use husting_tokens::RandomnessError;
use husting_tokens::{Digest, digest, random_code, token};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use self::codes::Codes;
use self::cookies::Cookies;
use crate::host::Door;

/// What an operator token begins with.
pub const OPERATOR_PREFIX: &str = "hst_o_";

/// The doors' locks.
pub struct Access {
    operator: Digest,
    codes: Codes,
    cookies: Cookies,
}

/// Somebody who was let in.
pub(crate) struct Admission {
    /// How.
    pub door: Door,
    /// Cancelled when they log out: their open streams end.
    pub ended: CancellationToken,
}

impl Access {
    /// New locks, and the operator token of this run that opens one of them.
    ///
    /// # Errors
    /// [`RandomnessError`] when the system gives no random bytes.
    pub fn new(clock: SharedClock) -> Result<(Self, SecretString), RandomnessError> {
        let operator = token(OPERATOR_PREFIX)?;
        let access = Self {
            operator: digest(operator.expose_secret()),
            codes: Codes::new(clock),
            cookies: Cookies::default(),
        };
        Ok((access, operator))
    }

    /// A code that logs one browser in, once, within ten minutes.
    ///
    /// # Errors
    /// [`RandomnessError`] when the system gives no random bytes.
    pub fn login_code(&self) -> Result<SecretString, RandomnessError> {
        let code = random_code()?;
        self.codes.keep(digest(code.expose_secret()));
        Ok(code)
    }

    /// The link that carries a new login code, in its fragment, where no server sees it.
    ///
    /// # Errors
    /// [`RandomnessError`] when the system gives no random bytes.
    pub fn console_link(&self, http: &str) -> Result<SecretString, RandomnessError> {
        let code = self.login_code()?;
        Ok(SecretString::from(format!(
            "{http}/console/#code={}",
            code.expose_secret()
        )))
    }

    /// Spends a code for a cookie's value; `None` when it was spent, is too old or was never given.
    pub(crate) fn log_in(&self, code: &str) -> Result<Option<SecretString>, RandomnessError> {
        if !self.codes.spend(&digest(code)) {
            return Ok(None);
        }
        let cookie = random_code()?;
        self.cookies.keep(digest(cookie.expose_secret()));
        Ok(Some(cookie))
    }

    /// Forgets a cookie and ends what it holds open.
    pub(crate) fn log_out(&self, cookie: &str) {
        self.cookies.forget(&digest(cookie));
    }

    pub(crate) fn admit_token(&self, token: &str) -> Option<Admission> {
        self.operator.matches(&digest(token)).then(|| Admission {
            door: Door::Cli,
            ended: CancellationToken::new(),
        })
    }

    pub(crate) fn admit_cookie(&self, cookie: &str) -> Option<Admission> {
        self.cookies.find(&digest(cookie)).map(|ended| Admission {
            door: Door::Browser,
            ended,
        })
    }
}
