//! Which session is meant: a whole id, or as much of its beginning as tells it from all others.

use std::str::FromStr;

use husting_domain::ids::SessionId;
use husting_wire::commands::FindSessions;
use husting_wire::errors::Error;
use husting_wire::sessions::{ListSessions, SessionSummary};

use crate::door::{Door, ask};
use crate::exit::Failure;

/// Fewer characters are a slip of the hand rather than a name.
const FEWEST: usize = 6;
/// Sessions asked for at once.
const PAGE: u32 = 200;
/// Candidates that are listed.
const LISTED: usize = 5;

/// A session as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(SessionId),
    /// By its id's first hexadecimal digits, without dashes.
    Beginning(String),
}

/// Why a word names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session is named by its id, or by the id's first {FEWEST} characters or more")]
pub struct NoName;

impl FromStr for Named {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let digits = text.replace('-', "").to_ascii_lowercase();
        let fits = digits.len() >= FEWEST
            && digits.len() < 32
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then_some(Self::Beginning(digits)).ok_or(NoName)
    }
}

impl Named {
    /// The session that is meant.
    ///
    /// # Errors
    /// `not_found` when no session begins like this; wrong usage when several do.
    pub async fn find(self, door: &dyn Door) -> Result<SessionId, Failure> {
        let beginning = match self {
            Self::Id(id) => return Ok(id),
            Self::Beginning(beginning) => beginning,
        };
        let mut found = Vec::new();
        for archived in [false, true] {
            found.extend(beginning_with(door, &beginning, archived).await?);
        }
        match &found[..] {
            [] => Err(Error::not_found("session").into()),
            [one] => Ok(one.session_id),
            several => Err(ambiguous(&beginning, several)),
        }
    }
}

async fn beginning_with(
    door: &dyn Door,
    beginning: &str,
    archived: bool,
) -> Result<Vec<SessionSummary>, Failure> {
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let page = ListSessions {
            archived,
            limit: Some(PAGE),
            offset: Some(offset),
            ..ListSessions::default()
        };
        let page = ask::<FindSessions>(door, page).await?.sessions;
        let is_last = page.len() < PAGE as usize;
        found.extend(page.into_iter().filter(|session| {
            let digits = session.session_id.to_string().replace('-', "");
            digits.starts_with(beginning)
        }));
        if is_last {
            return Ok(found);
        }
        offset += PAGE;
    }
}

fn ambiguous(beginning: &str, sessions: &[SessionSummary]) -> Failure {
    let line = |session: &SessionSummary| format!("\n  {}  {}", session.session_id, session.title);
    let lines: String = sessions.iter().take(LISTED).map(line).collect();
    let more = sessions.len().saturating_sub(LISTED);
    let more = if more > 0 {
        format!("\n  and {more} more")
    } else {
        String::new()
    };
    Failure::Usage(format!(
        "{} sessions begin with {beginning}; write more of the id:{lines}{more}",
        sessions.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_id_or_enough_of_its_beginning() {
        let id = "0199d1f0-0000-7000-8000-000000000000";
        assert_eq!(id.parse(), Ok(Named::Id(id.parse().unwrap())));
        let beginning = |text: &str| Ok(Named::Beginning(text.to_owned()));
        assert_eq!("0199D1".parse(), beginning("0199d1"));
        assert_eq!("0199d1f0-0000-7".parse(), beginning("0199d1f000007"));
        for text in ["", "0199d", "0199-d", "not-an-id", "0199dx", "------"] {
            assert_eq!(text.parse::<Named>(), Err(NoName), "{text}");
        }
    }
}
