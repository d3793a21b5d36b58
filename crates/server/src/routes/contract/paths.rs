//! What a path or a query names: one place that says what is not there and what is not understood.

use std::collections::HashMap;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use husting_console::Caller;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_wire::errors::Error;

use super::super::Shared;
use crate::contract::Contract;
use crate::refusal::Declined;

/// A session by its id.
pub(super) struct InSession(pub SessionId);

/// One of its rounds.
pub(super) struct AtRound {
    pub session: SessionId,
    pub round: RoundName,
}

/// One seat of such a round.
pub(super) struct AtSeat {
    pub session: SessionId,
    pub round: RoundName,
    pub model: ModelId,
}

/// A round as a path names it.
pub(super) enum RoundName {
    Id(RoundId),
    /// 0-based.
    Index(u32),
}

impl RoundName {
    fn parse(text: &str) -> Result<Self, Error> {
        let id = || text.parse().map(Self::Id).ok();
        let index = || text.parse().map(Self::Index).ok();
        id().or_else(index).ok_or_else(|| Error::not_found("round"))
    }

    /// Its id.
    pub(super) async fn id(
        self,
        contract: &dyn Contract,
        caller: &Caller,
        session: SessionId,
    ) -> Result<RoundId, Error> {
        match self {
            Self::Id(id) => Ok(id),
            Self::Index(index) => contract.round_at(caller, session, index).await,
        }
    }
}

impl FromRequestParts<Shared> for InSession {
    type Rejection = Declined;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Declined> {
        let named = Named::of(parts, shared).await?;
        Ok(Self(named.session()?))
    }
}

impl FromRequestParts<Shared> for AtRound {
    type Rejection = Declined;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Declined> {
        let named = Named::of(parts, shared).await?;
        Ok(Self {
            session: named.session()?,
            round: RoundName::parse(named.get("round"))?,
        })
    }
}

impl FromRequestParts<Shared> for AtSeat {
    type Rejection = Declined;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Declined> {
        let named = Named::of(parts, shared).await?;
        // A model's id may hold slashes, so it is whatever stands before the last word.
        let model = named.get("seat").strip_suffix("/stop");
        let model = model.and_then(ModelId::parse);
        Ok(Self {
            session: named.session()?,
            round: RoundName::parse(named.get("round"))?,
            model: model.ok_or_else(|| Error::not_found("seat"))?,
        })
    }
}

struct Named(HashMap<String, String>);

impl Named {
    async fn of(parts: &mut Parts, shared: &Shared) -> Result<Self, Error> {
        // What is not even text names nothing.
        let Path(named) = Path::from_request_parts(parts, shared)
            .await
            .map_err(|_| Error::not_found("session"))?;
        Ok(Self(named))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    fn session(&self) -> Result<SessionId, Error> {
        self.get("session_id")
            .parse()
            .map_err(|_| Error::not_found("session"))
    }
}

/// What a query asks for, each once and none that is not known.
pub(in crate::routes) struct Asked(HashMap<String, String>);

impl Asked {
    /// Reads the query of `uri`, where `known` may stand.
    pub(in crate::routes) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Error> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| {
            Error::invalid("The query cannot be read: it is no `name=value` in UTF-8.")
        })?;
        let mut asked = HashMap::new();
        for (name, value) in pairs {
            if !known.contains(&name.as_str()) {
                return Err(Error::invalid(unknown(&name, known)));
            }
            if asked.contains_key(&name) {
                return Err(Error::invalid(format!("{name} stands twice in the query.")));
            }
            asked.insert(name, value);
        }
        Ok(Self(asked))
    }

    /// A number.
    pub(in crate::routes) fn one<T: FromStr>(
        &self,
        name: &str,
        what: &str,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.0.get(name) else {
            return Ok(None);
        };
        let read = text
            .parse()
            .map_err(|_| Error::invalid(format!("{name}: {what} is expected; {text:?} came.")))?;
        Ok(Some(read))
    }

    /// An id; what has not the form of one is nobody's.
    pub(super) fn id<T: FromStr>(&self, name: &str, noun: &str) -> Result<Option<T>, Error> {
        let id = self.0.get(name).map(|text| text.parse());
        id.transpose().map_err(|_| Error::not_found(noun))
    }

    /// One of these words.
    pub(in crate::routes) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.0.get(name) else {
            return Ok(None);
        };
        let meant = words.iter().find(|(word, _)| word == text);
        meant.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(", ");
            Error::invalid(format!(
                "{name}: one of {known} is expected; {text:?} came."
            ))
        })
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        format!("This route takes nothing in its query, and not {name:?}.")
    } else {
        format!("The query may hold {}, and not {name:?}.", known.join(", "))
    }
}

/// An empty query.
pub(super) struct NothingAsked;

impl FromRequestParts<Shared> for NothingAsked {
    type Rejection = Declined;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Declined> {
        Asked::of(&parts.uri, &[])?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Asked, Error> {
        let uri = format!("/api/sessions{query}").parse().unwrap();
        Asked::of(&uri, &["limit", "status"])
    }

    #[test]
    fn a_query_holds_what_is_known_each_once() {
        let read = asked("?limit=7&status=re%61dy").unwrap();
        assert_eq!(read.one::<u64>("limit", "a number").unwrap(), Some(7));
        let words = [("ready", 1), ("streaming", 2)];
        assert_eq!(read.word("status", &words).unwrap(), Some(1));
        let refused = asked("?status=Ready").unwrap().word("status", &words);
        assert_eq!(
            refused.unwrap_err().message,
            "status: one of ready, streaming is expected; \"Ready\" came."
        );
        for (query, told) in [
            ("?limit=7&limit=8", "limit stands twice in the query."),
            (
                "?size=7",
                "The query may hold limit, status, and not \"size\".",
            ),
        ] {
            assert_eq!(asked(query).err().unwrap().message, told);
        }
        let wrong = asked("?limit=-1").unwrap();
        let told = wrong.one::<u64>("limit", "a whole number").unwrap_err();
        assert_eq!(
            told.message,
            "limit: a whole number is expected; \"-1\" came."
        );
    }
}
