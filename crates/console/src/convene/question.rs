//! A new session from what was asked, and the limits on that.

use husting_deliberation::hygiene::{cleaned, is_blank};
use husting_domain::consent::ImprovementConsent;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::Summary;
use husting_domain::sessions::{Session, SessionStatus, title_of};
use husting_wire::errors::Error;
use husting_wire::sessions::Convene;
use husting_wire::{lengths, ranges};

use crate::caller::Caller;
use crate::{Inner, chance};

/// Most bytes of a reference.
const MOST_REFERENCE: usize = 4 * 1024 * 1024;

impl Inner {
    pub(super) fn new_session(
        &self,
        caller: &Caller,
        asked: &Convene,
        models: Vec<ModelId>,
    ) -> Result<Session, Error> {
        let settings = self.settings();
        let now = self.now();
        let max_output_tokens = asked
            .max_output_tokens
            .unwrap_or(settings.panel_max_output_tokens);
        ranges::MAX_OUTPUT_TOKENS.check("max_output_tokens", max_output_tokens)?;
        if let Some(seconds) = asked.deadline_seconds {
            ranges::DEADLINE_SECONDS.check("deadline_seconds", seconds.into())?;
        }
        if asked
            .spend_limit
            .is_some_and(|limit| limit <= MicroUsd::ZERO)
        {
            return Err(Error::invalid(
                "A session's spending limit is more than zero.",
            ));
        }
        check_name("moderator_name", asked.moderator_name.as_deref())?;
        check_name("application", asked.application.as_deref())?;
        if asked
            .reference_name
            .as_ref()
            .is_some_and(|name| name.len() > 255)
        {
            return Err(Error::invalid("reference_name has at most 255 bytes."));
        }
        let ids: Vec<&str> = models.iter().map(ModelId::as_str).collect();
        let reference = asked
            .reference
            .clone()
            .filter(|text| !text.trim().is_empty());
        let mut drawn_from = vec![
            asked.prompt.as_str(),
            reference.as_deref().unwrap_or_default(),
        ];
        drawn_from.extend(ids);
        Ok(Session {
            id: chance::session_id(),
            tenant_id: caller.tenant(),
            title: title_of(&cleaned(&asked.prompt)),
            tags: Vec::new(),
            status: SessionStatus::Processing,
            seed: chance::seed_of(&drawn_from),
            rehearsal: models.iter().all(ModelId::is_rehearsal),
            reference_name: reference.as_ref().and(asked.reference_name.clone()),
            reference,
            models,
            blind: asked.blind.unwrap_or(true),
            moderator_name: given(asked.moderator_name.clone()),
            application: given(asked.application.clone()),
            source: caller.source(),
            max_output_tokens,
            deadline_seconds: asked.deadline_seconds,
            spend_limit: asked.spend_limit,
            opened_by: caller.principal(),
            consent: ImprovementConsent::decide(
                self.agents.tier(&caller.tenant()),
                asked.improvement_consent,
            ),
            synthesis: Summary::default(),
            archived: false,
            created_at: now,
            updated_at: now,
        })
    }
}

/// A name, where it says something: one that is blank counts as none.
pub(super) fn given(name: Option<String>) -> Option<String> {
    name.filter(|name| !name.trim().is_empty())
}

pub(super) fn check_name(field: &str, name: Option<&str>) -> Result<(), Error> {
    if name.is_some_and(|name| name.chars().count() > lengths::NAME) {
        let most = lengths::NAME;
        return Err(Error::invalid(format!(
            "{field} has at most {most} characters."
        )));
    }
    Ok(())
}

/// Whether `prompt` is a question that a panel is asked.
///
/// # Errors
/// `invalid_request` where it says nothing, or is longer than a question may be.
pub fn check_prompt(prompt: &str) -> Result<(), Error> {
    if is_blank(prompt) {
        return Err(Error::invalid("The question is empty."));
    }
    let characters = prompt.chars().count();
    if characters > lengths::PROMPT {
        return Err(Error::invalid(format!(
            "The question has {characters} characters, of at most {}. Put long material into the reference.",
            lengths::PROMPT
        )));
    }
    Ok(())
}

pub(super) fn check_reference(reference: Option<&str>) -> Result<(), Error> {
    if reference.is_some_and(|text| text.len() > MOST_REFERENCE) {
        return Err(Error::invalid(
            "The reference is larger than 4 MiB. Shorten it, or split the question.",
        ));
    }
    Ok(())
}
