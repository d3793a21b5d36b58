//! What a rehearsal seat makes of a prompt: the document, the question, the others' sentences, the
//! moderator's snippets and its own earlier words.

use husting_domain::exchange::{Prompt, Role};

use super::fences::{Fence, fences};
use super::passages;

/// A prompt, understood.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    /// The letter under which the others know this seat.
    pub own_letter: Option<&'a str>,
    pub reference: Option<&'a str>,
    /// The newest question.
    pub question: &'a str,
    /// The others' answers to react to, by letter.
    pub others: Vec<Answer<'a>>,
    /// What the moderator forwarded with the newest question.
    pub snippets: Vec<Framing<'a>>,
    /// What this seat has said before.
    pub said: Vec<&'a str>,
    /// What the others have said, numbers and all.
    heard: Vec<&'a str>,
}

/// Another seat's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    pub letter: &'a str,
    /// Sentences as written, markup of lists taken off.
    pub sentences: Vec<&'a str>,
}

/// One snippet of the moderator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Framing<'a> {
    /// `KEEP`, `CHALLENGE`, …
    pub kind: &'a str,
    /// Whose words, where it is known.
    pub letter: Option<&'a str>,
    pub quote: &'a str,
}

impl<'a> Reading<'a> {
    pub(super) fn of(prompt: &'a Prompt) -> Self {
        let mut reading = Self {
            own_letter: own_letter(&prompt.system),
            ..Self::default()
        };
        for message in &prompt.messages {
            match message.role {
                Role::Assistant => reading.said.push(&message.text),
                Role::User => reading.take_in(&message.text),
            }
        }
        reading
            .others
            .retain(|answer| Some(answer.letter) != reading.own_letter);
        // Each seat is shown the answers in another order; its words do not depend on it.
        reading.others.sort_by_key(|answer| answer.letter);
        reading
    }

    fn take_in(&mut self, text: &'a str) {
        let (fences, rest) = fences(text);
        if fences.is_empty() && self.question.is_empty() {
            self.question = rest;
        }
        let (mut answers, mut forwarded) = (Vec::new(), Vec::new());
        for fence in fences {
            match fence.kind {
                "reference" => self.reference = Some(fence.body),
                "answer" => {
                    self.heard.push(fence.body);
                    answers.extend(Answer::of(&fence));
                }
                "snippet" => forwarded.extend(Framing::of(&fence)),
                "question" => {
                    self.question = fence.body.trim();
                    // What is forwarded stands before the question it belongs to.
                    self.snippets = std::mem::take(&mut forwarded);
                }
                _ => {}
            }
        }
        // The newest answers are the ones to react to.
        if !answers.is_empty() {
            self.others = answers;
        }
    }

    /// Whether this seat has used `sentence` in an earlier round.
    pub(super) fn has_said(&self, sentence: &str) -> bool {
        self.said.iter().any(|said| said.contains(sentence))
    }

    /// Whether another seat has used `sentence` in an earlier round.
    pub(super) fn has_heard(&self, sentence: &str) -> bool {
        self.heard.iter().any(|heard| heard.contains(sentence))
    }

    /// Whether the moderator holds `sentence` up.
    pub(super) fn holds_up(&self, sentence: &str) -> bool {
        let mut quotes = self.snippets.iter().map(|snippet| snippet.quote);
        quotes.any(|quote| quote.contains(sentence))
    }

    /// Whether the moderator challenged this seat's own words.
    pub(super) fn is_challenged(&self) -> bool {
        self.snippets.iter().any(|snippet| {
            snippet.kind == "CHALLENGE"
                && snippet.letter.is_some()
                && snippet.letter == self.own_letter
        })
    }
}

fn own_letter(system: &str) -> Option<&str> {
    let (_, rest) = system.split_once("You are panelist ")?;
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

impl<'a> Answer<'a> {
    fn of(fence: &Fence<'a>) -> Option<Self> {
        let letter = *fence.about.first()?;
        let numbered = numbered(fence.body, letter);
        let sentences = match numbered.is_empty() {
            false => numbered,
            true => passages::own_sentences(fence.body)
                .into_iter()
                .map(|passage| passage.text)
                .collect(),
        };
        Some(Self { letter, sentences })
    }
}

impl<'a> Framing<'a> {
    fn of(fence: &Fence<'a>) -> Option<Self> {
        let kind = *fence.about.first()?;
        // A quote is followed by its framing, which is always there, and perhaps a comment.
        let quote = fence
            .body
            .rsplit_once(
                "
framing:",
            )
            .map_or(fence.body, |(quote, _)| quote)
            .trim();
        (!quote.is_empty()).then_some(Self {
            kind,
            letter: fence.about.get(1).copied(),
            quote,
        })
    }
}

/// The sentences behind `[B.1]`, `[B.2]`, …, each as one piece of the body.
fn numbered<'a>(body: &'a str, letter: &str) -> Vec<&'a str> {
    let mut sentences: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let from = at;
        at += line.len();
        match citation(line, letter) {
            Some(length) => sentences.push(from + length..at),
            None => {
                if let Some(last) = sentences.last_mut() {
                    last.end = at;
                }
            }
        }
    }
    let texts = sentences.into_iter().map(|range| body[range].trim());
    // What an answer itself quotes is not its author's word.
    texts
        .filter(|text| !text.starts_with('>'))
        .map(bare)
        .filter(|text| !text.is_empty())
        .collect()
}

/// Bytes of `[B.12] ` at the beginning of `line`.
fn citation(line: &str, letter: &str) -> Option<usize> {
    let rest = line
        .strip_prefix('[')?
        .strip_prefix(letter)?
        .strip_prefix('.')?;
    let (number, _) = rest.split_once(']')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| letter.len() + number.len() + 3)
}

/// Without what makes it an item of a list.
fn bare(text: &str) -> &str {
    ["- ", "* ", "+ "]
        .iter()
        .find_map(|marker| text.strip_prefix(marker))
        .unwrap_or(text)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::exchange::{AnswerShape, Message};

    const N: &str = "0123456789abcdef";

    fn prompt(messages: &[(Role, String)]) -> Prompt {
        let message = |(role, text): &(Role, String)| Message {
            role: *role,
            text: text.clone(),
            cache_until_here: false,
        };
        Prompt {
            system: "Rules.\nYou are panelist A.".into(),
            messages: messages.iter().map(message).collect(),
            shape: AnswerShape::Snippets,
            max_output_tokens: 100,
        }
    }

    #[test]
    fn every_part_of_a_prompt_is_found() {
        let first = format!(
            "<<<reference {N}>>>\nThe text.\n<<<end {N}>>>\n\n<<<snippet CHALLENGE A {N}>>>\nMine.\n\
             framing: Hm.\ncomment: no\n<<<end {N}>>>\n\n<<<question {N}>>>\nWhy?\n<<<end {N}>>>"
        );
        let last = format!(
            "<<<answer C {N}>>>\n[C.1] - One\ntwo.\n[C.2] Three.\n<<<end {N}>>>\n<<<answer B {N}>>>\n[B.1] Four.\n<<<end {N}>>>\n\
             <<<answer A {N}>>>\n[A.1] Mine.\n<<<end {N}>>>\nGo."
        );
        let prompt = prompt(&[
            (Role::User, first),
            (Role::Assistant, "Mine.".into()),
            (Role::User, last),
        ]);
        let reading = Reading::of(&prompt);
        assert_eq!(reading.own_letter, Some("A"));
        assert_eq!(reading.reference, Some("The text.\n"));
        assert_eq!(reading.question, "Why?");
        let answer = |letter, sentences: &[&'static str]| Answer {
            letter,
            sentences: sentences.to_vec(),
        };
        assert_eq!(
            reading.others,
            [
                answer("B", &["Four."]),
                answer("C", &["One\ntwo.", "Three."])
            ]
        );
        assert_eq!(
            reading.snippets,
            [Framing {
                kind: "CHALLENGE",
                letter: Some("A"),
                quote: "Mine."
            }]
        );
        assert!(reading.is_challenged());
        assert_eq!(reading.said, ["Mine."]);
    }

    #[test]
    fn a_prompt_without_fences_is_the_question() {
        let prompt = prompt(&[(Role::User, "  Postgres or MongoDB? ".into())]);
        assert_eq!(Reading::of(&prompt).question, "Postgres or MongoDB?");
    }
}
