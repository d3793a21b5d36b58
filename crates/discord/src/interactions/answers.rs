//! Answers to interactions, as Discord wants them. None of them notifies anybody:
//! <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object>.

use husting_domain::agents::Name;
use husting_domain::discord::Author;
use serde_json::{Value, json};

use super::heard::{Button, Verb};

/// The flag of a message that only one person sees.
const EPHEMERAL: u32 = 1 << 6;
/// Choices that Discord shows at the most.
const CHOICES: usize = 25;
/// Characters of a message.
const MOST: usize = 2_000;
/// Characters of what a round is to be about.
const MOST_ABOUT: u16 = 2_000;

/// A message, which notifies nobody.
#[must_use]
pub fn plain_message(content: &str) -> Value {
    json!({ "content": cut(content, MOST), "allowed_mentions": { "parse": [] } })
}

/// An answer that follows, for one person alone.
#[must_use]
pub fn deferred() -> Value {
    json!({ "type": 5, "data": { "flags": EPHEMERAL } })
}

/// An answer for everybody.
#[must_use]
pub fn shown(content: &str) -> Value {
    json!({ "type": 4, "data": plain_message(content) })
}

/// An answer for one person alone.
#[must_use]
pub fn hidden(content: &str) -> Value {
    let mut data = plain_message(content);
    data["flags"] = EPHEMERAL.into();
    json!({ "type": 4, "data": data })
}

/// Puts a message in the place of the one whose button it was.
#[must_use]
pub fn updated(message: Value) -> Value {
    json!({ "type": 7, "data": message })
}

/// What everybody sees of a question that was asked by a command.
#[must_use]
pub fn shown_question(author: &Author, asked: &str, text: &str) -> String {
    let name = named(&author.name);
    format!("**{name}** asks **{asked}**: {text}")
}

/// Names that begin as was typed, and then those that hold it.
#[must_use]
pub fn choices(names: &[Name], typed: &str) -> Value {
    let typed = typed.trim().to_lowercase();
    let begins = |name: &&Name| name.as_str().starts_with(&typed);
    let holds = |name: &&Name| !begins(name) && name.as_str().contains(&typed);
    let found = names
        .iter()
        .filter(begins)
        .chain(names.iter().filter(holds));
    let choices: Vec<Value> = found
        .take(CHOICES)
        .map(|name| json!({ "name": name.as_str(), "value": name.as_str() }))
        .collect();
    json!({ "type": 8, "data": { "choices": choices } })
}

/// The form for a word about a claim.
#[must_use]
pub fn steering_form(button: Button, claims: usize) -> Value {
    let (title, ask) = match button.verb {
        Verb::Challenge => ("Challenge a claim", "Why you are not sold on it"),
        _ => ("Keep a claim", "Why you stand with it"),
    };
    let mut number = input("claim", "The claim's number", 1, (true, 4));
    number["components"][0]["placeholder"] = format!("1 to {claims}").into();
    form(
        button,
        title,
        &[number, input("words", ask, 2, (false, 1_000))],
    )
}

/// The form that begins the next round, with the words of one that came to nothing.
#[must_use]
pub fn round_form(button: Button, round: u32, before: &str) -> Value {
    let title = format!("Round {round}");
    let mut words = input("words", "What it is to be about", 2, (false, MOST_ABOUT));
    words["components"][0]["placeholder"] =
        "Left empty, Husting asks about what is contested".into();
    if !before.is_empty() {
        words["components"][0]["value"] = cut(before, MOST_ABOUT.into()).into();
    }
    form(button, &title, &[words])
}

fn form(button: Button, title: &str, rows: &[Value]) -> Value {
    let id = button.to_string();
    json!({ "type": 9, "data": { "custom_id": id, "title": title, "components": rows } })
}

fn input(id: &str, label: &str, style: u8, (required, most): (bool, u16)) -> Value {
    json!({ "type": 1, "components": [{
        "type": 4, "custom_id": id, "label": label, "style": style, "required": required,
        "max_length": most,
    }] })
}

/// A name on one line, its emphasis of no effect.
pub(crate) fn named(name: &str) -> String {
    let shown = name.chars().filter(|char| !char.is_control());
    plain(shown.take(64))
}

/// Somebody's words on one line, at most so many UTF-16 code units of them, their emphasis of no effect.
pub(crate) fn quoted(words: &str, most: usize) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    plain(cut(&line, most).chars().filter(|char| !char.is_control()))
}

fn plain(chars: impl Iterator<Item = char>) -> String {
    let mut plain = String::new();
    for char in chars {
        if matches!(char, '*' | '_' | '~' | '`' | '|' | '\\' | '[' | ']') {
            plain.push('\\');
        }
        plain.push(char);
    }
    plain
}

/// At most so many UTF-16 code units, which is never fewer than Discord counts.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut units = 0;
    let kept = text.chars().take_while(|char| {
        units += char.len_utf16();
        units < most
    });
    let kept: String = kept.collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn names(names: &[&str]) -> Vec<Name> {
        names
            .iter()
            .map(|name| Name::parse(name).unwrap())
            .collect()
    }

    #[rstest]
    #[case("", &["kasra", "loom", "mason"])]
    #[case("lo", &["loom"])]
    #[case("AS", &["kasra", "mason"])]
    #[case("m", &["mason", "loom"])]
    fn names_that_begin_so_come_first(#[case] typed: &str, #[case] found: &[&str]) {
        let answer = choices(&names(&["kasra", "loom", "mason"]), typed);
        let shown: Vec<&str> = answer["data"]["choices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|choice| choice["value"].as_str().unwrap())
            .collect();
        assert_eq!(shown, found);
    }

    #[test]
    fn discord_takes_no_more_than_25_choices() {
        let many: Vec<Name> = (0..40)
            .map(|n| Name::parse(&format!("agent-{n}")).unwrap())
            .collect();
        let answer = choices(&many, "agent");
        assert_eq!(answer["data"]["choices"].as_array().unwrap().len(), 25);
    }

    #[test]
    fn a_name_has_no_emphasis_of_its_own() {
        assert_eq!(named("**x**\n[y](z)"), "\\*\\*x\\*\\*\\[y\\](z)");
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_character() {
        let cut = cut(&"🦀".repeat(1_100), MOST);
        assert!(cut.encode_utf16().count() <= MOST);
        assert!(cut.ends_with("🦀…"));
    }
}
