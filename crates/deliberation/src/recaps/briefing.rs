//! What whoever writes a recap is sent: one message, everything foreign between fences.

use husting_domain::claims::{Claim, ClaimGroup, ClaimMap, Position, Reactor};
use husting_domain::exchange::{AnswerShape, Message, Prompt, Role};
use husting_domain::models::ModelId;
use husting_domain::recaps::RoundRecap;
use husting_domain::rounds::ModeratorSnippet;

use super::{SUMMARY_TOKENS, instructions};
use crate::prompts::{Fence, RoundWords};
use crate::roster::Roster;

/// Everything the prompts of one writer are made of.
pub struct Briefing<'a> {
    /// The panel. The writer is told its names, which the operator sees as well.
    pub roster: &'a Roster,
    /// Who writes.
    pub writer: &'a ModelId,
    /// Gives the nonce of a fence for a writer and a block; the same for the same arguments.
    pub nonce: &'a (dyn Fn(&ModelId, &str) -> String + Sync),
}

/// An earlier round as a synthesis is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRecap {
    /// 0-based place of the round.
    pub index: u32,
    /// What was asked in it.
    pub prompt: String,
    /// What it came to.
    pub recap: RoundRecap,
}

/// What a writer is asked, and what it must not repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What it is sent.
    pub prompt: Prompt,
    /// The nonce of the fences in it.
    pub nonce: String,
}

impl Assignment {
    /// Asks once more for what could not be used.
    #[must_use]
    pub fn again(&self, unusable: &str, why: &str) -> Self {
        let ask = match self.prompt.shape {
            AnswerShape::Synthesis => instructions::repair_synthesis(why),
            AnswerShape::Recap
            | AnswerShape::Prose
            | AnswerShape::Snippets
            | AnswerShape::Reply => instructions::repair_recap(why),
        };
        let mut again = self.clone();
        let messages = &mut again.prompt.messages;
        messages.push(message(Role::Assistant, unusable.to_owned()));
        messages.push(message(Role::User, ask));
        again
    }
}

impl Briefing<'_> {
    /// Asks for the recap of a round that is over.
    #[must_use]
    pub fn recap(&self, round: &RoundWords, map: &ClaimMap) -> Assignment {
        let nonce = (self.nonce)(self.writer, &format!("recap {}", round.index));
        let fence = Fence::new(nonce.clone());
        let mut parts = vec![
            fence.around("panel", &self.panel()),
            fence.around("question", &round.prompt),
        ];
        parts.extend(round.snippets.iter().map(|one| self.snippet(one, &fence)));
        parts.extend(round.answers.iter().filter_map(|(model, text)| {
            let place = self.roster.place(model)?;
            Some(fence.around(&format!("answer {}", place.letter), text))
        }));
        if !map.claims.is_empty() {
            parts.push(fence.around("claims", &self.claims(map)));
        }
        parts.push(instructions::recap());
        let prompt = prompt(AnswerShape::Recap, parts);
        Assignment { prompt, nonce }
    }

    /// Asks for the synthesis of a session over the recaps of its rounds, oldest first.
    #[must_use]
    pub fn synthesis(&self, question: &str, rounds: &[EarlierRecap]) -> Assignment {
        let nonce = (self.nonce)(self.writer, "synthesis");
        let fence = Fence::new(nonce.clone());
        let mut parts = vec![fence.around("question", question)];
        let recaps = rounds.iter();
        parts.extend(
            recaps.map(|round| fence.around(&format!("recap {}", round.index), &told(round))),
        );
        parts.push(instructions::synthesis());
        let prompt = prompt(AnswerShape::Synthesis, parts);
        Assignment { prompt, nonce }
    }

    fn panel(&self) -> String {
        let places = self.roster.places().iter();
        let lines: Vec<String> = places
            .map(|place| format!("panelist {}: {}", place.letter, in_one_line(&place.name)))
            .collect();
        lines.join("\n")
    }

    /// A forwarded quote. One that could not be verified is the moderator's own words: no author.
    fn snippet(&self, forwarded: &ModeratorSnippet, fence: &Fence) -> String {
        let snippet = &forwarded.snippet;
        let author = self
            .roster
            .place(&snippet.quoted_model)
            .filter(|_| forwarded.quote_status.carries_stance());
        let whose = author.map_or_else(String::new, |place| format!(" {}", place.letter));
        let comment = snippet.comment.as_deref().unwrap_or(snippet.kind.framing());
        fence.around(
            &format!("snippet {}{whose}", snippet.kind.word()),
            &format!("{}\ncomment: {comment}", snippet.quote),
        )
    }

    /// Each claim on a line with its id, each reaction on a line below it. What was said is kept to
    /// one line, so that it cannot pass for another claim.
    fn claims(&self, map: &ClaimMap) -> String {
        let lines: Vec<String> = map
            .claims
            .iter()
            .flat_map(|claim| {
                let positions = claim.positions.iter().map(|one| self.position(one));
                std::iter::once(self.claim(claim)).chain(positions)
            })
            .collect();
        lines.join("\n")
    }

    fn claim(&self, claim: &Claim) -> String {
        let group = match claim.group {
            ClaimGroup::Contested => "contested",
            ClaimGroup::Agreed => "agreed",
            ClaimGroup::Open => "open",
        };
        let author = self.who(&Reactor::seat(&claim.originator));
        format!(
            "{} {group}, {author}: “{}”",
            claim.id,
            in_one_line(&claim.quote)
        )
    }

    fn position(&self, position: &Position) -> String {
        let who = match &position.said_by {
            Some(name) => format!("the moderator, for {}", in_one_line(name)),
            None => self.who(&position.model),
        };
        let comment = in_one_line(&position.comment);
        format!("  {who} {}: {comment}", position.kind.word())
    }

    fn who(&self, reactor: &Reactor) -> String {
        if reactor.is_moderator() {
            return "the moderator".to_owned();
        }
        let mut places = self.roster.places().iter();
        let place = places.find(|place| place.model.as_str() == reactor.as_str());
        place.map_or_else(
            || "a former panelist".to_owned(),
            |place| format!("panelist {}", place.letter),
        )
    }
}

fn prompt(shape: AnswerShape, parts: Vec<String>) -> Prompt {
    Prompt {
        system: instructions::system(),
        messages: vec![message(Role::User, parts.join("\n\n"))],
        shape,
        max_output_tokens: SUMMARY_TOKENS,
    }
}

fn message(role: Role, text: String) -> Message {
    Message {
        role,
        text,
        cache_until_here: false,
    }
}

fn told(round: &EarlierRecap) -> String {
    let recap = &round.recap;
    let sections = recap.sections.iter();
    let sections = sections.map(|section| format!("## {}\n{}", section.heading, section.body));
    let head = [
        format!("asked: {}", in_one_line(&round.prompt)),
        format!("title: {}", recap.title),
        format!("tldr: {}", recap.tldr),
        format!("agenda: {}", recap.agenda.join("; ")),
    ];
    let lines: Vec<String> = head.into_iter().chain(sections).collect();
    lines.join("\n")
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
