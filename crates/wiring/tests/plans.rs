//! From a client and an address to a file, and nothing shown on the way that must not be.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use husting_wiring::file::FileError;
use husting_wiring::git::Standing;
use husting_wiring::merge::MergeError;
use husting_wiring::{Client, Endpoint, Plan, PlanError, Removal, Server, Transport};
use secrecy::{ExposeSecret, SecretString};

const TOKEN: &str = "hst_a_plan";

fn endpoint() -> Endpoint {
    Endpoint {
        server: Server::Bus,
        url: "http://127.0.0.1:6070/mcp".into(),
        transport: Transport::Http,
        secret: Some(TOKEN.into()),
        program: None,
    }
}

fn plan(client: Client, path: &Path) -> Result<Plan, PlanError> {
    Plan::of(client, &endpoint(), path)
}

#[test]
fn a_plan_shows_our_entry_and_nothing_of_anybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".mcp.json");
    let theirs = r#"{"mcpServers":{"other":{"env":{"KEY":"hunter2"}},"sos":{"url":"old"}}}"#;
    fs::write(&path, theirs).unwrap();
    let plan = plan(Client::ClaudeCode, &path).unwrap();
    assert_eq!((plan.others, plan.replaces, plan.exists()), (1, true, true));
    assert!(plan.is_anothers);
    assert_eq!(plan.git, Standing::Outside);
    assert!(plan.after_shown.contains("Bearer <your-token>"));
    let everything = format!("{plan:?}{}", plan.after_shown);
    assert!(!everything.contains(TOKEN) && !everything.contains("hunter2"));

    let written = plan.write().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(TOKEN) && text.contains("hunter2"));
    assert_eq!(written.hash, husting_wiring::file::hash(&text));
    assert_eq!(fs::read_to_string(written.backup.unwrap()).unwrap(), theirs);
}

#[test]
fn an_entry_is_husting_s_by_its_address_or_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp.json");
    let url = endpoint().url;
    for (entry, is_anothers) in [
        (format!("{{\"url\": \"{url}\"}}"), false),
        (
            format!(
                "{{\"url\": \"elsewhere\", \"token\": \"hst_a_{}\"}}",
                "a".repeat(43)
            ),
            false,
        ),
        ("{\"url\": \"elsewhere\"}".to_owned(), true),
    ] {
        fs::write(&path, format!("{{\"mcpServers\": {{\"sos\": {entry}}}}}")).unwrap();
        let plan = plan(Client::Cursor, &path).unwrap();
        assert_eq!(
            (plan.replaces, plan.is_anothers),
            (true, is_anothers),
            "{entry}"
        );
    }
}

#[test]
fn a_plan_that_was_overtaken_is_not_carried_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let plan = plan(Client::Codex, &path).unwrap();
    assert_eq!(
        (plan.others, plan.replaces, plan.exists()),
        (0, false, false)
    );
    fs::write(&path, "model = 'o6'\n").unwrap();
    assert!(matches!(plan.write(), Err(FileError::Changed(_))));
    assert_eq!(fs::read_to_string(path).unwrap(), "model = 'o6'\n");
}

#[test]
fn a_refusal_names_the_file_and_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, "a: hunter2\na: hunter2\n").unwrap();
    let error = plan(Client::Hermes, &path).unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    assert!(error.contains("line 2, column 1"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_client_without_a_file_has_no_plan() {
    let refused = plan(Client::OpenClaw, Path::new("openclaw.json"));
    assert!(matches!(
        refused,
        Err(PlanError::Merge {
            source: MergeError::NoFile,
            ..
        })
    ));
}

#[test]
fn a_plan_in_a_repository_offers_to_leave_the_file_out() {
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join(".git");
    fs::create_dir(&git).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    let plan = plan(Client::Cursor, &folder.path().join(".cursor/mcp.json")).unwrap();
    assert!(plan.git.is_exposed());
    assert!(plan.leave_out().unwrap());
    assert!(!plan.leave_out().unwrap());
    assert_eq!(
        fs::read_to_string(git.join("info/exclude")).unwrap(),
        "/.cursor/mcp.json\n/.cursor/mcp.json.before-husting*\n"
    );
}

#[test]
fn what_was_written_is_taken_out_again_and_the_rest_stays() {
    let token = format!("hst_a_{}", "k8Lm20cZ".repeat(6));
    let endpoint = Endpoint {
        secret: Some(token.clone().into()),
        ..endpoint()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp.json");
    let removal = || Removal::of(Client::Cursor, Server::Bus, &path).unwrap();
    assert!(removal().is_none(), "no file");
    let older = format!("hst_a_{}", "x3Yw71bA".repeat(6));
    let theirs = format!(
        "{{\n  // mine: {older}\n  \"mcpServers\": {{\n    \"other\": {{\"env\": {{\"KEY\": \"hunter2\"}}}}\n  }}\n}}\n"
    );
    fs::write(&path, &theirs).unwrap();
    let found = removal().unwrap();
    assert!(found.tokens.entry.is_none(), "no entry");
    assert_eq!(exposed(&found.tokens.all), [&older]);

    let plan = Plan::of(Client::Cursor, &endpoint, &path).unwrap();
    plan.write().unwrap();
    let found = removal().unwrap();
    assert_eq!(found.others, 1);
    assert_eq!(exposed(found.tokens.entry.as_ref().unwrap()), [&token]);
    assert_eq!(exposed(&found.tokens.all), [&older, &token]);
    let shown = format!("{found:?}");
    assert!(!shown.contains(&token) && !shown.contains("hunter2"));

    let removed = found.write().unwrap();
    assert_eq!(exposed(&removed.left), [&older]);
    assert_eq!(fs::read_to_string(&path).unwrap(), theirs);
    assert_eq!(removed.written.hash, husting_wiring::file::hash(&theirs));
    let kept = fs::read_to_string(removed.written.backup.unwrap()).unwrap();
    assert!(kept.contains("hst_a_…") && !kept.contains(&token), "{kept}");
    assert!(removal().unwrap().tokens.entry.is_none());
}

fn exposed(tokens: &[SecretString]) -> Vec<&str> {
    let exposed = tokens.iter().map(ExposeSecret::expose_secret);
    exposed.collect()
}

#[test]
fn what_husting_may_not_change_is_put_in_or_taken_out_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (put_in, take_out) = (
        "copy the entry into it by hand",
        "take the entry out of it by hand",
    );

    let path = folder.path().join("config.yaml");
    let shared = "base: &servers {sos: {url: x}}\nmcp_servers: *servers\n";
    fs::write(&path, shared).unwrap();
    let why = format!(
        "{} is left as it is: it is written in a way in which Husting cannot change its entry without changing the rest",
        path.display()
    );
    let found = Removal::of(Client::Hermes, Server::Bus, &path).unwrap();
    let removed = found.unwrap().write().unwrap_err();
    assert_eq!(removed.to_string(), format!("{why}; {take_out}"));
    assert_eq!(fs::read_to_string(&path).unwrap(), shared);
    fs::write(&path, "a: 1\n---\nb: 2\n").unwrap();
    let planned = plan(Client::Hermes, &path).unwrap_err();
    assert_eq!(planned.to_string(), format!("{why}; {put_in}"));

    let path = folder.path().join("mcp.json");
    fs::write(&path, " ".repeat(1024 * 1024 + 1)).unwrap();
    let why = format!(
        "{} is longer than 1 MiB, which Husting does not change",
        path.display()
    );
    let planned = plan(Client::Cursor, &path).unwrap_err();
    assert_eq!(planned.to_string(), format!("{why}; {put_in}"));
    let removed = Removal::of(Client::Cursor, Server::Bus, &path).unwrap_err();
    assert_eq!(removed.to_string(), format!("{why}; {take_out}"));
}

#[test]
fn a_file_that_was_changed_meanwhile_keeps_our_entry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp.json");
    plan(Client::Cursor, &path).unwrap().write().unwrap();
    let found = Removal::of(Client::Cursor, Server::Bus, &path)
        .unwrap()
        .unwrap();
    let changed = fs::read_to_string(&path).unwrap() + "\n";
    fs::write(&path, &changed).unwrap();
    assert!(matches!(
        found.write(),
        Err(PlanError::File(FileError::Changed(_)))
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), changed);
}
