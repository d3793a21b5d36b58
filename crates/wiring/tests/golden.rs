//! What each client is given, letter by letter, beside the page that says so.
//! `UPDATE_GOLDEN=1 cargo test -p husting-wiring --test golden` writes the files anew.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use husting_wiring::{
    Client, ClientFiles, Endpoint, Entry, EntryError, Format, PLACEHOLDER, PlanError, Server,
    Transport, entry, snippet,
};
use rstest::rstest;

const TOKEN: &str = "hst_a_golden";

/// The client and its own published description of the format.
const PAGES: [(Client, &str); 12] = [
    (Client::ClaudeCode, "https://code.claude.com/docs/en/mcp"),
    (Client::Codex, "https://developers.openai.com/codex/mcp"),
    (
        Client::GeminiCli,
        "https://geminicli.com/docs/tools/mcp-server/",
    ),
    (Client::Cursor, "https://cursor.com/docs/mcp"),
    (
        Client::VsCode,
        "https://code.visualstudio.com/docs/agents/reference/mcp-configuration",
    ),
    (
        Client::Windsurf,
        "https://docs.windsurf.com/windsurf/cascade/mcp",
    ),
    (
        Client::Cline,
        "https://docs.cline.bot/mcp/configuring-mcp-servers",
    ),
    (
        Client::ClaudeDesktop,
        "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
    ),
    (Client::Zed, "https://zed.dev/docs/ai/mcp"),
    (
        Client::Hermes,
        "https://hermes-agent.nousresearch.com/docs/reference/mcp-config-reference",
    ),
    (Client::OpenClaw, "https://docs.openclaw.ai/cli/mcp"),
    (Client::Json, "https://code.claude.com/docs/en/mcp"),
];

const WAYS: [(Server, Transport, &str, &str); 4] = [
    (
        Server::Bus,
        Transport::Http,
        "http",
        "http://127.0.0.1:6070/mcp",
    ),
    (
        Server::Bus,
        Transport::Sse,
        "sse",
        "http://127.0.0.1:6070/sse/<your-token>",
    ),
    (
        Server::Bus,
        Transport::Sse,
        "sse-header",
        "http://127.0.0.1:6070/sse",
    ),
    (
        Server::Deliberation,
        Transport::Http,
        "http",
        "http://127.0.0.1:6070/api/mcp",
    ),
];

fn endpoint(server: Server, transport: Transport, url: &str, secret: Option<&str>) -> Endpoint {
    Endpoint {
        server,
        url: url.to_owned(),
        transport,
        secret: secret.map(Into::into),
        program: None,
    }
}

/// Every text of one client, by its file's name.
fn texts(client: Client) -> Vec<(String, String)> {
    let ending = match client.format() {
        Format::Json | Format::Jsonc => "json",
        Format::Toml => "toml",
        Format::Yaml => "yaml",
        Format::Command => "txt",
    };
    let mut texts = Vec::new();
    for (server, transport, way, url) in WAYS {
        for (secret, kept) in [(Some(TOKEN), ""), (None, "-unknown")] {
            match snippet(client, &endpoint(server, transport, url, secret)) {
                Ok(text) => {
                    let key = server.key();
                    texts.push((format!("{client}-{key}-{way}{kept}.{ending}"), text));
                }
                Err(PlanError::Entry(_)) => {}
                Err(error) => panic!("{client}: {error}"),
            }
        }
    }
    texts
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn every_client_is_given_what_its_page_says() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut expected = Vec::new();
    for (client, page) in PAGES {
        assert_eq!(client.page(), page);
        for (name, text) in texts(client) {
            let path = golden().join(&name);
            if update {
                fs::write(&path, &text).unwrap();
            }
            let kept = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{name} ({page}): {error}"));
            // The shell's line ends without a newline, its file with what was written.
            assert_eq!(text, kept, "{name} is not as {page} has it");
            expected.push(name);
        }
    }
    assert_eq!(PAGES.map(|(client, _)| client), Client::ALL);

    let mut there: Vec<String> = fs::read_dir(golden())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    expected.sort();
    assert_eq!(there, expected, "a golden file belongs to no client");
}

#[test]
fn a_secret_stands_in_the_text_exactly_once_and_in_nothing_that_is_shown() {
    for client in Client::ALL {
        for (server, transport, _, url) in WAYS {
            let endpoint = endpoint(server, transport, url, Some(TOKEN));
            let Ok(text) = snippet(client, &endpoint) else {
                continue;
            };
            assert_eq!(text.matches(TOKEN).count(), 1, "{client}");
            let shown = snippet(client, &endpoint.shown()).unwrap();
            assert!(!shown.contains(TOKEN), "{client}");
            assert_eq!(text.replace(TOKEN, PLACEHOLDER), shown, "{client}");
            let made = entry(client, &endpoint).unwrap();
            assert!(
                !format!("{made:?} {endpoint:?}").contains(TOKEN),
                "{client}"
            );
        }
    }
}

#[rstest]
#[case(Client::Codex)]
#[case(Client::Zed)]
#[case(Client::ClaudeDesktop)]
fn a_client_that_knows_no_sse_is_told_so(#[case] client: Client) {
    let endpoint = endpoint(Server::Bus, Transport::Sse, "http://[::1]/sse", None);
    let error = entry(client, &endpoint).unwrap_err();
    assert_eq!(error, EntryError::NoSse(client.title()));
    assert!(error.to_string().starts_with(client.title()));
}

#[test]
fn the_deliberation_server_has_one_transport() {
    for client in Client::ALL {
        let endpoint = endpoint(Server::Deliberation, Transport::Sse, "http://[::1]", None);
        assert_eq!(entry(client, &endpoint), Err(EntryError::NoSseThere));
    }
}

#[test]
fn claude_desktop_reaches_the_bus_alone_and_starts_the_program_it_is_given() {
    let mut endpoint = endpoint(Server::Deliberation, Transport::Http, "http://[::1]", None);
    assert!(matches!(
        entry(Client::ClaudeDesktop, &endpoint),
        Err(EntryError::OnlyTheBus("Claude Desktop"))
    ));
    endpoint.server = Server::Bus;
    endpoint.program = Some("/opt/husting/husting".into());
    let Ok(Entry::Table(table)) = entry(Client::ClaudeDesktop, &endpoint) else {
        panic!("it has a file");
    };
    assert_eq!(table.expose()["command"], "/opt/husting/husting");
}

#[test]
fn a_shell_reads_the_command_as_it_was_meant() {
    let endpoint = endpoint(
        Server::Bus,
        Transport::Http,
        "http://127.0.0.1:6070/mcp?name=o'hara",
        Some(TOKEN),
    );
    let Ok(Entry::Command(command)) = entry(Client::OpenClaw, &endpoint) else {
        panic!("it is wired by a command");
    };
    let printed = std::process::Command::new("sh")
        .arg("-c")
        .arg(command.text.replacen("openclaw", "printf '%s\\n'", 1))
        .output()
        .unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), command.argv[1..]);
}
