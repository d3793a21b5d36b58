//! An answer of 8 to 14 sentences in Markdown, with sentences of the document where there is one.

use crate::asked::Asked;

use super::{
    Debate,
    dice::{shuffle, throw},
    lines::{TEMPERAMENTS, Temperament},
    reading,
};

pub(super) fn answer(debate: &Debate, asked: &Asked) -> String {
    let question = reading::question(asked);
    let author = Author::new(asked.model(), &question);
    let mut arguments = author.arguments(5 + author.throw("length", 4));
    if debate.confidence {
        arguments[0].push_str(" [confidence: 0.7]");
    }
    author.emphasise(&mut arguments);
    let cited: Vec<String> = author
        .citations(asked)
        .into_iter()
        .map(|words| format!("The reference says: “{words}”"))
        .collect();
    let bullets = arguments.split_off(arguments.len() - 2);
    let mut paragraphs = vec![author.opening()];
    paragraphs.extend(author.turn_to_moderator(asked));
    let half = arguments.len() / 2;
    paragraphs.push(weave(&arguments[..half], &cited[..cited.len() / 2]));
    paragraphs.push(weave(&arguments[half..], &cited[cited.len() / 2..]));
    paragraphs.push(
        bullets
            .iter()
            .map(|bullet| format!("- {bullet}"))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    paragraphs.push(author.closing());
    paragraphs.join("\n\n")
}

/// Arguments and citations by turns.
fn weave(arguments: &[String], cited: &[String]) -> String {
    let mut sentences = Vec::new();
    for index in 0..arguments.len().max(cited.len()) {
        sentences.extend(arguments.get(index).cloned());
        sentences.extend(cited.get(index).cloned());
    }
    sentences.join(" ")
}

struct Author<'a> {
    model: &'a str,
    question: &'a str,
    subjects: Vec<String>,
    temperament: &'static Temperament,
}

impl<'a> Author<'a> {
    fn new(model: &'a str, question: &'a str) -> Self {
        let mut subjects = shuffle(&[model, question, "subjects"], reading::subjects(question));
        // Sentences weigh one thing against another.
        if subjects.len() == 1 {
            subjects.push("the alternative".to_owned());
        }
        let temperament = &TEMPERAMENTS[throw(&[model, "temperament"], TEMPERAMENTS.len())];
        Author {
            model,
            question,
            subjects,
            temperament,
        }
    }

    fn throw(&self, what: &str, sides: usize) -> usize {
        throw(&[self.model, self.question, what], sides)
    }

    fn opening(&self) -> String {
        self.say(
            self.temperament.openings[self.throw("opening", self.temperament.openings.len())],
            0,
        )
    }

    fn closing(&self) -> String {
        self.say(
            self.temperament.closings[self.throw("closing", self.temperament.closings.len())],
            1,
        )
    }

    fn arguments(&self, count: usize) -> Vec<String> {
        let arguments = shuffle(
            &[self.model, self.question, "arguments"],
            self.temperament.arguments.to_vec(),
        );
        arguments
            .into_iter()
            .take(count)
            .enumerate()
            .map(|(index, line)| self.say(line, index))
            .collect()
    }

    /// What the moderator put forward is answered first.
    fn turn_to_moderator(&self, asked: &Asked) -> Option<String> {
        let (kind, quote) = reading::forwarded(asked).into_iter().next()?;
        Some(match kind.as_str() {
            "CHALLENGE" | "SHIFT" => {
                format!("On “{quote}” I give ground: it is weaker than it sounded.")
            }
            _ => format!("On “{quote}” I stay where I was, for the reasons below."),
        })
    }

    /// A sentence from each third of the document, or what there is.
    fn citations(&self, asked: &Asked) -> Vec<String> {
        let Some(document) = reading::reference(asked) else {
            return Vec::new();
        };
        let sentences = reading::quotable(&document);
        let third = sentences.len().div_ceil(3).max(1);
        let parts = sentences.chunks(third).enumerate();
        parts
            .map(|(index, part)| part[self.throw(&format!("cite {index}"), part.len())].to_owned())
            .collect()
    }

    /// One subject in bold, as models like it.
    fn emphasise(&self, sentences: &mut [String]) {
        for sentence in sentences {
            let named = self
                .subjects
                .iter()
                .find(|subject| sentence.contains(subject.as_str()));
            if let Some(subject) = named {
                *sentence = sentence.replacen(subject.as_str(), &format!("**{subject}**"), 1);
                return;
            }
        }
    }

    fn say(&self, line: &str, turn: usize) -> String {
        let subject = |at: usize| &self.subjects[at % self.subjects.len()];
        line.replace("{a}", subject(turn))
            .replace("{b}", subject(turn + 1))
    }
}
