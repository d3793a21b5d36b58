//! Whether the commands that the documents show can be typed.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use crate::arguments::is_understood;

#[test]
fn every_command_that_a_document_shows_is_understood() {
    let mut seen = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).expect("it can be read");
        for (place, line) in commands(&text) {
            seen += 1;
            match is_understood(&line) {
                Err(fault) if place == Place::Block || !is_open(&fault) => {
                    panic!("{}: {line}\n{fault}", path.display())
                }
                _ => {}
            }
        }
    }
    assert!(seen > 60, "only {seen} commands are shown");
}

/// README and what lies beside it; the reference is written from the commands themselves.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = fs::read_dir(root.join("docs")).expect("the folder is there");
    let beside = beside.map(|entry| entry.expect("it can be read").path());
    let pages = beside.filter(|path| path.extension().is_some_and(|kind| kind == "md"));
    std::iter::once(root.join("README.md"))
        .chain(pages)
        .collect()
}

/// Where a command is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a block, to be copied.
    Block,
    /// Within a sentence, which may leave out what it is used on.
    Sentence,
}

/// Whether only what follows is lacking.
fn is_open(fault: &clap::Error) -> bool {
    matches!(
        fault.kind(),
        ErrorKind::MissingRequiredArgument
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// Lines of shell blocks, and words between backticks, that begin with the command's name. Words go on in the next line
/// of their paragraph.
fn commands(text: &str) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    let mut block = None;
    let mut paragraph = String::new();
    for line in text.lines().chain([""]) {
        let fence = line.trim_start().strip_prefix("```");
        if block.is_none() && fence.is_none() && !line.trim().is_empty() {
            paragraph += line.trim();
            paragraph.push(' ');
            continue;
        }
        // Every second piece stands between backticks.
        let quoted = paragraph.split('`').skip(1).step_by(2);
        let spoken = quoted.filter(|words| is_whole(words));
        found.extend(spoken.map(|words| (Place::Sentence, words.to_owned())));
        paragraph.clear();
        match (fence, block) {
            (Some(kind), None) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (None, Some("sh")) if line.starts_with("husting ") => {
                let command = line.split(" #").next().unwrap_or(line).trim_end();
                found.push((Place::Block, command.to_owned()));
            }
            (None, _) => {}
        }
    }
    found
}

/// Not the bare name, and nothing that is to be filled in.
fn is_whole(words: &str) -> bool {
    words.starts_with("husting ") && !words.contains(['…', '<'])
}

mod tests {
    use super::*;

    #[test]
    fn blocks_of_shell_and_words_between_backticks_are_commands() {
        let text = "Say `husting pause` or `pause`, not `husting run …`.\n```sh\nhusting run a \"b c\"  # now\nls\n```\n\
                    ```text\nhusting nonsense\n```\n`husting`, and `husting\n  agent list` of an `odd\none`.";
        let found = commands(text);
        let found: Vec<_> = found
            .iter()
            .map(|(place, line)| (*place, line.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (Place::Sentence, "husting pause"),
                (Place::Block, "husting run a \"b c\""),
                (Place::Sentence, "husting agent list"),
            ]
        );
    }
}
