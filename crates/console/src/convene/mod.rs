//! Opening a session, asking for its next round, trying a round again: from a request to a round
//! at work. What is answered with an ack is on disk, its money set aside.

mod admission;
mod cost;
mod moderator;
mod question;
mod round;
mod seats;

use husting_deliberation::round::RoundPlan;
use husting_domain::models::ModelId;
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;
use husting_wire::errors::Error;
use husting_wire::rounds::AppendRound;
use husting_wire::sessions::{Convene, SessionAck};

pub(crate) use self::admission::{ack_of, snippet_acks};
pub(crate) use self::moderator::{refuse_unless_ready, verified};
pub use self::question::check_prompt;
pub(crate) use self::round::{plan_of, queued_call, reopened};
pub(crate) use self::seats::{check_known, check_panel, check_priced, check_seats, roster_of};

use self::moderator::{kept_name, steered};
use self::question::{check_name, check_reference, given};
use self::round::{Asked, new_round};
use crate::Inner;
use crate::caller::Caller;
use crate::catalog::Catalog;
use crate::contract::conditions::Conditions;
use crate::contract::replays::ReplayPlace;

/// Who steers a round for which nobody wrote a prompt or chose words.
const BUILDER: &str = "Husting";

/// A round about to be accepted.
pub(crate) struct Proposal {
    pub session: Session,
    pub round: Round,
    pub plan: RoundPlan,
    /// Nothing of it is stored yet.
    pub is_new_session: bool,
    /// Seats that are asked for an answer.
    pub asked: Vec<ModelId>,
    /// Seats whose reaction was lost and is asked for again, whoever answers anew.
    pub lost: Vec<ModelId>,
    /// What must hold for whoever asks.
    pub conditions: Conditions,
}

impl Proposal {
    /// Whether the round may call this seat: to answer, to react to a new answer, or again
    /// because its reaction was lost.
    fn may_call(&self, model: &ModelId) -> bool {
        !self.asked.is_empty() || self.lost.contains(model)
    }
}

impl Inner {
    /// Opens a deliberation and starts its first round.
    pub(crate) async fn convene(
        self: &std::sync::Arc<Self>,
        caller: &Caller,
        asked: Convene,
        replay: Option<ReplayPlace>,
    ) -> Result<SessionAck, Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        let catalog = self.catalog(&tenant).await?;
        let proposal = self.proposed(caller, &catalog, asked, replay).await?;
        self.accept(&tenant, catalog, proposal).await
    }

    /// Whether a deliberation would be opened now. Nothing is kept or set aside by asking.
    ///
    /// # Errors
    /// As [`Inner::convene`] gives them.
    pub(crate) async fn may_convene(&self, caller: &Caller, asked: Convene) -> Result<(), Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        let catalog = self.catalog(&tenant).await?;
        let proposal = self.proposed(caller, &catalog, asked, None).await?;
        self.may_accept(&tenant, &catalog, &proposal).await
    }

    async fn proposed(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        asked: Convene,
        replay: Option<ReplayPlace>,
    ) -> Result<Proposal, Error> {
        check_prompt(&asked.prompt)?;
        check_reference(asked.reference.as_deref())?;
        let models = self.panel_for(&caller.tenant(), catalog, &asked).await?;
        let session = self.new_session(caller, &asked, models)?;
        let roster = roster_of(&session, catalog);
        let round = new_round(
            &session,
            Asked {
                index: 0,
                prompt: asked.prompt.clone(),
                snippets: Vec::new(),
                by: caller.principal(),
                recap: asked.recap_round,
                synthesis: false,
            },
            self.now(),
        );
        let plan = plan_of(&session, &round, roster, Vec::new());
        Ok(Proposal {
            asked: session.models.clone(),
            session,
            round,
            plan,
            is_new_session: true,
            lost: Vec::new(),
            conditions: self.conditions_on(caller, replay)?,
        })
    }

    /// Starts the next round of a session.
    pub(crate) async fn append_round(
        self: &std::sync::Arc<Self>,
        caller: &Caller,
        asked: AppendRound,
        replay: Option<ReplayPlace>,
    ) -> Result<SessionAck, Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        let mut facts = self.session_facts(&tenant, asked.session_id).await?;
        refuse_unless_ready(&facts)?;
        let catalog = self.catalog(&tenant).await?;
        let roster = roster_of(&facts.session, &catalog);
        let past = facts.past_rounds();
        check_name("moderator_name", asked.moderator_name.as_deref())?;
        let is_built = asked.prompt.trim().is_empty() && asked.snippets.is_empty();
        let (prompt, snippets) = steered(&facts, asked.prompt, asked.snippets)?;
        let snippets = verified(&roster, &past, snippets)?;
        facts.session.moderator_name =
            given(asked.moderator_name).or_else(|| kept_name(&facts, caller));
        let mut round = new_round(
            &facts.session,
            Asked {
                index: u32::try_from(facts.rounds.len()).unwrap_or(u32::MAX),
                prompt,
                snippets,
                by: caller.principal(),
                recap: asked.recap_round,
                synthesis: asked.recap_session,
            },
            self.now(),
        );
        if is_built {
            // Nobody took these positions: they must not stand under anybody's name.
            round.moderator_name = Some(BUILDER.to_owned());
        }
        let plan = plan_of(&facts.session, &round, roster, past);
        let asked = facts.session.models.clone();
        let proposal = Proposal {
            session: facts.session,
            round,
            plan,
            is_new_session: false,
            asked,
            lost: Vec::new(),
            conditions: self.conditions_on(caller, replay)?,
        };
        self.accept(&tenant, catalog, proposal).await
    }
}
