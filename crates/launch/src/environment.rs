//! What a child knows of our environment: nothing but what a program needs to run here.

use std::ffi::{OsStr, OsString};

/// Passed on where they stand in our own environment. `SHELL` is left out: nothing here runs one.
const NEEDED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TERM",
    "TMPDIR",
    "CODEX_HOME",
    "CLAUDE_CONFIG_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
const NEEDED_BEGINNINGS: &[&str] = &["LC_", "XDG_"];
const NEVER_BEGINNING: &str = "HUSTING_";
const SECRET_ENDINGS: &[&str] = &["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD"];

/// The environment of a child: of `own` what is needed, then `more`, which the caller names and
/// which stands against `own`. What begins with `HUSTING_` is ours and is not passed on, whoever
/// names it.
///
/// Sorted by name, each name once.
pub fn environment(
    own: impl Iterator<Item = (OsString, OsString)>,
    more: Vec<(String, String)>,
) -> Vec<(OsString, OsString)> {
    let own = own.filter(|(name, _)| is_needed(name));
    let more = more
        .into_iter()
        .filter(|(name, _)| is_name(name) && !name.starts_with(NEVER_BEGINNING))
        .map(|(name, value)| (name.into(), value.into()));
    let kept: std::collections::BTreeMap<OsString, OsString> = own.chain(more).collect();
    kept.into_iter().collect()
}

/// Whether `name` can name a variable. tmux takes such names as patterns and lists, so that no other
/// characters may stand in them.
pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_')
}

fn is_needed(name: &OsStr) -> bool {
    let Some(name) = name.to_str().filter(|name| is_name(name)) else {
        return false;
    };
    let listed = NEEDED.contains(&name);
    let begins = NEEDED_BEGINNINGS
        .iter()
        .any(|beginning| name.starts_with(beginning));
    let secret = SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending));
    (listed || begins) && !secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn of(own: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = own.iter().map(|&(name, value)| (name.into(), value.into()));
        let more = more
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        environment(own, more)
            .into_iter()
            .map(|(name, value)| (name.into_string().unwrap(), value.into_string().unwrap()))
            .collect()
    }

    #[rstest]
    #[case("PATH", true)]
    #[case("LC_ALL", true)]
    #[case("XDG_RUNTIME_DIR", true)]
    #[case("CLAUDE_CONFIG_DIR", true)]
    #[case("https_proxy", true)]
    #[case("SHELL", false)]
    #[case("HUSTING_HOME", false)]
    #[case("ANTHROPIC_API_KEY", false)]
    #[case("XDG_API_KEY", false)]
    #[case("DISCORD_TOKEN", false)]
    #[case("LD_PRELOAD", false)]
    #[case("SSH_AUTH_SOCK", false)]
    #[case("TMUX", false)]
    fn only_what_is_needed_is_passed_on(#[case] name: &str, #[case] passed: bool) {
        assert_eq!(!of(&[(name, "x")], &[]).is_empty(), passed);
    }

    #[test]
    fn what_the_caller_names_is_passed_on_and_stands_against_our_own() {
        let own = [("PATH", "/own"), ("OPENAI_API_KEY", "own"), ("HOME", "/h")];
        let more = [("PATH", "/more"), ("OPENAI_API_KEY", "named")];
        let expected = [
            ("HOME", "/h"),
            ("OPENAI_API_KEY", "named"),
            ("PATH", "/more"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(of(&own, &more), expected);
    }

    #[rstest]
    #[case("HUSTING_TOKEN")]
    #[case("A B")]
    #[case("A,B")]
    #[case("*")]
    #[case("")]
    #[case("A=B")]
    #[case("1A")]
    fn neither_our_own_names_nor_what_is_no_name_is_passed_on_for_anybody(#[case] name: &str) {
        assert_eq!(of(&[], &[(name, "x")]), Vec::new());
    }

    proptest! {
        #[test]
        fn nothing_of_ours_is_passed_on(name in "HUSTING_[A-Z_]{0,12}|[A-Z_]{0,9}(_TOKEN|_API_KEY)") {
            prop_assert!(of(&[(&name, "x")], &[]).is_empty());
        }
    }
}
