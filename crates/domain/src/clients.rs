//! Programs that speak MCP and are put on the bus by a file of their own.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A client. What its file looks like is known by the crate that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// Gemini CLI.
    GeminiCli,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    #[serde(rename = "vscode")]
    VsCode,
    /// Windsurf.
    Windsurf,
    /// Cline.
    Cline,
    /// Claude Desktop.
    ClaudeDesktop,
    /// Zed.
    Zed,
    /// Hermes.
    Hermes,
    /// OpenClaw, which is wired by a command.
    #[serde(rename = "openclaw")]
    OpenClaw,
    /// Any other that reads the usual JSON.
    Json,
}

/// A word that names no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no client is called that; there are: {}", words())]
pub struct UnknownClient;

/// How the file of a profile of Codex ends, behind the profile's name.
const PROFILE: &str = ".config.toml";

impl Client {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 12] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::GeminiCli,
        Self::Cursor,
        Self::VsCode,
        Self::Windsurf,
        Self::Cline,
        Self::ClaudeDesktop,
        Self::Zed,
        Self::Hermes,
        Self::OpenClaw,
        Self::Json,
    ];

    /// Where Codex is to look for a file that is one of its profiles, its `CODEX_HOME`. Any other file,
    /// and every other client's, is found without being told where.
    #[must_use]
    pub fn home_of(self, file: &str) -> Option<&str> {
        let (folder, name) = file.rsplit_once(['/', '\\'])?;
        let is_profile =
            self == Self::Codex && name.len() > PROFILE.len() && name.ends_with(PROFILE);
        is_profile.then_some(folder)
    }

    /// What it is called in commands, on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::GeminiCli => "gemini-cli",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Windsurf => "windsurf",
            Self::Cline => "cline",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Zed => "zed",
            Self::Hermes => "hermes",
            Self::OpenClaw => "openclaw",
            Self::Json => "json",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::GeminiCli => "Gemini CLI",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Windsurf => "Windsurf",
            Self::Cline => "Cline",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Zed => "Zed",
            Self::Hermes => "Hermes",
            Self::OpenClaw => "OpenClaw",
            Self::Json => "another client",
        }
    }
}

fn words() -> String {
    Client::ALL.map(Client::word).join(", ")
}

impl FromStr for Client {
    type Err = UnknownClient;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|client| client.word() == word);
        found.ok_or(UnknownClient)
    }
}

impl std::fmt::Display for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_client_is_found_by_its_word_and_says_the_same_on_the_wire() {
        for client in Client::ALL {
            assert_eq!(client.word().parse(), Ok(client));
            assert_eq!(serde_json::to_value(client).unwrap(), client.word());
        }
    }

    #[test]
    fn only_a_profile_of_codex_has_a_home() {
        let of = Client::Codex;
        assert_eq!(of.home_of("/a b/cody.config.toml"), Some("/a b"));
        assert_eq!(of.home_of("/a/.codex/config.toml"), None);
        assert_eq!(of.home_of("/a/.config.toml"), None);
        assert_eq!(of.home_of("cody.config.toml"), None);
        assert_eq!(Client::ClaudeCode.home_of("/a/cody.config.toml"), None);
    }

    #[test]
    fn a_word_that_names_none_is_answered_with_all_that_do() {
        let fault = "netscape".parse::<Client>().unwrap_err().to_string();
        assert!(
            fault.contains("claude-code, codex, gemini-cli, cursor"),
            "{fault}"
        );
    }
}
