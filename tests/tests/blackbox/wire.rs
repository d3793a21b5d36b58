//! Clients' files, as the command line and REST give them: whole, merged, and with a token that works.

use std::fs;
use std::iter;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use husting_domain::tenants::Tier;
use husting_tests::home::{Home, run};
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use serde_json::{Value, json};

use crate::tenanted::Tenant;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The bearer in a client's JSON file.
fn bearer(file: &Value, server: &str) -> String {
    let header = file["mcpServers"][server]["headers"]["Authorization"].as_str();
    header.unwrap().strip_prefix("Bearer ").unwrap().to_owned()
}

/// Mints bruno into the first of these clients' files and wires it, with a new token, in each of the others.
async fn wired(home: &Home, files: &[(&str, &Path)]) {
    let mint = iter::once(&["agent", "mint"]);
    let commands = mint.chain(iter::repeat(&["wire", "--rotate"]));
    for (command, (client, file)) in commands.zip(files) {
        let file = file.to_str().unwrap();
        let into = ["bruno", "--client", client, "--write", file];
        home.run(&[&command[..], &into].concat()).await.done();
    }
}

/// The status of a first call with a token.
async fn opens(instance: &Instance, route: &str, token: &str) -> u16 {
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let request = instance.client.post(format!("{}{route}", instance.http));
    let request = request
        .bearer_auth(token)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25");
    let answer = request.json(&call).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn a_minted_agents_file_is_its_owners_alone_and_its_token_opens_the_bus() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let project = home.beside("project");
    fs::create_dir(&project).unwrap();
    let folder = project.to_str().unwrap();
    let minted = home
        .ask(&[
            "agent",
            "mint",
            "bruno",
            "--client",
            "claude-code",
            "--write",
            folder,
        ])
        .await;
    let path = project.join(".mcp.json");
    assert_eq!(minted["wired"]["path"], path.to_str().unwrap());
    assert_eq!(minted["wired"]["git"], Value::Null);
    assert_eq!(mode(&path), 0o600);
    let file = read(&path);
    let token = bearer(&file, "sos");
    assert_eq!(minted["raw_token"], token.as_str());
    let entry = &file["mcpServers"]["sos"];
    assert_eq!(entry["url"], format!("{}/mcp", instance.http));
    assert_eq!(entry["headers"]["X-Husting-Denials"], "result");
    assert_eq!(opens(&instance, "/mcp", &token).await, 200);
    let shown = home.run(&["agent", "show", "bruno"]).await.done().stdout;
    assert!(shown.contains("as written"), "{shown}");
    let text = fs::read_to_string(&path).unwrap();
    for (changed, said) in [
        (text.replace("true", "false"), "changed since"),
        ("{ broken".to_owned(), "gone"),
        ("{}".to_owned(), "gone"),
    ] {
        fs::write(&path, changed).unwrap();
        let shown = home.run(&["agent", "show", "bruno"]).await.done().stdout;
        assert!(shown.contains(said), "{shown}");
    }
}

#[tokio::test]
async fn what_is_in_a_file_stays_and_a_file_that_cannot_be_kept_keeps_an_agent_from_being_made() {
    let home = Home::new();
    let settings = home.beside("settings.json");
    let before = "{\n  // mine\n  \"context_servers\": {\n    \"other\": { \"url\": \"http://localhost:1\" } // theirs\n  }\n}\n";
    fs::write(&settings, before).unwrap();
    let path = settings.to_str().unwrap();
    let written = home
        .run(&["agent", "mint", "bruno", "--client", "zed", "--write", path])
        .await
        .done()
        .stdout;
    let after = fs::read_to_string(&settings).unwrap();
    for kept in ["// mine", "// theirs", "\"other\"", "\"sos\""] {
        assert!(after.contains(kept), "{kept} is gone from {after}");
    }
    assert!(written.contains("1 other server in it stayed"), "{written}");
    let backup = home.beside("settings.json.before-husting");
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
    assert_eq!([mode(&settings), mode(&backup)], [0o600, 0o600]);

    for (name, broken) in [
        ("broken.json", "{\"context_servers\": {"),
        ("list.json", "[]"),
    ] {
        let file = home.beside(name);
        fs::write(&file, broken).unwrap();
        let asked = [
            "agent",
            "mint",
            "kim",
            "--client",
            "zed",
            "--write",
            file.to_str().unwrap(),
            "--json",
        ];
        let fault: Value = home.run(&asked).await.with(1).error();
        assert_eq!(fault["error"]["code"], "client_file", "{fault}");
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
    let link = home.beside("link.json");
    symlink(&settings, &link).unwrap();
    let asked = [
        "agent",
        "mint",
        "kim",
        "--client",
        "zed",
        "--write",
        link.to_str().unwrap(),
        "--json",
    ];
    let fault: Value = home.run(&asked).await.with(1).error();
    assert_eq!(fault["error"]["code"], "client_file", "{fault}");
    let agents = home.ask(&["agent", "list"]).await;
    let names: Vec<&str> = agents["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["agent_name"].as_str().unwrap())
        .collect();
    assert!(!names.contains(&"kim"), "{names:?}");
    // The token of a test's agent may stand in its file, not elsewhere; the folder goes with the test.
    fs::remove_file(&settings).unwrap();
}

#[tokio::test]
async fn a_revoked_agents_entries_are_taken_out_of_all_its_files() {
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let (json, toml) = (home.beside("wired.json"), home.beside("config.toml"));
    fs::write(&json, "{\"mcpServers\": {\"other\": {\"url\": \"x\"}}}").unwrap();
    let before = "# mine\nmodel = 'o6'\n";
    fs::write(&toml, before).unwrap();
    let (in_json, in_toml) = (json.to_str().unwrap(), toml.to_str().unwrap());
    wired(&home, &[("json", &json), ("codex", &toml)]).await;
    let revoke = ["agent", "revoke", "bruno", "--yes"];
    let receipt = home.run(&revoke).await.done().stdout;
    let shown = home.run(&["agent", "show", "bruno"]).await.done().stdout;
    assert!(
        shown.contains(in_json) && shown.contains(in_toml),
        "{shown}"
    );
    let left = receipt.lines().last().unwrap();
    assert!(left.starts_with("2 files still have its entry: `husting unwire "));
    assert!(shown.lines().any(|line| line == left), "{shown}");
    // The name is free again; its files are the one's that was revoked.
    home.run(&["agent", "mint", "bruno"]).await.done();

    let said = home.run(&["unwire", "bruno"]).await.done().stdout;
    assert!(said.starts_with("bruno (revoked "), "{said}");
    assert!(
        said.contains("1 other server in it stayed as it was."),
        "{said}"
    );
    assert!(said.contains("config.toml.before-husting"), "{said}");
    assert_eq!(read(&json)["mcpServers"], json!({"other": {"url": "x"}}));
    assert_eq!(fs::read_to_string(&toml).unwrap(), before);
    let log = home.run(&["audit", "list"]).await.done().stdout;
    for file in [in_json, in_toml] {
        let is_told = |row: &str| row.contains(" unwire ") && row.contains(file);
        assert!(log.lines().any(is_told), "{log}");
    }
    let said = home.run(&["unwire", "bruno"]).await.done().stdout;
    assert!(said.starts_with("bruno (active, "), "{said}");
    assert!(
        said.ends_with("No client's file was written for it.\n"),
        "{said}"
    );
    let said = home.run(&["unwire", "bruno", in_json, "--yes"]).await;
    let said = said.with(2).stderr;
    assert!(said.contains("was not written for bruno"), "{said}");
}

#[tokio::test]
async fn an_entry_is_taken_out_of_one_file_that_is_named_and_the_answer_has_each_file() {
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let first = home.beside("first.json");
    fs::write(&first, "{\"mcpServers\": {\"other\": {\"url\": \"x\"}}}").unwrap();
    let (second, third) = (home.beside("second.json"), home.beside("third.json"));
    let files = [("json", &*first), ("json", &second), ("json", &third)];
    wired(&home, &files).await;
    home.run(&["agent", "revoke", "bruno", "--yes"])
        .await
        .done();
    fs::remove_file(&third).unwrap();
    let answer = |name: &str, backup: Option<&str>| {
        let path = |name| home.beside(name).to_str().unwrap().to_owned();
        json!({
            "client": "json", "path": path(name), "taken_out": backup.is_some(), "anothers": false, "backup": backup.map(path),
            "other_servers": 0,
        })
    };

    // As it is called in the folder where the command is given.
    let ran = home.run(&["unwire", "bruno", "first.json"]).await;
    let said = ran.done().stdout;
    let out_of = format!("Husting's entry is no longer in {}.\n", first.display());
    assert!(said.contains(&out_of), "{said}");
    assert!(!said.contains("No client's file"), "{said}");
    let others = json!({"other": {"url": "x"}});
    assert_eq!(read(&first)["mcpServers"], others);
    assert!(read(&second)["mcpServers"]["sos"].is_object());
    let done = home.ask(&["unwire", "bruno"]).await;
    let second = answer("second.json", Some("second.json.before-husting"));
    let third = answer("third.json", None);
    assert_eq!(done["files"], json!([second, third]));
    let nothing = home.ask(&["unwire", "bruno"]).await;
    assert_eq!(nothing["files"], json!([]));
}

#[tokio::test]
async fn an_agent_that_lives_is_cut_off_only_by_whoever_says_so() {
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let folder = home.beside("project");
    fs::create_dir(&folder).unwrap();
    let into = [
        "--client",
        "claude-code",
        "--write",
        folder.to_str().unwrap(),
    ];
    let mint = [&["agent", "mint", "bruno"], &into[..]].concat();
    home.run(&mint).await.done();
    let file = folder.join(".mcp.json");
    let written = fs::read_to_string(&file).unwrap();
    let said = home.run(&["unwire", "bruno"]).await.with(2).stderr;
    assert!(
        said.contains("its client would be cut off; say --yes"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    let meant = ["unwire", "bruno", folder.to_str().unwrap(), "--yes"];
    let done = home.ask(&meant).await;
    assert_eq!(done["agent_name"], "bruno", "{done}");
    assert_eq!(done["files"][0]["taken_out"], true, "{done}");
    assert_eq!(read(&file), json!({"mcpServers": {}}));
    let page = home.ask(&["agent", "show", "bruno"]).await;
    assert_eq!(page["wired"][0]["state"], "gone", "{page}");
}

#[tokio::test]
async fn a_file_that_is_refused_hinders_none_of_the_others() {
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let (one, other) = (home.beside("one.json"), home.beside("other.json"));
    wired(&home, &[("json", &one), ("json", &other)]).await;
    home.run(&["agent", "revoke", "bruno", "--yes"])
        .await
        .done();
    // The newest comes first.
    let renamed = fs::read_to_string(&other)
        .unwrap()
        .replace("\"sos\"", "\"bus\"");
    fs::write(&other, &renamed).unwrap();
    let done = home
        .run(&["unwire", "bruno", "--json"])
        .await
        .with(5)
        .stdout;
    let done: Value = serde_json::from_str(&done).unwrap();
    let refused = &done["refused"][0];
    assert_eq!(refused["path"], other.to_str().unwrap(), "{done}");
    assert_eq!(refused["error"]["code"], "client_file", "{done}");
    assert_eq!(done["files"][0]["path"], one.to_str().unwrap(), "{done}");
    assert_eq!(read(&one), json!({"mcpServers": {}}));
    let said = home.run(&["unwire", "bruno"]).await.with(1).stderr;
    assert!(said.contains("Take it out by hand"), "{said}");
    // The token of a test's agent may stand in its file, not elsewhere; the folder goes with the test.
    fs::remove_file(&other).unwrap();
}

#[tokio::test]
async fn a_new_token_takes_the_old_ones_place_once_it_was_tried() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let first = home.ask(&["agent", "mint", "bruno"]).await;
    let old = first["raw_token"].as_str().unwrap();
    let file = home.beside("wired.json");
    let path = file.to_str().unwrap();
    let shown = home
        .run(&["wire", "bruno", "--client", "json"])
        .await
        .done()
        .stdout;
    assert!(shown.contains("Bearer <your-token>"), "{shown}");
    let unrotated = ["wire", "bruno", "--client", "json", "--write", path];
    let said = home.run(&unrotated).await.with(2).stderr;
    assert!(said.contains("--rotate"), "{said}");
    assert!(!file.exists());

    let done = home
        .ask(&[
            "wire", "bruno", "--client", "json", "--write", path, "--rotate",
        ])
        .await;
    assert_eq!(done["answered"], true, "{done}");
    assert_eq!(done["raw_token"], Value::Null, "the file has it");
    let rotated = [
        "wire",
        "bruno",
        "--client",
        "json",
        "--write",
        path,
        "--rotate",
        "--overlap",
        "2m",
    ];
    let said = home.run(&rotated).await.done().stdout;
    assert!(
        said.contains("opens nothing any more: the overlap"),
        "{said}"
    );
    let new = bearer(&read(&file), "sos");
    assert_eq!(opens(&instance, "/mcp", &new).await, 200);
    assert_eq!(opens(&instance, "/mcp", old).await, 401);

    let nowhere = home.beside("absent/wired.json");
    fs::write(home.beside("absent"), "a file").unwrap();
    let asked = [
        "wire",
        "bruno",
        "--client",
        "json",
        "--write",
        nowhere.to_str().unwrap(),
        "--rotate",
        "--json",
    ];
    let fault: Value = home.run(&asked).await.with(1).error();
    assert_eq!(fault["error"]["code"], "client_file");
    assert_eq!(
        opens(&instance, "/mcp", &new).await,
        200,
        "nothing was rotated"
    );
}

#[tokio::test]
async fn where_nothing_runs_a_file_names_the_address_that_will_be_listened_at() {
    let home = Home::new();
    let file = home.beside("wired.json");
    let path = file.to_str().unwrap();
    let done = home
        .ask(&[
            "agent",
            "mint",
            "bruno",
            "--client",
            "json",
            "--transport",
            "sse",
            "--write",
            path,
        ])
        .await;
    assert_eq!(done["wired"]["backup"], Value::Null);
    let url = read(&file)["mcpServers"]["sos"]["url"].clone();
    let token = done["raw_token"].as_str().unwrap();
    assert_eq!(url, format!("http://127.0.0.1:6070/sse/{token}"));
    let again = home
        .ask(&[
            "wire",
            "bruno",
            "--client",
            "json",
            "--write",
            path,
            "--rotate",
            "--overlap",
            "2m",
        ])
        .await;
    assert_eq!(
        again["answered"],
        Value::Null,
        "nobody is there to be asked"
    );
}

#[tokio::test]
async fn of_a_port_that_the_system_chooses_it_is_told_how_long_it_holds_and_before_it_does_nothing_is_written()
 {
    let home = Home::new();
    let file = home.beside("wired.json");
    let into = ["--client", "json", "--write", file.to_str().unwrap()];
    let mint = [&["agent", "mint", "bruno"], &into[..]].concat();
    let mut alone = home.command(husting());
    alone.env("HUSTING_LISTEN", "127.0.0.1:0").args(&mint);
    let refused = run(alone, None).await.with(4).stderr;
    assert!(refused.contains("a file would lead nowhere"), "{refused}");
    assert!(!file.exists());

    let instance = Instance::start(&home).await;
    let told = home.run(&mint).await.done().stdout;
    let passing = "The address in it holds until Husting ends";
    assert!(told.contains(passing), "{told}");
    instance.stop().await;
    let rotate = [&["wire", "bruno"], &into[..], &["--rotate"]].concat();
    let told = home.run(&rotate).await.done().stdout;
    assert!(!told.contains(passing), "the usual one: {told}");
}

#[tokio::test]
async fn a_keys_file_opens_the_deliberation_server() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let file = home.beside("wired.json");
    let asked = [
        "key",
        "create",
        "--name",
        "kim",
        "--client",
        "json",
        "--write",
        file.to_str().unwrap(),
    ];
    let made = home.ask(&asked).await;
    let key = bearer(&read(&file), "mumo");
    assert_eq!(made["raw_key"], key.as_str());
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_models", "arguments": {}}});
    let request = instance
        .client
        .post(format!("{}/api/mcp", instance.http))
        .bearer_auth(&key);
    let request = request.header("accept", "application/json, text/event-stream");
    assert_eq!(request.json(&call).send().await.unwrap().status(), 200);
    let codex = ["key", "create", "--name", "ana", "--client", "codex"];
    let shown = home.run(&codex).await.done().stdout;
    assert!(shown.contains("[mcp_servers.mumo]"), "{shown}");
    let desktop = [
        "key",
        "create",
        "--name",
        "eve",
        "--client",
        "claude-desktop",
        "--json",
    ];
    let fault: Value = home.run(&desktop).await.with(2).error();
    assert_eq!(fault["error"]["code"], "invalid_request");
    let keys = home.ask(&["key", "list"]).await;
    assert_eq!(
        keys["keys"].as_array().unwrap().len(),
        2,
        "no key for a file that cannot be"
    );
}

#[tokio::test]
async fn in_a_work_tree_it_is_warned_and_git_leaves_the_file_out_where_that_is_asked() {
    let home = Home::new();
    let tree = home.beside("tree");
    fs::create_dir(&tree).unwrap();
    let git = |words: &'static [&'static str]| {
        let mut command = home.bare_command("git");
        command.current_dir(home.beside("tree")).args(words);
        husting_tests::home::run(command, None)
    };
    git(&["init", "--quiet"]).await.done();
    let folder = tree.to_str().unwrap();
    let said = home
        .run(&[
            "agent",
            "mint",
            "bruno",
            "--client",
            "claude-code",
            "--write",
            folder,
        ])
        .await
        .done()
        .stdout;
    let way = format!(
        "`husting wire bruno --client claude-code --write {folder}/.mcp.json --rotate --git-exclude`"
    );
    assert!(said.contains("WARNING") && said.contains(&way), "{said}");
    let other = format!("{folder}/key.json");
    let key = [
        "key", "create", "--name", "laptop", "--client", "json", "--write", &other,
    ];
    let said = home.run(&key).await.done().stdout;
    assert!(
        said.contains("WARNING") && !said.contains("husting wire"),
        "{said}"
    );
    fs::remove_file(other).unwrap();
    let seen = git(&["status", "--porcelain"]).await.done().stdout;
    assert!(seen.contains(".mcp.json"), "{seen}");
    let said = home
        .run(&[
            "wire",
            "bruno",
            "--client",
            "claude-code",
            "--write",
            folder,
            "--rotate",
            "--git-exclude",
        ])
        .await
        .done()
        .stdout;
    assert!(!said.contains("WARNING"), "{said}");
    assert!(said.contains("Git leaves it out"), "{said}");
    assert_eq!(git(&["status", "--porcelain"]).await.done().stdout, "");
}

#[tokio::test]
async fn a_folder_that_is_made_for_a_file_is_told_as_it_may_be_a_slip_of_the_pen() {
    let home = Home::new();
    let folder = home.beside("porject");
    let file = folder.join("mcp.json");
    let into = ["--client", "json", "--write", file.to_str().unwrap()];
    let mint = |name| [&["agent", "mint", name], &into[..]].concat();
    let told = home.run(&mint("bruno")).await.done().stdout;
    let made = "Its folder was not there, and was made for you alone.";
    assert!(told.contains(made), "{told}");
    assert_eq!(mode(&folder), 0o700);
    fs::remove_file(&file).unwrap();
    let told = home.run(&mint("nina")).await.done().stdout;
    assert!(!told.contains(made), "it is there by now: {told}");
}

#[tokio::test]
async fn over_rest_a_tenant_reads_what_a_clients_file_says() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let made = home.ask(&["agent", "mint", "bruno"]).await;
    let tenant = home.ask(&["tenant", "token", "local"]).await;
    let agent = made["agent"]["id"].as_str().unwrap();
    let asked = async |query: &str| {
        let url = format!(
            "{}/api/tenants/local/agents/{agent}/wiring{query}",
            instance.http
        );
        let request = instance
            .client
            .get(url)
            .bearer_auth(tenant["raw_token"].as_str().unwrap());
        let answer = request.send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, view) = asked("?client=codex").await;
    assert_eq!(status, 200, "{view}");
    assert_eq!(view["format"], "toml");
    let text = view["text"].as_str().unwrap();
    assert!(
        text.contains("[mcp_servers.sos]") && text.contains("<your-token>"),
        "{text}"
    );
    assert_eq!(
        view["user_file"],
        Value::Null,
        "this machine's files are the operator's"
    );
    assert_eq!(asked("?client=netscape").await.0, 422);
    let (status, fault) = asked("?client=codex&transport=sse").await;
    assert_eq!(status, 422, "{fault}");
}

#[tokio::test]
async fn a_command_with_a_key_in_it_is_neither_shown_nor_run() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let made = home.ask(&["agent", "mint", "bruno"]).await;
    let token = made["raw_token"].as_str().unwrap();
    let digits = &token["hst_a_".len()..];
    // Put together here, so that nobody who looks for keys in this file finds one.
    let keys = [
        token.to_owned(),
        format!("sk-ant-api03-{digits}"),
        format!("gh\"\"p_{digits}"),
    ];
    for key in keys {
        let command = format!("claude -p 'Use {key}'");
        for way in ["--show", "--yes"] {
            let asked = ["run", "bruno", "--command", &command, way];
            let refused = home.run(&asked).await.with(2);
            assert!(
                refused.stderr.contains("token or key"),
                "{}",
                refused.stderr
            );
            for said in [refused.stdout, refused.stderr] {
                assert!(!said.contains(digits), "{way} printed it: {said}");
            }
        }
    }
    let runs = home.ask(&["agent", "runs", "bruno"]).await;
    assert_eq!(runs["runs"], json!([]));
    drop(instance);
}

#[tokio::test]
async fn where_codex_looks_for_its_profile_is_said_wherever_it_is_to_be_started() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let file = home.beside("cody.config.toml");
    let path = file.to_str().unwrap();
    let folder = file.parent().unwrap().display().to_string();
    let variable = format!("CODEX_HOME={folder}");
    let minted = [
        "agent", "mint", "cody", "--client", "codex", "--write", path,
    ];
    let said = home.run(&minted).await.done().stdout;
    let started = format!("{variable} as `codex -p cody`");
    assert!(said.contains(&started), "{said}");
    let shown = home
        .run(&["wire", "cody", "--client", "codex"])
        .await
        .done();
    assert!(shown.stdout.contains("CODEX_HOME="), "{}", shown.stdout);
    let planned = home.run(&["run", "cody", "--show"]).await.done().stdout;
    assert!(
        planned
            .lines()
            .any(|line| line == format!("with {variable}")),
        "{planned}"
    );
    let planned = home.run(&["run", "cody", "--tmux", "--show"]).await.stdout;
    let by_hand = planned
        .lines()
        .find(|line| line.starts_with("by hand: "))
        .unwrap();
    assert!(by_hand.contains(&variable), "{by_hand}");
    let begin = "by hand: tmux -L husting new-session -d -s cody -c /";
    assert!(by_hand.starts_with(begin), "{by_hand}");
    drop(instance);
}

#[tokio::test]
async fn the_words_and_the_end_of_another_tenants_program_are_printed_too() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let acme = Tenant::of(&instance, "acme", Tier::Growth).await;
    let bruno = acme.mint("bruno", &["mcp:send"]).await;
    let command = "sh -c 'echo one; sleep 1; echo two; exit 7'";
    let asked = ["run", bruno.id.as_str(), "--command", command, "--yes"];
    let ran = home.run(&asked).await.with(1);
    assert_eq!(
        ran.stdout, "one\ntwo\nbruno ended with code 7.\n",
        "{}",
        ran.stderr
    );
    drop(instance);
}
