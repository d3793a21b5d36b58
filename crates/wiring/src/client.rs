//! The clients that can be wired: where each keeps its servers, and in which words.

use std::path::{Path, PathBuf};

use husting_domain::clients::Client;

use crate::format::Format;
use crate::places::{Os, Places};

/// Where a client keeps its servers, and in which words.
pub trait ClientFiles: Sized {
    /// The page on which its makers describe the format that is written here.
    #[must_use]
    fn page(self) -> &'static str;

    /// How its file is written. Where it is not known whether a client reads comments, a file
    /// that has some is not refused for them.
    #[must_use]
    fn format(self) -> Format;

    /// The key of the table of servers in its file.
    #[must_use]
    fn root(self) -> &'static str;

    /// Its file in a project's folder, for a client that has one.
    #[must_use]
    fn project_file(self) -> Option<&'static Path>;

    /// Its file for everything a user does, for a client that has one.
    #[must_use]
    fn user_file(self, places: &Places) -> Option<PathBuf>;

    /// The file meant by `path`: a folder gets the client's own file, anything else is the file.
    /// `None` for a client without one.
    #[must_use]
    fn file_at(self, path: &Path) -> Option<PathBuf>;

    /// What its file is called inside a folder that somebody names.
    fn own_file(self) -> &'static Path;

    /// Whether it shows an answer of 403 as something else than a missing scope. Its entry then
    /// asks for denials as results.
    #[must_use]
    fn misreads_denials(self) -> bool;
}

impl ClientFiles for Client {
    fn page(self) -> &'static str {
        match self {
            Self::ClaudeCode => "https://code.claude.com/docs/en/mcp",
            Self::Codex => "https://developers.openai.com/codex/mcp",
            Self::GeminiCli => "https://geminicli.com/docs/tools/mcp-server/",
            Self::Cursor => "https://cursor.com/docs/mcp",
            Self::VsCode => "https://code.visualstudio.com/docs/agents/reference/mcp-configuration",
            Self::Windsurf => "https://docs.windsurf.com/windsurf/cascade/mcp",
            Self::Cline => "https://docs.cline.bot/mcp/configuring-mcp-servers",
            Self::ClaudeDesktop => {
                "https://modelcontextprotocol.io/docs/develop/connect-local-servers"
            }
            Self::Zed => "https://zed.dev/docs/ai/mcp",
            Self::Hermes => {
                "https://hermes-agent.nousresearch.com/docs/reference/mcp-config-reference"
            }
            Self::OpenClaw => "https://docs.openclaw.ai/cli/mcp",
            // Nobody's in particular: the form that Claude Code's file has made usual.
            Self::Json => "https://code.claude.com/docs/en/mcp",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::ClaudeCode | Self::Cline | Self::ClaudeDesktop | Self::Json => Format::Json,
            Self::GeminiCli | Self::Cursor | Self::VsCode | Self::Windsurf | Self::Zed => {
                Format::Jsonc
            }
            Self::Codex => Format::Toml,
            Self::Hermes => Format::Yaml,
            Self::OpenClaw => Format::Command,
        }
    }

    fn root(self) -> &'static str {
        match self {
            Self::VsCode => "servers",
            Self::Zed => "context_servers",
            Self::Codex | Self::Hermes => "mcp_servers",
            Self::OpenClaw => "mcp.servers",
            _ => "mcpServers",
        }
    }

    fn project_file(self) -> Option<&'static Path> {
        Some(Path::new(match self {
            Self::ClaudeCode => ".mcp.json",
            Self::Codex => ".codex/config.toml",
            Self::GeminiCli => ".gemini/settings.json",
            Self::Cursor => ".cursor/mcp.json",
            Self::VsCode => ".vscode/mcp.json",
            Self::Zed => ".zed/settings.json",
            Self::Json => "mcp.json",
            _ => return None,
        }))
    }

    fn user_file(self, places: &Places) -> Option<PathBuf> {
        let Places { home, config, os } = places;
        Some(match self {
            Self::ClaudeCode => home.join(".claude.json"),
            Self::Codex => home.join(".codex/config.toml"),
            Self::GeminiCli => home.join(".gemini/settings.json"),
            Self::Cursor => home.join(".cursor/mcp.json"),
            Self::VsCode => config.join("Code/User/mcp.json"),
            Self::Windsurf => home.join(".codeium/windsurf/mcp_config.json"),
            // The command line's and the extension's.
            Self::Cline => home.join(".cline/data/settings/cline_mcp_settings.json"),
            Self::ClaudeDesktop => config.join("Claude/claude_desktop_config.json"),
            Self::Zed => match os {
                Os::Windows => config.join("Zed/settings.json"),
                // Also on macOS.
                _ => home.join(".config/zed/settings.json"),
            },
            Self::Hermes => match os {
                Os::Windows => home.join("AppData/Local/hermes/config.yaml"),
                _ => home.join(".hermes/config.yaml"),
            },
            Self::OpenClaw | Self::Json => return None,
        })
    }

    fn file_at(self, path: &Path) -> Option<PathBuf> {
        if self.format() == Format::Command {
            return None;
        }
        if !path.is_dir() {
            return Some(path.to_owned());
        }
        let own = self.own_file();
        // A project's `.cursor` is as good an answer as the project.
        let named_already = own
            .parent()
            .is_some_and(|folder| !folder.as_os_str().is_empty() && path.ends_with(folder));
        Some(match own.file_name() {
            Some(name) if named_already => path.join(name),
            _ => path.join(own),
        })
    }

    fn own_file(self) -> &'static Path {
        self.project_file().unwrap_or(Path::new(match self {
            Self::Windsurf => "mcp_config.json",
            Self::Cline => "cline_mcp_settings.json",
            Self::ClaudeDesktop => "claude_desktop_config.json",
            Self::Hermes => "config.yaml",
            _ => "mcp.json",
        }))
    }

    fn misreads_denials(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::Codex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        Client::ClaudeDesktop,
        Os::MacOs,
        "/config/Claude/claude_desktop_config.json"
    )]
    #[case(Client::Zed, Os::MacOs, "/home/.config/zed/settings.json")]
    #[case(Client::Zed, Os::Windows, "/config/Zed/settings.json")]
    #[case(Client::VsCode, Os::Linux, "/config/Code/User/mcp.json")]
    #[case(
        Client::Cline,
        Os::Linux,
        "/home/.cline/data/settings/cline_mcp_settings.json"
    )]
    #[case(Client::GeminiCli, Os::Linux, "/home/.gemini/settings.json")]
    #[case(Client::Hermes, Os::Linux, "/home/.hermes/config.yaml")]
    #[case(Client::Hermes, Os::Windows, "/home/AppData/Local/hermes/config.yaml")]
    fn a_users_file_is_where_the_system_has_it(
        #[case] client: Client,
        #[case] os: Os,
        #[case] expected: &str,
    ) {
        let places = Places {
            home: "/home".into(),
            config: "/config".into(),
            os,
        };
        assert_eq!(client.user_file(&places), Some(PathBuf::from(expected)));
    }

    #[rstest]
    #[case(Client::Cursor, "project", "project/.cursor/mcp.json")]
    #[case(Client::Cursor, "project/.cursor", "project/.cursor/mcp.json")]
    #[case(Client::ClaudeCode, "project", "project/.mcp.json")]
    #[case(Client::GeminiCli, "project", "project/.gemini/settings.json")]
    #[case(Client::Windsurf, "project", "project/mcp_config.json")]
    #[case(Client::ClaudeCode, "agents/a.json", "agents/a.json")]
    fn a_folder_gets_the_clients_own_file(
        #[case] client: Client,
        #[case] named: &str,
        #[case] expected: &str,
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("project/.cursor")).unwrap();
        let file = client.file_at(&folder.path().join(named));
        assert_eq!(file, Some(folder.path().join(expected)));
        assert_eq!(Client::OpenClaw.file_at(folder.path()), None);
    }
}
