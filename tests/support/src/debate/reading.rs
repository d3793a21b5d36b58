//! What a panelist finds in its prompt.

use crate::{
    asked::{Asked, Role},
    fences::{self, Fenced},
};

/// Words too common to be what a question is about, and verbs that ask.
const COMMON: &[&str] = &[
    "about", "adopt", "after", "again", "against", "answer", "because", "been", "before", "being",
    "best", "better", "between", "both", "build", "choose", "could", "decide", "does", "drop",
    "each", "else", "every", "first", "from", "give", "good", "have", "here", "into", "just",
    "keep", "know", "large", "last", "like", "make", "many", "more", "most", "move", "much",
    "must", "need", "never", "next", "only", "other", "over", "people", "pick", "prefer", "really",
    "replace", "same", "shall", "should", "small", "some", "start", "stop", "such", "switch",
    "take", "team", "than", "that", "their", "them", "then", "there", "these", "they", "think",
    "this", "those", "upon", "using", "very", "want", "well", "were", "what", "when", "where",
    "which", "while", "will", "with", "worth", "would", "write", "your",
];

/// What the newest question is, without its fence; a prompt without fences is all question. An agent's seat is asked with
/// messages.
pub(super) fn question(asked: &Asked) -> String {
    let user = asked.user();
    let (blocks, outside) = fences::read(user);
    let fenced = blocks
        .iter()
        .rfind(|block| ["question", "message"].contains(&block.kind))
        .map(|block| persons_words(block.body));
    fenced.unwrap_or(outside.trim()).trim().to_owned()
}

/// What a person wrote, of a message that the bridge wrapped for an agent: before it stands the marker of its request,
/// after it what was written where, and how one replies. Of other messages all.
fn persons_words(message: &str) -> &str {
    const MARKER: &str = "[request_id:";
    const CONTEXT: &str = "\n\n<!--mumega-discord-ctx:";
    let Some((message, _)) = message.rsplit_once(CONTEXT) else {
        return message;
    };
    let marked = message.strip_prefix(MARKER);
    let words = marked.and_then(|marked| Some(marked.split_once("] ")?.1));
    let words = words.unwrap_or(message);
    words.rsplit_once("\n\n(").map_or(words, |(words, _)| words)
}

/// The document, from whichever message brought it.
pub(super) fn reference(asked: &Asked) -> Option<String> {
    let users = asked.turns().iter().filter(|turn| turn.role == Role::User);
    let mut blocks = users.flat_map(|turn| fences::read(&turn.text).0);
    blocks
        .find(|block| block.kind == "reference")
        .map(|block| block.body.to_owned())
}

/// The moderator's forwarded words in the newest message: type and quote.
pub(super) fn forwarded(asked: &Asked) -> Vec<(String, String)> {
    let (blocks, _) = fences::read(asked.user());
    let snippets = blocks.iter().filter(|block| block.kind == "snippet");
    snippets
        .filter_map(|block| {
            let quote = block.body.lines().next()?.trim();
            let kind = block.about.first().copied().unwrap_or("KEEP");
            (!quote.is_empty()).then(|| (kind.to_owned(), quote.to_owned()))
        })
        .collect()
}

/// Another panelist's answer, sentence by sentence as numbered in the prompt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Other {
    pub letter: String,
    /// Number and text.
    pub sentences: Vec<(u32, String)>,
    /// The whole, as shown.
    pub shown: String,
}

/// The answers to react to, in the order of their letters: each panelist is shown them in another.
/// They stand in the newest message that has any; a request for a repair has none.
pub(super) fn others(asked: &Asked) -> Vec<Other> {
    let users = asked
        .turns()
        .iter()
        .rev()
        .filter(|turn| turn.role == Role::User);
    let mut found = users
        .map(|turn| answers(&turn.text))
        .find(|answers| !answers.is_empty())
        .unwrap_or_default();
    found.sort_by(|one, other| one.letter.cmp(&other.letter));
    found
}

fn answers(text: &str) -> Vec<Other> {
    let (blocks, _) = fences::read(text);
    blocks
        .iter()
        .filter(|block| block.kind == "answer")
        .filter_map(other)
        .collect()
}

fn other(block: &Fenced<'_>) -> Option<Other> {
    let letter = (*block.about.first()?).to_owned();
    let mut sentences: Vec<(u32, String)> = Vec::new();
    for line in block.body.lines() {
        match (numbered(line, &letter), sentences.last_mut()) {
            (Some((number, text)), _) => sentences.push((number, text.to_owned())),
            (None, Some((_, text))) => {
                text.push('\n');
                text.push_str(line);
            }
            (None, None) => {}
        }
    }
    (!sentences.is_empty()).then(|| Other {
        letter,
        sentences,
        shown: block.body.to_owned(),
    })
}

/// `[B.3] Words.` of panelist B.
fn numbered<'a>(line: &'a str, letter: &str) -> Option<(u32, &'a str)> {
    let (number, text) = line
        .strip_prefix('[')?
        .strip_prefix(letter)?
        .strip_prefix('.')?
        .split_once("] ")?;
    Some((number.parse().ok()?, text))
}

/// What a question is about: its longer words, neighbours joined, in order and each once.
pub(super) fn subjects(question: &str) -> Vec<String> {
    let mut subjects: Vec<String> = Vec::new();
    let mut phrase: Vec<&str> = Vec::new();
    for word in question.split_whitespace().chain([""]) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let counts = bare.chars().count() >= 4 && !COMMON.contains(&bare.to_lowercase().as_str());
        if counts {
            phrase.push(bare);
        }
        // Punctuation, a common word or a third word ends the phrase.
        if !counts || bare.len() < word.len() || phrase.len() == 2 {
            let subject = std::mem::take(&mut phrase).join(" ");
            if !subject.is_empty() && !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    if subjects.is_empty() {
        subjects.push("the question".to_owned());
    }
    subjects.truncate(6);
    subjects
}

/// Sentences of a document fit to be quoted: of one line, not too short, not too long, no markup.
pub(super) fn quotable(document: &str) -> Vec<&str> {
    let plain = |line: &&str| !line.starts_with(['#', '|', '`', '>', '-', '*', ' ', '\t', '<']);
    document
        .lines()
        .filter(plain)
        .flat_map(sentences)
        .filter(|sentence| (40..=240).contains(&sentence.len()))
        .collect()
}

fn sentences(line: &str) -> Vec<&str> {
    let (mut found, mut from) = (Vec::new(), 0);
    let mut characters = line.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let wide = matches!(c, '。' | '！' | '？');
        if wide || (matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace)) {
            let end = at + c.len_utf8();
            found.push(line[from..end].trim());
            from = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_about_its_longer_words() {
        let asked = "Should we use Postgres or MongoDB for an event store?";
        assert_eq!(subjects(asked), ["Postgres", "MongoDB", "event store"]);
        assert_eq!(
            subjects("Should a small team choose Rust?"),
            ["Rust"],
            "verbs that ask are no subject"
        );
        assert_eq!(subjects("Why?"), ["the question"]);
        assert_eq!(subjects("合意の形成?"), ["合意の形成"]);
    }

    #[test]
    fn of_a_message_from_discord_the_persons_words_are_read() {
        let wrapped = "[request_id:a] Ship on\n\nFriday?\n\n(ana wrote this in Discord. To reply, say {ack_for:a}.)\n\n\
            <!--mumega-discord-ctx:{\"request_id\":\"a\"}-->";
        assert_eq!(persons_words(wrapped), "Ship on\n\nFriday?");
        let plain = "Ship on Friday?\n\n(or not)";
        assert_eq!(persons_words(plain), plain);
    }

    #[test]
    fn only_plain_sentences_of_a_fair_length_are_quoted() {
        let document = "# A heading that is long enough to be taken for a sentence.\n\
            Short. This sentence, though, is long enough to be quoted alone. Is version 3.5 of it split in two? No.\n\
            | a table | with a sentence that is long enough. |";
        assert_eq!(
            quotable(document),
            ["This sentence, though, is long enough to be quoted alone."]
        );
    }
}
