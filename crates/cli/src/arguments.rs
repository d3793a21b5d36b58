//! The command line as it is written.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser};
use husting_home::{SETTINGS, Setting};

use crate::commands::Command;
use crate::exit::Failure;

const EXITS: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found,
4 refused (a limit, credit, something is taken or at work), 5 done in part";

/// Convenes panels of models, checks their quotes and pays each call from a wallet.
#[derive(Debug, Parser)]
#[command(name = "husting", version, max_term_width = 100, after_help = EXITS)]
pub struct Arguments {
    /// Data folder [default: HUSTING_HOME, else the platform's own place]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Global options"
    )]
    pub home: Option<PathBuf>,
    /// Print one JSON document; with --follow, one line for each event
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Why there are no arguments to act on.
#[derive(Debug)]
pub enum Unread {
    /// A text for people: help, the version, or what is wrong with the line.
    Shown(clap::Error),
    /// The line is wrong, and a script wrote it.
    Wrong(Failure),
}

impl Arguments {
    /// Reads this process's arguments, with the settings among them by name.
    ///
    /// # Errors
    /// [`Unread`] when they are no command.
    pub fn read() -> Result<(Self, BTreeMap<String, String>), Unread> {
        let line: Vec<OsString> = std::env::args_os().collect();
        read(&line).map_err(|fault| unread(fault, &line))
    }
}

fn read(line: &[OsString]) -> Result<(Arguments, BTreeMap<String, String>), clap::Error> {
    let matches = shown()
        .try_get_matches_from(line)
        .map_err(|fault| without_aliases(without_settings(fault), line))?;
    let arguments = Arguments::from_arg_matches(&matches)?;
    Ok((arguments, settings_in(&matches)))
}

/// Takes out the tip that a setting may have been meant, which the help of no command shows.
fn without_settings(mut fault: clap::Error) -> clap::Error {
    let names_setting = matches!(
        fault.get(ContextKind::SuggestedArg),
        Some(ContextValue::String(flag)) if SETTINGS.iter().any(|setting| flag.trim_start_matches("--") == setting.flag())
    );
    if names_setting {
        fault.remove(ContextKind::SuggestedArg);
    }
    fault
}

/// Has the tip name commands that the help shows, the likeliest first: an alias is understood, and shown nowhere. Only
/// where aliases alone are like what was typed does the tip name what they stand for.
fn without_aliases(mut fault: clap::Error, line: &[OsString]) -> clap::Error {
    let Some(ContextValue::Strings(like)) = fault.get(ContextKind::SuggestedSubcommand) else {
        return fault;
    };
    let root = command();
    let mut path = vec![&root];
    for word in line.iter().skip(1) {
        path.extend(path.last().and_then(|last| last.find_subcommand(word)));
    }
    // What follows a flag may be called as a command is, and leads nowhere.
    let parent = path.into_iter().rev().find(|command| {
        let mut like = like.iter();
        like.any(|name| command.find_subcommand(name).is_some())
    });
    let Some(parent) = parent else {
        return fault;
    };
    let name_of = |name: &String| match parent.find_subcommand(name) {
        Some(command) => command.get_name().to_owned(),
        None => name.clone(),
    };
    let (own, others): (Vec<_>, Vec<_>) = like
        .iter()
        .rev()
        .map(|name| (name, name_of(name)))
        .partition(|(name, shown)| *name == shown);
    let mut names = Vec::new();
    for (_, shown) in if own.is_empty() { others } else { own } {
        if !names.contains(&shown) {
            names.push(shown);
        }
    }
    fault.insert(
        ContextKind::SuggestedSubcommand,
        ContextValue::Strings(names),
    );
    fault
}

fn unread(fault: clap::Error, line: &[OsString]) -> Unread {
    let wanted = matches!(
        fault.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if wanted || !asks_for_json(line) {
        Unread::Shown(fault)
    } else {
        Unread::Wrong(Failure::Usage(sentence(&fault)))
    }
}

/// Whether `--json` stands in a line that could not be read as a whole.
fn asks_for_json(line: &[OsString]) -> bool {
    let mut flags = line.iter().take_while(|word| *word != "--");
    flags.any(|word| word == "--json")
}

/// What is wrong, without the usage that people are shown below it.
fn sentence(fault: &clap::Error) -> String {
    let text = fault.render().to_string();
    let paragraphs = text.split("\n\n").take_while(|part| {
        !part.starts_with("Usage:") && !part.starts_with("For more information")
    });
    let lines = paragraphs.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let sentence = lines.collect::<Vec<_>>().join("; ");
    sentence
        .strip_prefix("error: ")
        .unwrap_or(&sentence)
        .to_owned()
}

/// The whole command with the flag of every setting.
#[must_use]
pub fn command() -> clap::Command {
    taking_negatives(Arguments::command().args(SETTINGS.iter().map(flag)))
}

/// The same, where `-5` is a value: what it may be says the rule of its argument, and not that there is no such flag.
fn taking_negatives(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let takes = arg.get_action().takes_values();
        arg.allow_negative_numbers(takes)
    });
    command.mut_subcommands(taking_negatives)
}

fn flag(setting: &Setting) -> Arg {
    Arg::new(setting.name)
        .long(setting.flag())
        .value_name("VALUE")
        .help(setting.meaning)
        .global(true)
}

/// The same as it helps people: the settings are told once, by `husting --help`, or every command's
/// help would be longer than a screen.
fn shown() -> clap::Command {
    let is_setting = |arg: &Arg| SETTINGS.iter().any(|setting| arg.get_id() == setting.name);
    command()
        .mut_args(|arg| {
            let hides = is_setting(&arg);
            arg.hide(hides)
        })
        .after_long_help(format!("{}\n{EXITS}", settings()))
}

/// The settings as a text: flag, meaning, rule.
fn settings() -> String {
    let rows = SETTINGS.iter().map(|setting| {
        let (flag, meaning, rule) = (setting.flag(), setting.meaning, setting.rule());
        format!("  --{flag} <VALUE>\n      {meaning} ({rule})\n")
    });
    let lead = "Settings. Each is a flag of every command, a line that you write into `config.toml` in the \
                data folder (listen = \"127.0.0.1:6070\"), or a variable (HUSTING_LISTEN):\n";
    std::iter::once(lead.to_owned()).chain(rows).collect()
}

fn settings_in(matches: &ArgMatches) -> BTreeMap<String, String> {
    let given = |setting: &Setting| {
        Some((
            setting.name.to_owned(),
            matches.get_one::<String>(setting.name)?.clone(),
        ))
    };
    SETTINGS.iter().filter_map(given).collect()
}

/// Each command as it is written, with its help as a terminal of 100 columns shows it.
#[cfg(test)]
pub fn helped() -> Vec<(String, String)> {
    let of = |line: String| {
        let asked = format!("{line} --help");
        let help = shown()
            .term_width(100)
            .try_get_matches_from(asked.split_whitespace());
        (
            line,
            help.err().map(|help| help.to_string()).unwrap_or_default(),
        )
    };
    let lines = std::iter::once("husting".to_owned()).chain(below(&shown(), "husting"));
    lines.map(of).collect()
}

/// Every command below this one, as it is written.
#[cfg(test)]
fn below(command: &clap::Command, line: &str) -> Vec<String> {
    let each = command.get_subcommands().flat_map(|sub| {
        let line = format!("{line} {}", sub.get_name());
        let further = below(sub, &line);
        std::iter::once(line).chain(further)
    });
    each.collect()
}

/// Whether a line could be typed; its faults where not.
#[cfg(test)]
pub fn is_understood(line: &str) -> Result<(), clap::Error> {
    let words =
        shell_words::split(line).map_err(|fault| shown().error(ErrorKind::InvalidValue, fault))?;
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    match read(&words) {
        Err(fault) if fault.kind() != ErrorKind::DisplayHelp => Err(fault),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a terminal window of usual height, less its prompt.
    const MOST_LINES: usize = 48;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn read(line: &str) -> Result<(Arguments, BTreeMap<String, String>), clap::Error> {
        super::read(&words(line))
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_tip_names_a_flag_that_the_help_shows() {
        let tip = |line: &str| {
            read(line)
                .unwrap_err()
                .to_string()
                .contains("a similar argument exists")
        };
        assert!(tip("husting agent list --statu active"));
        for line in [
            "husting agent list --all",
            "husting agent list --panel-deadline-second 5",
        ] {
            assert!(!tip(line), "{line}");
        }
    }

    #[test]
    fn no_command_s_help_is_longer_than_a_screen() {
        let lines = below(&shown(), "husting");
        assert!(lines.len() > 60, "{} commands were found", lines.len());
        for line in lines {
            let help = read(&format!("{line} --help")).unwrap_err().to_string();
            let long = help.lines().count();
            assert!(long <= MOST_LINES, "{line} has {long}\n{help}");
        }
    }

    #[test]
    fn the_whole_help_tells_every_setting_and_the_exit_codes() {
        let help = shown().render_long_help().to_string();
        for setting in SETTINGS {
            let told = format!("--{} <VALUE>", setting.flag());
            assert_eq!(help.matches(&told).count(), 1, "{told}");
        }
        assert!(help.contains(EXITS));
    }

    #[test]
    fn every_documented_command_is_understood() {
        let lines = [
            "husting serve --home d --listen 127.0.0.1:0 --ready-file f --no-link",
            "husting console link",
            "husting deliberate q --reference a.md --reference b.md",
            "husting deliberate question --reference f --models a,b,c --rounds 2 --prompt p --prompt q --follow --json",
            "husting deliberate - --reference f --blind false --max-output-tokens 900 --deadline 60 --spend-limit 0.5",
            "husting session list --query q --archived --limit 3 --offset 1",
            "husting deliberations list",
            "husting status",
            "husting session show 0199d1f0-0000-7000-8000-000000000000",
            "husting session show 0199d1f0-00",
            "husting session append 0199d1f0-0000-7000-8000-000000000000 prompt --snippet {} --snippets f",
            "husting session append 0199d1f0-0000-7000-8000-000000000000",
            "husting session retry 0199d1f0-0000-7000-8000-000000000000 --follow",
            "husting session cancel 0199d1f0-0000-7000-8000-000000000000",
            "husting session export 0199d1f0-0000-7000-8000-000000000000 --format json",
            "husting session rename 0199d1f0-0000-7000-8000-000000000000 title",
            "husting session archive 0199d1f0-0000-7000-8000-000000000000 --undo",
            "husting session delete 0199d1f0-0000-7000-8000-000000000000 --yes",
            "husting models list",
            "husting models add a/b --provider a --context 1000 --max-output 500",
            "husting models enable a",
            "husting models disable a",
            "husting models deadline a 60",
            "husting models remove a",
            "husting models restore a",
            "husting models price a --in 3.00 --out 15.00 --cache-read 0.3 --cache-write 3.75",
            "husting models price a --reset",
            "husting models refresh",
            "husting models panel",
            "husting models panel a,b c,d",
            "husting models panel --reset",
            "husting provider add aimock --kind openai-compatible --base-url http://127.0.0.1:4010/v1",
            "husting provider add a --kind anthropic --key-stdin",
            "husting provider add groq --key-stdin",
            "husting provider add o --kind openai --key-env OPENAI_API_KEY",
            "husting provider key a --key-stdin",
            "husting provider test a",
            "husting provider list",
            "husting provider remove a --yes",
            "husting key create --name laptop --daily-rounds 20 --tenant a --json",
            "husting key list",
            "husting key revoke laptop",
            "husting agent mint bruno-voice --model claude-sonnet-4-5 --charter - --scopes mcp:send,inbox --expires 7d",
            "husting agent mint bruno-voice --preset member --expires 2026-12-31T00:00:00Z --json",
            "husting agent list --status suspended --kind custom",
            "husting agent list --status disabled",
            "husting agent show bruno-voice",
            "husting agent scopes bruno-voice",
            "husting agent scopes bruno-voice --set send,inbox",
            "husting agent scopes bruno-voice --add broadcast --for 10m",
            "husting agent scopes bruno-voice --remove broadcast",
            "husting agent disable bruno-voice",
            "husting agent enable bruno-voice",
            "husting agent activate athena --model rehearsal-skeptic",
            "husting agent rotate bruno-voice --overlap 60",
            "husting agent revoke bruno-voice",
            "husting agent revoke bruno-voice --yes",
            "husting agent denials",
            "husting agent allow 0199d1f0 10m",
            "husting tenant create acme --tier growth",
            "husting tenant token acme",
            "husting tenant list",
            "husting bus tail --follow --agent kasra --squad sales --origin human --state parked,held --query q",
            "husting bus tail --since 2h --until 2026-11-20T14:00:00Z",
            "husting bus histogram --since 2h --until 10m --bins 24",
            "husting bus send kasra hello --reply-to 0199d1f0-0000-7000-8000-000000000000 --request q1",
            "husting bus send sales - --squad",
            "husting bus send --all hello",
            "husting bus threads 0199d1f0-0000-7000-8000-000000000000",
            "husting bus parked",
            "husting bus redeliver 0199d1f0-0000-7000-8000-000000000000 --mailbox kasra",
            "husting bus withdraw 0199d1f0-0000-7000-8000-000000000000",
            "husting session stop 0199d1f0 a/b",
            "husting session tag 0199d1f0 depot cologne",
            "husting session tag 0199d1f0",
            "husting session limit 0199d1f0 --usd 5",
            "husting session append 0199d1f0 --estimate",
            "husting deliberate question --models a,b,c --reference f --estimate",
            "husting agent edit kasra --model m --expires 7d",
            "husting agent notes kasra --limit 5",
            "husting config panel.max_seats 5",
            "husting secrets",
            "husting secrets keyring",
            "husting secrets file --new --passphrase-stdin",
            "husting secrets file --new",
            "husting discord",
            "husting discord frames.jsonl",
            "husting discord --check --env-file f --json",
            "husting discord status",
            "husting discord replay",
            "husting discord replay flight.jsonl --env-file f",
            "husting discord traffic --resting --json",
            "husting discord traffic --waiting",
            "husting discord traffic --limit 5 --before 2026-11-20T10:00:00Z",
            "husting discord where 123456789012345678",
            "husting discord unplaced",
            "husting discord place 0199d1f0-0000-7000-8000-000000000000 0199d1f0-0000-7000-8000-000000000001 --always",
            "husting discord dismiss 0199d1f0-0000-7000-8000-000000000000",
            "husting discord restore 0199d1f0-0000-7000-8000-000000000000",
            "husting discord retry 0199d1f0-0000-7000-8000-000000000000",
            "husting discord release 0199d1f0-0000-7000-8000-000000000000 --drop",
            "husting discord unfix kasra",
            "husting discord protocol kasra",
            "husting discord bot --token-stdin",
            "husting discord bot --forget",
            "husting discord servers",
            "husting discord invite --with reactions,webhooks",
            "husting discord invite --with none",
            "husting discord set --marks trouble --own-names on --panels 0 --application 123456789012345678",
            "husting discord env",
            "husting discord map 123456789012345678 kasra",
            "husting discord unmap 123456789012345678",
            "husting discord default kasra",
            "husting discord start",
            "husting discord stop",
            "husting discord pause",
            "husting discord resume",
            "husting pause",
            "husting resume",
            "husting stop-all",
            "husting audit verify",
            "husting audit verify f",
            "husting audit export --agent kasra f",
            "husting audit list --agent kasra --action send,revoke --before 9 --limit 5",
            "husting audit list --fetched",
            "husting wallet show",
            "husting wallet top-up --usd 5",
            "husting wallet limit",
            "husting wallet limit --usd 20",
            "husting wallet limit --usd none",
            "husting wallet auto-refill --threshold 1 --amount 5 --ceiling 20",
            "husting wallet auto-refill --off",
            "husting wallet ledger --query q --limit 5",
            "husting wallet ledger --csv",
            "husting wallet check",
            "husting backup f",
            "husting restore f",
            "husting restore f --look",
            "husting restore --list",
            "husting erase",
            "husting erase --yes",
            "husting storage",
            "husting search forty pallets --limit 5",
            "husting doctor",
            "husting config",
            "husting completions bash",
        ];
        for line in lines {
            if let Err(fault) = read(line) {
                panic!("{line}\n{fault}");
            }
        }
    }

    #[test]
    fn a_tip_names_a_command_that_the_help_shows() {
        for (line, tip) in [
            ("husting delibrate", "exists: 'deliberate'\n"),
            (
                "husting --home sessions delibrate q",
                "exists: 'deliberate'\n",
            ),
            ("husting sesions", "exists: 'session'\n"),
            ("husting provders list", "exist: 'provider', 'models'\n"),
            ("husting wallet shw", "exists: 'show'\n"),
        ] {
            let told = read(line).unwrap_err().to_string();
            assert!(told.contains(tip), "{line}: {told}");
        }
    }

    #[test]
    fn a_number_below_zero_is_a_value_and_its_own_rule_says_what_it_may_be() {
        for (line, why) in [
            ("husting wallet top-up --usd -5", "more than zero"),
            ("husting wallet ledger --limit -5", "1 to 200"),
            ("husting --panel-max-seats -5 wallet show", ""),
            ("husting config retention.message_days -3", ""),
        ] {
            let said = read(line).map_or_else(|fault| fault.to_string(), |_| String::new());
            assert!(said.contains(why), "{line}: {said}");
            assert!(!said.contains("unexpected argument"), "{line}: {said}");
        }
    }

    #[test]
    fn what_is_half_said_is_wrong_usage() {
        let lines = [
            "husting",
            "husting session",
            "husting session show not-an-id",
            "husting session show 0199d",
            "husting models panel a,b --reset",
            "husting wallet top-up --usd 99999999999999",
            "husting wallet limit --usd 1000000.01",
            "husting models price a",
            "husting models price a --in 3",
            "husting models price a --in 3 --out 1 --reset",
            "husting models price a --in three --out 1",
            "husting provider add",
            "husting provider add a --kind openai --key-stdin --key-env A",
            "husting provider add a --kind openai --key sk-secret",
            "husting key create",
            "husting key revoke",
            "husting agent mint",
            "husting agent mint a --scopes everything",
            "husting agent mint a --scopes send --preset full",
            "husting agent mint a --expires tomorrow",
            "husting agent scopes a --set send --add inbox",
            "husting agent scopes a --for 10m",
            "husting agent allow 0199d1f0",
            "husting agent allow 0199d1f0 maybe",
            "husting tenant create acme",
            "husting tenant create acme --tier gold",
            "husting bus send",
            "husting bus send a b --squad --all",
            "husting bus send a b --all --request q",
            "husting bus threads not-an-id",
            "husting bus tail --state asleep",
            "husting discord f --check",
            "husting discord place 0199d1f0-0000-7000-8000-000000000000",
            "husting discord map general kasra",
            "husting discord map 12 kasra",
            "husting discord dismiss q",
            "husting discord where x",
            "husting discord traffic --limit 0",
            "husting discord traffic --resting --waiting",
            "husting discord set",
            "husting discord set --panels 1001",
            "husting discord set --marks sometimes",
            "husting discord invite --with everything",
            "husting discord bot --token-stdin --forget",
            "husting audit export",
            "husting audit list --action nothing",
            "husting audit list --action send --fetched",
            "husting session stop 0199d1f0",
            "husting session limit 0199d1f0 --usd 0",
            "husting deliberate q --estimate --follow",
            "husting agent edit kasra",
            "husting agent edit kasra --expires someday",
            "husting agent notes kasra --squad Sales!",
            "husting bus remove-member sales",
            "husting secrets cellar",
            "husting secrets --passphrase-stdin",
            "husting secrets --new",
            "husting wallet top-up",
            "husting wallet auto-refill",
            "husting deliberate",
            "husting deliberate q --rounds 0",
        ];
        for line in lines {
            let fault = read(line)
                .err()
                .unwrap_or_else(|| panic!("{line} was understood"));
            assert_eq!(fault.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn a_script_is_told_in_a_sentence_what_is_wrong_with_its_line() {
        let table = [
            (
                "husting --json deliberate",
                "the following required arguments were not provided: <QUESTION>",
            ),
            (
                "husting session export --json",
                "the following required arguments were not provided: <ID>",
            ),
            (
                "husting wallet top-up --usd much --json",
                "invalid value 'much' for '--usd <USD>': write dollars with at most six decimal places, such as 20 or 0.05",
            ),
            (
                "husting --json nonsense",
                "unrecognized subcommand 'nonsense'",
            ),
        ];
        for (line, expected) in table {
            let fault = read(line).unwrap_err();
            let Unread::Wrong(failure) = unread(fault, &words(line)) else {
                panic!("{line} was answered for people")
            };
            assert_eq!(failure.to_string(), expected, "{line}");
            assert_eq!(failure.exit() as u8, 2, "{line}");
        }
        let fault = read("husting session --json").unwrap_err();
        assert!(sentence(&fault).starts_with("'husting session' requires a subcommand"));
    }

    #[test]
    fn people_are_shown_a_text_and_whoever_asks_for_help_gets_it() {
        for line in [
            "husting deliberate",
            "husting --json --help",
            "husting --json --version",
            "husting deliberate -- q --json",
        ] {
            let fault = read(line).unwrap_err();
            assert!(
                matches!(unread(fault, &words(line)), Unread::Shown(_)),
                "{line}"
            );
        }
    }

    #[test]
    fn settings_are_flags_of_every_command_in_every_place() {
        for line in [
            "husting --panel-max-seats 5 config",
            "husting config --panel-max-seats 5",
        ] {
            assert_eq!(
                read(line).unwrap().1.get("panel.max_seats").unwrap(),
                "5",
                "{line}"
            );
        }
        assert!(read("husting config").unwrap().1.is_empty());
    }
}
