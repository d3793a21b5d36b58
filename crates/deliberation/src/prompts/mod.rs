//! What each seat is sent. The same conversation grows from call to call, so that a provider's
//! cache can keep the front of it; everything somebody else wrote stands between fences.

mod fences;
mod instructions;

use husting_domain::exchange::{AnswerShape, Message, Prompt, REACTION_TOKENS, Role};
use husting_domain::models::ModelId;
use husting_domain::rounds::{ModeratorSnippet, ReactionSet};
use husting_domain::snippets::Snippet;

use crate::citations::Citation;
pub use crate::prompts::fences::{Fence, repeats_a_fence};
use crate::roster::{Place, Roster};
use crate::sentences;

/// What was said in one round.
#[derive(Clone, Debug, Default)]
pub struct RoundWords {
    /// 0-based place.
    pub index: u32,
    /// What was asked.
    pub prompt: String,
    /// What the moderator forwarded into it.
    pub snippets: Vec<ModeratorSnippet>,
    /// Finished answers as served; seats that failed do not speak.
    pub answers: Vec<(ModelId, String)>,
    /// Reactions that parsed.
    pub reactions: Vec<ReactionSet>,
}

impl RoundWords {
    fn answer_of(&self, model: &ModelId) -> Option<&str> {
        self.answers
            .iter()
            .find(|(author, _)| author == model)
            .map(|(_, text)| text.as_str())
    }
}

/// Everything a seat's prompts are made of.
pub struct Conversation<'a> {
    /// The panel.
    pub roster: &'a Roster,
    /// The document every seat reads.
    pub reference: Option<&'a str>,
    /// Earlier rounds that gave something, oldest first.
    pub past: &'a [RoundWords],
    /// Gives the nonce of a fence for a seat and a block; the same for the same arguments.
    pub nonce: &'a (dyn Fn(&ModelId, &str) -> String + Sync),
}

impl Conversation<'_> {
    /// Asks `seat` to answer the round's prompt, alone.
    #[must_use]
    pub fn respond(&self, seat: &Place, round: &RoundWords, max_output_tokens: u64) -> Prompt {
        Prompt {
            system: instructions::system(self.roster, seat),
            messages: self.until(seat, round),
            shape: AnswerShape::Prose,
            max_output_tokens,
        }
    }

    /// Asks `seat`, which answered, to react to the answers of `to`.
    #[must_use]
    pub fn react(&self, seat: &Place, round: &RoundWords, to: &[ModelId]) -> Prompt {
        let mut messages = self.until(seat, round);
        if let Some(own) = round.answer_of(&seat.model) {
            messages.push(Message {
                role: Role::Assistant,
                text: own.to_owned(),
                cache_until_here: false,
            });
        }
        let fence = self.fence(seat, &format!("react {}", round.index));
        let others = self.roster.others_for(&seat.model, round.index);
        let answers: Vec<String> = others
            .into_iter()
            .filter(|place| to.contains(&place.model))
            .filter_map(|place| {
                Some(fence.around(
                    &format!("answer {}", place.letter),
                    &numbered(place, round.answer_of(&place.model)?),
                ))
            })
            .collect();
        let text = format!("{}\n\n{}", answers.join("\n\n"), instructions::react(seat));
        messages.push(Message {
            role: Role::User,
            text,
            cache_until_here: false,
        });
        Prompt {
            system: instructions::system(self.roster, seat),
            messages,
            shape: AnswerShape::Snippets,
            max_output_tokens: REACTION_TOKENS,
        }
    }

    /// Asks once more for a reaction that could not be read.
    #[must_use]
    pub fn repair(&self, mut prompt: Prompt, unreadable: &str, why: &str) -> Prompt {
        prompt.messages.push(Message {
            role: Role::Assistant,
            text: unreadable.to_owned(),
            cache_until_here: false,
        });
        prompt.messages.push(Message {
            role: Role::User,
            text: instructions::repair(why),
            cache_until_here: false,
        });
        prompt
    }

    /// The conversation up to and with the round's question.
    fn until(&self, seat: &Place, round: &RoundWords) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut before: Option<&RoundWords> = None;
        for past in self.past {
            push(&mut messages, Role::User, self.block(seat, before, past));
            if let Some(own) = past.answer_of(&seat.model) {
                push(&mut messages, Role::Assistant, own.to_owned());
            }
            before = Some(past);
        }
        push(&mut messages, Role::User, self.block(seat, before, round));
        if let Some(last) = messages.last_mut() {
            // All later calls of the session begin with the same messages.
            last.cache_until_here = true;
        }
        messages
    }

    /// One message of the moderator: what was said since, what is forwarded, what is asked.
    fn block(&self, seat: &Place, before: Option<&RoundWords>, round: &RoundWords) -> String {
        let fence = self.fence(seat, &format!("round {}", round.index));
        let mut parts = Vec::new();
        match before {
            None => parts.extend(self.reference.map(|text| fence.around("reference", text))),
            Some(before) => parts.extend(self.since(seat, before, &fence)),
        }
        parts.extend(
            round
                .snippets
                .iter()
                .map(|forwarded| self.snippet(forwarded, &fence)),
        );
        parts.push(fence.around("question", &round.prompt));
        parts.join("\n\n")
    }

    /// The others' prose of a round, and the seat's own reactions to it.
    fn since(&self, seat: &Place, before: &RoundWords, fence: &Fence) -> Vec<String> {
        let others = self.roster.others_for(&seat.model, before.index);
        let mut parts: Vec<String> = others
            .into_iter()
            .filter_map(|place| {
                Some(fence.around(
                    &format!("answer {}", place.letter),
                    before.answer_of(&place.model)?,
                ))
            })
            .collect();
        let own = before.reactions.iter().find(|set| set.model == seat.model);
        if let Some(own) = own.filter(|set| !set.snippets.is_empty()) {
            let lines: Vec<String> = own
                .snippets
                .iter()
                .map(|snippet| self.own_reaction(snippet, before))
                .collect();
            parts.push(fence.around("your reactions", &lines.join("\n")));
        }
        parts
    }

    /// A sentence that was cited is shown in its words: each round numbers its own, and the number
    /// would name another one there. A number that named none is left out.
    fn own_reaction(&self, snippet: &Snippet, before: &RoundWords) -> String {
        let kind = snippet.kind.word();
        let comment = snippet.comment.as_deref().unwrap_or(snippet.kind.framing());
        let (place, words) = match Citation::read(&snippet.quote, self.roster) {
            Some(citation) => {
                let answer = before.answer_of(&citation.place.model);
                let words = answer.and_then(|text| text.get(citation.sentence(text)?));
                (Some(citation.place), words)
            }
            None => {
                let place = self.roster.place(&snippet.quoted_model);
                (place, Some(snippet.quote.as_str()))
            }
        };
        let letter = place.map_or('?', |place| place.letter);
        match words {
            Some(words) => format!("{kind} {letter}: “{words}” {comment}"),
            None => format!("{kind} {letter}: {comment}"),
        }
    }

    /// A forwarded quote. One that could not be verified is the moderator's own words: no author.
    fn snippet(&self, forwarded: &ModeratorSnippet, fence: &Fence) -> String {
        let snippet = &forwarded.snippet;
        let author = self
            .roster
            .place(&snippet.quoted_model)
            .filter(|_| forwarded.quote_status.carries_stance());
        let head = author.map_or_else(
            || format!("snippet {}", snippet.kind.word()),
            |place| format!("snippet {} {}", snippet.kind.word(), place.letter),
        );
        let comment = snippet
            .comment
            .as_ref()
            .map(|comment| format!("\ncomment: {comment}"))
            .unwrap_or_default();
        fence.around(
            &head,
            &format!(
                "{}\nframing: {}{comment}",
                snippet.quote,
                snippet.kind.framing()
            ),
        )
    }

    fn fence(&self, seat: &Place, block: &str) -> Fence {
        Fence::new((self.nonce)(&seat.model, block))
    }
}

/// Appends to the last message when it has the same role: providers want roles to alternate.
fn push(messages: &mut Vec<Message>, role: Role, text: String) {
    match messages.last_mut().filter(|last| last.role == role) {
        Some(last) => last.text = format!("{}\n\n{text}", last.text),
        None => messages.push(Message {
            role,
            text,
            cache_until_here: false,
        }),
    }
}

/// An answer with each sentence on a line of its own, citable as `[B.3]`.
fn numbered(place: &Place, answer: &str) -> String {
    let lines: Vec<String> = sentences::split(answer)
        .iter()
        .map(|sentence| {
            format!(
                "[{}.{}] {}",
                place.letter,
                sentence.number,
                &answer[sentence.start..sentence.end]
            )
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::panel;
    use husting_domain::quotes::QuoteStatus;
    use husting_domain::snippets::SnippetType;

    fn nonce(seat: &ModelId, block: &str) -> String {
        format!("nonce-{seat}-{block}").replace(' ', "-")
    }

    fn conversation<'a>(roster: &'a Roster, past: &'a [RoundWords]) -> Conversation<'a> {
        Conversation {
            roster,
            reference: Some("The document."),
            past,
            nonce: &nonce,
        }
    }

    fn first_round(roster: &Roster) -> RoundWords {
        let answers = roster
            .places()
            .iter()
            .map(|place| {
                (
                    place.model.clone(),
                    format!("{} says one. And two.", place.name),
                )
            })
            .collect();
        RoundWords {
            prompt: "Which?".into(),
            answers,
            ..RoundWords::default()
        }
    }

    #[test]
    fn the_first_prompt_holds_document_and_question_and_nobody_elses_words() {
        let roster = panel(&["m1", "m2", "m3"]);
        let prompt =
            conversation(&roster, &[]).respond(&roster.places()[0], &first_round(&roster), 100);
        let [message] = &prompt.messages[..] else {
            panic!("one message expected")
        };
        assert_eq!(
            message.text,
            "<<<reference nonce-m1-round-0>>>\nThe document.\n<<<end nonce-m1-round-0>>>\n\n\
             <<<question nonce-m1-round-0>>>\nWhich?\n<<<end nonce-m1-round-0>>>"
        );
    }

    #[test]
    fn a_reaction_sees_the_others_numbered_and_its_own_answer_as_its_own() {
        let roster = panel(&["m1", "m2", "m3"]);
        let reader = &roster.places()[0];
        let others: Vec<ModelId> = roster.places()[1..]
            .iter()
            .map(|place| place.model.clone())
            .collect();
        let prompt = conversation(&roster, &[]).react(reader, &first_round(&roster), &others);
        assert_eq!(
            prompt.messages[1],
            Message {
                role: Role::Assistant,
                text: "m1 says one. And two.".into(),
                cache_until_here: false
            }
        );
        for place in &roster.places()[1..] {
            let fenced = format!(
                "<<<answer {0} nonce-m1-react-0>>>\n[{0}.1] {1} says one.\n[{0}.2] And two.\n<<<end nonce-m1-react-0>>>",
                place.letter, place.name
            );
            assert!(
                prompt.messages[2].text.contains(&fenced),
                "{}",
                prompt.messages[2].text
            );
        }
    }

    /// What providers' caches live on, over three rounds.
    #[test]
    fn each_prompt_of_a_session_begins_with_the_one_before_it() {
        let roster = panel(&["m1", "m2", "m3"]);
        let round = |index: u32| RoundWords {
            index,
            prompt: format!("Question {index}?"),
            ..first_round(&roster)
        };
        let rounds: Vec<RoundWords> = (0..4).map(round).collect();
        for reader in roster.places() {
            let prompts: Vec<Prompt> = (0..4)
                .map(|at| conversation(&roster, &rounds[..at]).respond(reader, &rounds[at], 100))
                .collect();
            for (at, pair) in prompts.windows(2).enumerate() {
                let [before, after] = pair else { continue };
                assert_eq!(after.system, before.system, "round {at}");
                assert_eq!(after.messages.len(), before.messages.len() + 2);
                for (one, other) in before.messages.iter().zip(&after.messages) {
                    assert_eq!(
                        (one.role, &one.text),
                        (other.role, &other.text),
                        "round {at}"
                    );
                }
            }
            for prompt in &prompts {
                let marks: Vec<bool> = prompt
                    .messages
                    .iter()
                    .map(|message| message.cache_until_here)
                    .collect();
                let (last, earlier) = marks.split_last().unwrap();
                assert!(
                    *last && !earlier.contains(&true),
                    "all of it, and marked once"
                );
            }
        }
    }

    #[test]
    fn a_seat_that_failed_says_nothing_and_roles_still_alternate() {
        let roster = panel(&["m1", "m2", "m3"]);
        let mut first = first_round(&roster);
        first.answers.remove(0);
        let past = [first];
        let next = RoundWords {
            index: 1,
            prompt: "And now?".into(),
            ..RoundWords::default()
        };
        let prompt = conversation(&roster, &past).respond(&roster.places()[0], &next, 100);
        assert_eq!(prompt.messages.len(), 1);
        let other = conversation(&roster, &past).respond(&roster.places()[1], &next, 100);
        assert!(
            !other
                .messages
                .iter()
                .any(|message| message.text.contains("m1 says"))
        );
    }

    #[test]
    fn a_seat_reads_its_own_reactions_but_not_the_others() {
        let roster = panel(&["m1", "m2", "m3"]);
        let mut first = first_round(&roster);
        for (from, to) in [(0, 1), (1, 0)] {
            let snippet = Snippet {
                kind: SnippetType::Core,
                quote: format!("{} says one.", roster.places()[to].name),
                quoted_model: roster.places()[to].model.clone(),
                comment: Some(format!("comment by m{}", from + 1)),
                confidence: None,
                said_by: None,
            };
            first.reactions.push(ReactionSet {
                to: vec![roster.places()[to].model.clone()],
                model: roster.places()[from].model.clone(),
                snippets: vec![snippet],
            });
        }
        let past = [first];
        let next = RoundWords {
            index: 1,
            prompt: "And now?".into(),
            ..RoundWords::default()
        };
        let prompt = conversation(&roster, &past).respond(&roster.places()[0], &next, 100);
        let all: String = prompt
            .messages
            .iter()
            .map(|message| message.text.as_str())
            .collect();
        assert!(all.contains("comment by m1"));
        assert!(!all.contains("comment by m2"));
    }

    /// A number would name another sentence in the next round.
    #[test]
    fn a_seat_reads_the_words_of_what_it_cited() {
        let roster = panel(&["m1", "m2", "m3"]);
        let mut first = first_round(&roster);
        let (reader, cited) = (&roster.places()[0], &roster.places()[1]);
        let letter = cited.letter;
        let citing = |number: u32, comment: &str| Snippet {
            kind: SnippetType::Keep,
            quote: format!("[{letter}.{number}]"),
            quoted_model: cited.model.clone(),
            comment: Some(comment.into()),
            confidence: None,
            said_by: None,
        };
        first.reactions.push(ReactionSet {
            model: reader.model.clone(),
            to: vec![cited.model.clone()],
            snippets: vec![citing(1, "So it is."), citing(9, "No such sentence.")],
        });
        let past = [first];
        let next = RoundWords {
            index: 1,
            prompt: "And now?".into(),
            ..RoundWords::default()
        };
        let prompt = conversation(&roster, &past).respond(reader, &next, 100);
        let text = &prompt.messages.last().unwrap().text;
        let shown = format!(
            "KEEP {letter}: “m2 says one.” So it is.\nKEEP {letter}: No such sentence.\n<<<end"
        );
        assert!(text.contains(&shown), "{text}");
        assert!(!text.contains(&format!("[{letter}.")), "{text}");
    }

    #[test]
    fn an_unverified_snippet_names_no_author() {
        let roster = panel(&["m1", "m2"]);
        let letter = roster.places()[1].letter;
        let snippet = Snippet {
            kind: SnippetType::Challenge,
            quote: "Never said.".into(),
            quoted_model: roster.places()[1].model.clone(),
            comment: Some("Prove it.".into()),
            confidence: None,
            said_by: None,
        };
        let text = |quote_status| {
            let forwarded = ModeratorSnippet {
                snippet: snippet.clone(),
                quote_status,
                given: None,
            };
            let round = RoundWords {
                index: 0,
                prompt: "Q".into(),
                snippets: vec![forwarded],
                ..RoundWords::default()
            };
            conversation(&roster, &[])
                .respond(&roster.places()[0], &round, 100)
                .messages[0]
                .text
                .clone()
        };
        assert!(text(QuoteStatus::NotFound).contains("<<<snippet CHALLENGE nonce"));
        let exact = text(QuoteStatus::Exact);
        assert!(exact.contains(&format!("<<<snippet CHALLENGE {letter} nonce")));
        assert!(exact.contains("Never said.\nframing: I'm not sold on this.\ncomment: Prove it."));
    }
}
