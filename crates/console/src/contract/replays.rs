//! The same request again: who asked twice is given the acknowledgement of the first time.

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::keys::Principal;
use husting_domain::time::{DAY_MILLIS, Timestamp};
use husting_store::{Replay, ReplayAt, Require, Write};
use husting_wire::contract::requests::{AppendToSession, CreateDeliberation};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::{SessionAck, SessionView};
use serde::Serialize;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::Inner;
use crate::caller::Caller;
use crate::convene::ack_of;
use crate::errors::Outward;

/// How long an acknowledgement is kept, in milliseconds.
pub(crate) const KEPT_MILLIS: i64 = DAY_MILLIS;

/// By what a caller's second request is known as the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// By the caller's own key, for a day; without one, by nothing.
    ByKey {
        /// `Idempotency-Key`.
        key: Option<String>,
        /// What the caller calls its request; part of what must be the same.
        client_request_id: Option<String>,
    },
    /// By its words, until the caller was given the round's end.
    ByWords,
}

/// Where a request's acknowledgement will stand, and what stands there now.
#[derive(Clone, Debug)]
pub(crate) struct ReplayPlace {
    pub at: ReplayAt,
    pub fingerprint: [u8; 32],
    /// The round that stands there now, to be replaced.
    pub round: Option<RoundId>,
    pub client_request_id: Option<String>,
    by_words: bool,
}

impl ReplayPlace {
    /// What must hold for the request to be the first of its kind.
    pub fn require(&self) -> Require {
        if self.by_words {
            // Other words take the place, whoever stands there by then: they are another request.
            return Require::NoTwin {
                place: Box::new(self.at.clone()),
                fingerprint: self.fingerprint,
                round: self.round,
            };
        }
        Require::Replay(self.at.clone(), self.round)
    }
}

/// What a request finds in its place.
pub(crate) enum Found {
    /// The same request's acknowledgement.
    Same(SessionAck),
    /// Nothing that stands in its way.
    Free(ReplayPlace),
}

/// What a request is called and by what it is known.
pub(crate) struct Identity {
    place: ReplayAt,
    fingerprint: [u8; 32],
    client_request_id: Option<String>,
    by_words: bool,
}

impl Identity {
    /// Of a request to open a session; `None` where nothing makes a second one the same.
    pub fn of_create(caller: &Caller, asked: &CreateDeliberation, again: &Again) -> Option<Self> {
        let endpoint = "create".to_owned();
        let words = Words {
            prompt: nfc(&asked.prompt),
            snippets: Vec::new(),
            models: asked.models.as_ref().map(|models| {
                let mut models: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
                models.sort_unstable();
                models
            }),
            moderator_name: asked.moderator_name.as_deref().map(nfc),
            reference: asked.reference.as_deref().map(nfc),
            recap_round: asked.recap_round,
            recap_session: false,
            consent: asked.improvement_consent,
        };
        Self::new(caller.principal(), endpoint, asked, &words, again)
    }

    /// Of a request for a session's next round.
    pub fn of_append(caller: &Caller, asked: &AppendToSession, again: &Again) -> Option<Self> {
        let endpoint = format!("append/{}", asked.session_id);
        let snippet = |snippet: &husting_wire::contract::requests::SteeringSnippet| {
            let comment = snippet.comment.as_deref().map(nfc);
            (
                snippet.kind.word(),
                nfc(&snippet.quote),
                snippet.quoted_model.to_string(),
                comment,
            )
        };
        let words = Words {
            prompt: nfc(&asked.prompt),
            snippets: asked.snippets.iter().map(snippet).collect(),
            models: None,
            moderator_name: asked.moderator_name.as_deref().map(nfc),
            reference: None,
            recap_round: asked.recap_round,
            recap_session: asked.recap_session,
            consent: None,
        };
        Self::new(caller.principal(), endpoint, asked, &words, again)
    }

    /// Of a request to try a round again; words say nothing of it, so only a key of the caller's own
    /// makes a second one the same.
    pub fn of_retry(
        caller: &Caller,
        session: SessionId,
        round: RoundId,
        again: &Again,
    ) -> Option<Self> {
        let Again::ByKey {
            key,
            client_request_id,
        } = again
        else {
            return None;
        };
        Some(Self {
            place: ReplayAt {
                caller: caller.principal(),
                endpoint: format!("rest/retry/{session}"),
                key: key.clone()?,
            },
            fingerprint: fingerprint(&(round, client_request_id)),
            client_request_id: client_request_id.clone(),
            by_words: false,
        })
    }

    fn new(
        caller: Principal,
        endpoint: String,
        body: &impl Serialize,
        words: &Words<'_>,
        again: &Again,
    ) -> Option<Self> {
        let place = |door: &str, key: String| ReplayAt {
            caller,
            endpoint: format!("{door}/{endpoint}"),
            key,
        };
        match again {
            Again::ByKey {
                key,
                client_request_id,
            } => Some(Self {
                place: place("rest", key.clone()?),
                fingerprint: fingerprint(&(body, client_request_id)),
                client_request_id: client_request_id.clone(),
                by_words: false,
            }),
            Again::ByWords => Some(Self {
                place: place("mcp", String::new()),
                fingerprint: fingerprint(words),
                client_request_id: None,
                by_words: true,
            }),
        }
    }
}

/// What makes a request the same, in Unicode's composed form.
#[derive(Serialize)]
struct Words<'a> {
    prompt: String,
    snippets: Vec<(&'static str, String, String, Option<String>)>,
    models: Option<Vec<&'a str>>,
    moderator_name: Option<String>,
    reference: Option<String>,
    recap_round: bool,
    recap_session: bool,
    consent: Option<bool>,
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

fn fingerprint(value: &impl Serialize) -> [u8; 32] {
    // Plain values; were one not to be written, its request would be like no other.
    let text = serde_json::to_vec(value).unwrap_or_else(|fault| fault.to_string().into_bytes());
    Sha256::digest(text).into()
}

impl Inner {
    /// What stands where the request's acknowledgement would.
    ///
    /// # Errors
    /// `idempotency_conflict` where another request came with the same key.
    pub(crate) async fn found_for(
        &self,
        tenant: &TenantId,
        identity: &Identity,
    ) -> Result<Found, Error> {
        let found = self.store.replay(tenant, &identity.place).await.outward()?;
        let free = |round| {
            Found::Free(ReplayPlace {
                at: identity.place.clone(),
                fingerprint: identity.fingerprint,
                round,
                client_request_id: identity.client_request_id.clone(),
                by_words: identity.by_words,
            })
        };
        let Some(found) = found else {
            return Ok(free(None));
        };
        if is_old(&found, self.now()) {
            return Ok(free(Some(found.round_id)));
        }
        match (found.fingerprint == identity.fingerprint, identity.by_words) {
            (true, _) => match self.ack_again(tenant, &found).await? {
                Some(ack) => Ok(Found::Same(ack)),
                // Its session was deleted since.
                None => Ok(free(Some(found.round_id))),
            },
            (false, true) => Ok(free(Some(found.round_id))),
            (false, false) => Err(Error::new(
                ErrorCode::IdempotencyConflict,
                "This Idempotency-Key came with another request before. Send the same body, or a new key.",
            )),
        }
    }

    /// The acknowledgement as it was given the first time.
    async fn ack_again(
        &self,
        tenant: &TenantId,
        found: &Replay,
    ) -> Result<Option<SessionAck>, Error> {
        let session = self
            .store
            .session(tenant, found.session_id)
            .await
            .outward()?;
        let Some(session) = session else {
            return Ok(None);
        };
        let rounds = self
            .store
            .rounds(tenant, found.session_id)
            .await
            .outward()?;
        let round = rounds.iter().find(|round| round.id == found.round_id);
        Ok(round.map(|round| ack_of(&session, round, found.progress_version)))
    }

    /// The caller was given the end of these rounds: the same words make new ones from now on.
    pub(crate) async fn given(&self, caller: &Caller, view: &SessionView) -> Result<(), Error> {
        if matches!(caller, Caller::Operator { .. }) {
            return Ok(());
        }
        let (tenant, session) = (caller.tenant(), view.summary.session_id);
        let standing = self
            .store
            .replays_by_words(&tenant, caller.principal(), session)
            .await
            .outward()?;
        // As it was shown: a round that has ended since was not given.
        let is_over = |id: &RoundId| {
            let mut rounds = view.rounds.iter();
            rounds.any(|round| round.round_id == *id && round.status.is_terminal())
        };
        let released: Vec<Write> = standing
            .into_iter()
            .filter(is_over)
            .map(|round| Write::ReleaseReplay {
                caller: caller.principal(),
                round,
            })
            .collect();
        if released.is_empty() {
            return Ok(());
        }
        // A full disk hinders no read: the same words give this round once more then.
        if let Err(fault) = self.keep(&tenant, released).await {
            tracing::warn!(%fault, "that a round's end was given was not kept");
        }
        Ok(())
    }
}

/// What stands for a session's newest round by its words stands until its end was given.
fn is_old(replay: &Replay, now: Timestamp) -> bool {
    let has_an_end = replay.place.endpoint == "mcp/create" || !replay.place.key.is_empty();
    has_an_end && now.millis_since(replay.at) >= KEPT_MILLIS
}

#[cfg(test)]
mod tests {
    use husting_wire::contract::requests::SteeringSnippet;

    use super::*;
    use crate::caller::Door;

    fn words(asked: &CreateDeliberation) -> [u8; 32] {
        let caller = Caller::Operator { door: Door::Cli };
        Identity::of_create(&caller, asked, &Again::ByWords)
            .unwrap()
            .fingerprint
    }

    fn asked(prompt: &str, models: &[&str]) -> CreateDeliberation {
        let models = models
            .iter()
            .map(|id| husting_domain::models::ModelId::parse(id).unwrap())
            .collect();
        CreateDeliberation {
            prompt: prompt.to_owned(),
            models: Some(models),
            ..CreateDeliberation::default()
        }
    }

    #[test]
    fn the_same_words_are_the_same_however_they_are_composed_and_the_models_ordered() {
        let composed = words(&asked("caf\u{e9}?", &["a", "b"]));
        assert_eq!(composed, words(&asked("cafe\u{301}?", &["b", "a"])));
        assert_ne!(composed, words(&asked("cafe?", &["a", "b"])));
        assert_ne!(composed, words(&asked("caf\u{e9}?", &["a", "c"])));
    }

    #[test]
    fn each_of_the_words_counts() {
        let caller = Caller::Operator { door: Door::Cli };
        let of = |asked: &AppendToSession| {
            Identity::of_append(&caller, asked, &Again::ByWords)
                .unwrap()
                .fingerprint
        };
        let snippet = |kind, quote: &str, comment: Option<&str>| SteeringSnippet {
            kind,
            quote: quote.to_owned(),
            quoted_model: husting_domain::models::ModelId::parse("a").unwrap(),
            comment: comment.map(str::to_owned),
        };
        use husting_domain::snippets::SnippetType::{Core, Keep};
        let plain: AppendToSession = serde_json::from_value(serde_json::json!({
            "session_id": uuid::Uuid::nil(), "prompt": "Pick one.",
        }))
        .unwrap();
        let with = |snippets: Vec<SteeringSnippet>| AppendToSession {
            snippets,
            ..plain.clone()
        };
        let changed = [
            plain.clone(),
            AppendToSession {
                prompt: "Pick two.".to_owned(),
                ..plain.clone()
            },
            AppendToSession {
                moderator_name: Some("Scout".to_owned()),
                ..plain.clone()
            },
            AppendToSession {
                recap_round: true,
                ..plain.clone()
            },
            AppendToSession {
                recap_session: true,
                ..plain.clone()
            },
            with(vec![snippet(Keep, "x", None)]),
            with(vec![snippet(Core, "x", None)]),
            with(vec![snippet(Keep, "y", None)]),
            with(vec![snippet(Keep, "x", Some("z"))]),
            with(vec![snippet(Keep, "x", None), snippet(Keep, "y", None)]),
            with(vec![snippet(Keep, "y", None), snippet(Keep, "x", None)]),
        ];
        let all: std::collections::HashSet<_> = changed.iter().map(of).collect();
        assert_eq!(all.len(), changed.len());
        let opened = asked("Which?", &["a", "b"]);
        let opened = [
            opened.clone(),
            CreateDeliberation {
                reference: Some("A document.".to_owned()),
                ..opened.clone()
            },
            CreateDeliberation {
                improvement_consent: Some(false),
                ..opened.clone()
            },
            CreateDeliberation {
                improvement_consent: Some(true),
                ..opened.clone()
            },
            CreateDeliberation {
                moderator_name: Some("Scout".to_owned()),
                ..opened.clone()
            },
            CreateDeliberation {
                models: None,
                ..opened
            },
        ];
        let all: std::collections::HashSet<_> = opened.iter().map(words).collect();
        assert_eq!(all.len(), opened.len());
    }

    #[test]
    fn who_calls_and_for_which_client_is_no_part_of_the_words() {
        let plain = asked("Which?", &["a", "b"]);
        let named = CreateDeliberation {
            application: Some("an editor".to_owned()),
            ..plain.clone()
        };
        assert_eq!(words(&plain), words(&named));
        let flagged = CreateDeliberation {
            recap_round: true,
            ..plain.clone()
        };
        assert_ne!(words(&plain), words(&flagged));
    }

    #[test]
    fn the_same_words_stand_in_another_place_at_each_endpoint() {
        let caller = Caller::Operator { door: Door::Cli };
        let by_key = Again::ByKey {
            key: Some("k".to_owned()),
            client_request_id: None,
        };
        let opened = CreateDeliberation {
            prompt: "Which?".to_owned(),
            ..CreateDeliberation::default()
        };
        let next = |session: u128| -> AppendToSession {
            serde_json::from_value(serde_json::json!({
                "session_id": uuid::Uuid::from_u128(session), "prompt": "Which?",
            }))
            .unwrap()
        };
        for again in [Again::ByWords, by_key] {
            let all = [
                Identity::of_create(&caller, &opened, &again),
                Identity::of_append(&caller, &next(1), &again),
                Identity::of_append(&caller, &next(2), &again),
            ];
            let all = all.map(Option::unwrap);
            if again == Again::ByWords {
                assert!(
                    all.iter().all(|one| one.fingerprint == all[0].fingerprint),
                    "nothing but the place keeps them apart"
                );
            }
            let places: Vec<_> = all.iter().map(|one| &one.place).collect();
            for (n, place) in places.iter().enumerate() {
                assert!(!places[..n].contains(place), "{place:?}");
            }
        }
    }
}
