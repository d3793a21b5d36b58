//! Clients that are on this machine: their program on the search path, or a file or folder of their
//! own. Nothing is started or changed by looking.

use std::path::{Path, PathBuf};

use husting_domain::clients::Client;
use husting_wire::wiring::{ClientList, ClientView};
use husting_wiring::ClientFiles;

use super::places::user_places;
use crate::{Inner, Surroundings};

impl Inner {
    /// All clients, with what is known of each here.
    pub(crate) fn clients(&self) -> ClientList {
        clients(&self.surroundings)
    }
}

/// The same where no console is open.
pub(crate) fn clients(surroundings: &Surroundings) -> ClientList {
    // Any other client is not looked for: there is nothing to know it by.
    let named = Client::ALL
        .into_iter()
        .filter(|client| *client != Client::Json);
    ClientList {
        clients: named
            .map(|client| client_view(client, surroundings))
            .collect(),
    }
}

fn client_view(client: Client, surroundings: &Surroundings) -> ClientView {
    let program = program(client).and_then(|name| surroundings.program_called(name));
    let seen = user_places(surroundings)
        .and_then(|places| traced(client.user_file(&places)?, &places.home));
    let text = |path: PathBuf| path.display().to_string();
    ClientView {
        client,
        title: client.title().to_owned(),
        program: program.map(text),
        seen: seen.map(text),
        runs: matches!(client, Client::ClaudeCode | Client::Codex),
    }
}

/// What its program is called.
const fn program(client: Client) -> Option<&'static str> {
    match client {
        Client::ClaudeCode => Some("claude"),
        Client::Codex => Some("codex"),
        Client::GeminiCli => Some("gemini"),
        Client::Cursor => Some("cursor"),
        Client::VsCode => Some("code"),
        Client::Windsurf => Some("windsurf"),
        Client::Zed => Some("zed"),
        Client::Hermes => Some("hermes"),
        Client::OpenClaw => Some("openclaw"),
        Client::Cline | Client::ClaudeDesktop | Client::Json => None,
    }
}

/// The client's own file, or the folder that it is in where that is the client's alone.
fn traced(file: PathBuf, home: &Path) -> Option<PathBuf> {
    if file.is_file() {
        return Some(file);
    }
    let folder = file.parent()?.to_owned();
    let is_own = folder
        .file_name()
        .is_some_and(|name| !matches!(name.to_str(), Some("User" | ".config")));
    (is_own && folder != home && folder.is_dir()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_without_a_trace_is_none() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let (own, deep) = (home.join(".claude.json"), home.join(".cursor/mcp.json"));
        assert_eq!(traced(own.clone(), home), None);
        assert_eq!(traced(deep.clone(), home), None);
        std::fs::create_dir(home.join(".cursor")).unwrap();
        assert_eq!(traced(deep, home), Some(home.join(".cursor")));
        std::fs::write(&own, "{}").unwrap();
        assert_eq!(traced(own.clone(), home), Some(own));
    }
}
