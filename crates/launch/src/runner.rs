//! The usual commands of the runners that Husting knows.

use std::path::Path;

use crate::command::CommandLine;

/// What the server on which our sessions are is called.
pub(crate) const SOCKET: &str = "husting";

/// A program that runs an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runner {
    /// Anthropic's `claude`.
    ClaudeCode,
    /// `OpenAI`'s `codex`.
    Codex,
}

/// What a usual command is made for.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The wiring file that holds the agent's token. Codex finds its own by the agent's name: the
    /// profile `$CODEX_HOME/<agent>.config.toml`.
    pub file: &'a Path,
    /// Instead of [`default_prompt`].
    pub prompt: Option<&'a str>,
    /// Whether the program ends with its answer, or stays and can be spoken to.
    pub once: bool,
}

/// What an agent is told when nothing else is asked of it.
#[must_use]
pub fn default_prompt(agent: &str) -> String {
    format!("You are {agent}. Boot your context.")
}

impl Runner {
    /// The command as it is offered to the operator. It allows the tools of our server and no others.
    #[must_use]
    pub fn usual(&self, task: &Task<'_>) -> CommandLine {
        let prompt = task
            .prompt
            .map_or_else(|| default_prompt(task.agent), ToOwned::to_owned);
        let (program, arguments) = match self {
            Self::ClaudeCode => ("claude", claude_code(task, prompt)),
            Self::Codex => ("codex", codex(task, prompt)),
        };
        CommandLine {
            program: program.to_owned(),
            arguments,
        }
    }
}

fn claude_code(task: &Task<'_>, prompt: String) -> Vec<String> {
    let file = task.file.to_string_lossy();
    let mut words = owned(&["--mcp-config", &file]);
    words.extend(owned(&[
        "--strict-mcp-config",
        "--allowedTools",
        "mcp__sos",
    ]));
    // --allowedTools takes every word up to the next option, the prompt too.
    match task.once {
        true => words.push("-p".to_owned()),
        false => words.push("--".to_owned()),
    }
    if task.once && prompt.starts_with('-') {
        words.push("--".to_owned());
    }
    words.push(prompt);
    words
}

fn codex(task: &Task<'_>, prompt: String) -> Vec<String> {
    let mut words = Vec::new();
    if task.once {
        words.push("exec".to_owned());
    }
    // Another file than the agent's own profile is read by Codex without being named.
    let profile = format!("{}.config.toml", task.agent);
    if task.file.ends_with(profile) {
        words.extend(owned(&["-p", task.agent]));
    }
    if task.once {
        words.push("--skip-git-repo-check".to_owned());
    }
    words.extend(owned(&[
        "-c",
        "mcp_servers.sos.required=true",
        "-c",
        r#"mcp_servers.sos.default_tools_approval_mode="approve""#,
    ]));
    if prompt.starts_with('-') {
        words.push("--".to_owned());
    }
    words.push(prompt);
    words
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The form for copying into a terminal: a session, on the server on which Husting's are, with the command
/// as one string in the folder where it would run. It is shown and never run by Husting, because tmux
/// hands one string to a shell.
///
/// `variables` are those that the command needs beside a terminal's own.
#[must_use]
pub fn one_string(
    agent: &str,
    command: &CommandLine,
    directory: &str,
    variables: &[(&str, &str)],
) -> String {
    let agent = shell_words::quote(agent);
    // A folder is a format to tmux, in which `#` is written twice.
    let directory = directory.replace('#', "##");
    let directory = shell_words::quote(&directory);
    let mut words = command.text();
    if !variables.is_empty() {
        let variables = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let variables: Vec<String> = variables.collect();
        words = format!("env {} {words}", shell_words::join(variables));
    }
    format!(
        "tmux -L {SOCKET} new-session -d -s {agent} -c {directory} {}",
        in_double_quotes(&words)
    )
}

/// Double quotes keep the single quotes of the command readable. A shell with a history reads `!`
/// even there, so such a text is quoted the other way.
fn in_double_quotes(text: &str) -> String {
    if text.contains('!') {
        return shell_words::quote(text).into_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        if matches!(char, '\\' | '"' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const ASKED: &str = "Read your mail.";

    #[rstest]
    #[case(
        "/w/a b/.mcp.json",
        Runner::ClaudeCode,
        true,
        None,
        "claude --mcp-config '/w/a b/.mcp.json' --strict-mcp-config --allowedTools mcp__sos \
         -p 'You are bruno. Boot your context.'"
    )]
    #[case(
        "/w/a b/.mcp.json",
        Runner::ClaudeCode,
        false,
        Some(ASKED),
        "claude --mcp-config '/w/a b/.mcp.json' --strict-mcp-config --allowedTools mcp__sos \
         -- 'Read your mail.'"
    )]
    #[case(
        "/w/a b/.mcp.json",
        Runner::ClaudeCode,
        true,
        Some("-v"),
        "claude --mcp-config '/w/a b/.mcp.json' --strict-mcp-config --allowedTools mcp__sos \
         -p -- -v"
    )]
    #[case(
        "/w/.codex/config.toml",
        Runner::Codex,
        true,
        None,
        "codex exec --skip-git-repo-check -c 'mcp_servers.sos.required=true' \
         -c 'mcp_servers.sos.default_tools_approval_mode=\"approve\"' \
         'You are bruno. Boot your context.'"
    )]
    #[case(
        "/w/.codex/bruno.config.toml",
        Runner::Codex,
        true,
        None,
        "codex exec -p bruno --skip-git-repo-check -c 'mcp_servers.sos.required=true' \
         -c 'mcp_servers.sos.default_tools_approval_mode=\"approve\"' \
         'You are bruno. Boot your context.'"
    )]
    #[case(
        "/w/.codex/bruno.config.toml",
        Runner::Codex,
        false,
        Some("--help"),
        "codex -p bruno -c 'mcp_servers.sos.required=true' \
         -c 'mcp_servers.sos.default_tools_approval_mode=\"approve\"' -- --help"
    )]
    fn each_runner_has_its_usual_command(
        #[case] file: &str,
        #[case] runner: Runner,
        #[case] once: bool,
        #[case] prompt: Option<&str>,
        #[case] line: &str,
    ) {
        let file = Path::new(file);
        let task = Task {
            agent: "bruno",
            file,
            prompt,
            once,
        };
        assert_eq!(
            runner.usual(&task),
            CommandLine::parse(line).unwrap(),
            "{}",
            runner.usual(&task)
        );
    }

    #[test]
    fn the_form_for_copying_is_the_public_pages_on_our_server_and_in_the_folder() {
        let words = [
            "--mcp-config",
            ".mcp.json",
            "-p",
            "You are bruno. Boot your context.",
        ];
        let command = CommandLine {
            program: "claude".to_owned(),
            arguments: owned(&words),
        };
        assert_eq!(
            one_string("bruno", &command, "/w/a b#(id)", &[]),
            "tmux -L husting new-session -d -s bruno -c '/w/a b##(id)' \
             \"claude --mcp-config .mcp.json -p 'You are bruno. Boot your context.'\""
        );
        let codex = CommandLine::parse("codex -p bruno").unwrap();
        assert_eq!(
            one_string("bruno", &codex, "/w", &[("CODEX_HOME", "/a b")]),
            "tmux -L husting new-session -d -s bruno -c /w \"env 'CODEX_HOME=/a b' codex -p bruno\""
        );
    }

    proptest! {
        /// Two layers of quotes: the terminal's shell and the one that tmux runs.
        #[test]
        fn the_form_for_copying_reads_back_as_the_same_command(
            words in prop::collection::vec("[ -~]{0,10}", 0..5),
            program in "[a-z$`\\\\\"'!]{1,9}",
        ) {
            let command = CommandLine { program, arguments: words };
            let line = one_string("bruno", &command, "/w", &[]);
            let outer = shell_words::split(&line).unwrap();
            prop_assert_eq!(outer.len(), 10);
            prop_assert_eq!(CommandLine::parse(&outer[9]).unwrap(), command);
        }
    }
}
