//! What probably went wrong, read from the end of a program's output.

use std::fmt;

use crate::exit::Exit;

/// The exit code by which `env`, `nice` and shells say that there is no such program.
const NO_SUCH_PROGRAM: i32 = 127;
/// And that it cannot be run.
const NOT_TO_BE_RUN: i32 = 126;

/// What probably went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The runner is not installed, or not where the `PATH` says.
    ProgramNotFound,
    /// The runner has no account or key of its provider.
    NotLoggedIn,
    /// The bus does not know the token.
    TokenRefused,
    /// The bus does not answer.
    ServerUnreachable,
    /// The provider is asked too often, or has nothing left for this account.
    RateLimited,
    /// A file or folder is not to be read or written.
    Permission,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProgramNotFound => {
                "The program was not found. Install it, or name it by its full path."
            }
            Self::NotLoggedIn => {
                "The runner is not logged in. Run it once in a terminal and log in."
            }
            Self::TokenRefused => {
                "The token was refused. Rotate the agent's token and write its file anew."
            }
            Self::ServerUnreachable => {
                "Husting's address did not answer. Look whether the file names the right port."
            }
            Self::RateLimited => {
                "The provider is asked too often or the account's limit is reached. Wait, or look \
                 at the account."
            }
            Self::Permission => {
                "The system does not permit what the program tried. Look at the folder's rights."
            }
        })
    }
}

/// In this order: only our bus says `invalid_token`, a provider's 401 comes with a hint to log in, and
/// words that stand in many messages are looked for last.
const SIGNS: &[(Cause, &[&str])] = &[
    (Cause::TokenRefused, &["invalid_token"]),
    (
        Cause::NotLoggedIn,
        &[
            "invalid api key",
            "please run /login",
            "not logged in",
            "codex login",
            "claude login",
            "claude auth login",
            "missing api key",
            "oauth token has expired",
        ],
    ),
    (
        Cause::TokenRefused,
        &[
            "401 unauthorized",
            "http 401",
            "status 401",
            "status code 401",
        ],
    ),
    (
        Cause::ServerUnreachable,
        &[
            "econnrefused",
            "connection refused",
            "could not connect",
            "failed to connect",
            "enotfound",
        ],
    ),
    (
        Cause::RateLimited,
        &[
            "rate limit",
            "rate_limit",
            "too many requests",
            "usage limit",
            "status 429",
            "http 429",
            "quota exceeded",
        ],
    ),
    (
        Cause::ProgramNotFound,
        &["command not found", "no such file or directory", "enoent"],
    ),
    (
        Cause::Permission,
        &[
            "permission denied",
            "eacces",
            "eperm",
            "operation not permitted",
        ],
    ),
];

/// What probably went wrong, by the exit code and the words of `tail`; nothing where a program
/// ended well or says nothing that is known.
#[must_use]
pub fn likely_cause(tail: &str, exit: Option<Exit>) -> Option<Cause> {
    match exit {
        Some(Exit::Code(0)) => return None,
        Some(Exit::Code(NO_SUCH_PROGRAM)) => return Some(Cause::ProgramNotFound),
        Some(Exit::Code(NOT_TO_BE_RUN)) => return Some(Cause::Permission),
        _ => {}
    }
    let tail = tail.to_lowercase();
    let said = |(_, signs): &&(Cause, &[&str])| signs.iter().any(|sign| tail.contains(sign));
    SIGNS.iter().find(said).map(|&(cause, _)| cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "Invalid API key · Please run /login",
        Some(Exit::Code(1)),
        Some(Cause::NotLoggedIn)
    )]
    #[case("Error: Not logged in", None, Some(Cause::NotLoggedIn))]
    #[case(
        "{\"error\":\"invalid_token\"} please run /login",
        None,
        Some(Cause::TokenRefused)
    )]
    #[case(
        "API Error: HTTP 401 · Please run /login",
        None,
        Some(Cause::NotLoggedIn)
    )]
    #[case(
        "HTTP 401 Unauthorized",
        Some(Exit::Unknown),
        Some(Cause::TokenRefused)
    )]
    #[case(
        "connect ECONNREFUSED 127.0.0.1:6070",
        None,
        Some(Cause::ServerUnreachable)
    )]
    #[case("429: Rate limit exceeded", None, Some(Cause::RateLimited))]
    #[case("bash: claude: command not found", None, Some(Cause::ProgramNotFound))]
    #[case("", Some(Exit::Code(127)), Some(Cause::ProgramNotFound))]
    #[case("", Some(Exit::Code(126)), Some(Cause::Permission))]
    #[case("EACCES: open '/x'", Some(Exit::Code(2)), Some(Cause::Permission))]
    #[case("Invalid API key", Some(Exit::Code(0)), None)]
    #[case("I read the mail.", Some(Exit::Signal(15)), None)]
    #[case("", None, None)]
    fn the_cause_is_read_from_what_was_said(
        #[case] tail: &str,
        #[case] exit: Option<Exit>,
        #[case] cause: Option<Cause>,
    ) {
        assert_eq!(likely_cause(tail, exit), cause);
    }

    #[test]
    fn every_cause_has_a_sentence_that_says_what_to_do() {
        for &(cause, _) in SIGNS {
            let sentence = cause.to_string();
            assert!(sentence.ends_with('.') && sentence.matches(". ").count() >= 1);
        }
    }
}
