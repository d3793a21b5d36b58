//! A new token in a file: the old one ends at once only where the new one was answered.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::{ManualClock, SystemClock};
use husting_console::{BusDoor, Surroundings};
use husting_domain::clients::Client;
use husting_domain::time::Timestamp;
use husting_wire::agents::{MintedAgent, RotateAgent};
use husting_wire::commands::{FindClients, PutWiring, ReadWiring, ReplaceToken, WireAgain};
use husting_wire::errors::ErrorCode;
use husting_wire::settings::Nothing;
use husting_wire::wiring::{
    RewireAgent, RewiredAgent, ShowWiring, WiredState, WiringOf, WiringTransport, WriteWiring,
};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::agents::{mint, minted, token};
use crate::bus::START;
use crate::desk::Desk;
use crate::unwirings::{read, revoke, states, unwired, wire, written};

#[tokio::test]
async fn a_clients_own_file_is_named_from_home() {
    let surroundings = Surroundings {
        variables: vec![("HOME".into(), "/home/ana".into())],
        usual_url: Some("http://127.0.0.1:6070".to_owned()),
        ..Surroundings::default()
    };
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = Desk::open_within(home, Arc::new(SystemClock), surroundings).await;
    let made = mint(&desk, minted("bruno")).await;
    let asked = ShowWiring {
        of: WiringOf::Agent {
            agent_id: made.agent.id,
        },
        client: Client::ClaudeCode,
        transport: WiringTransport::Http,
        path: None,
    };
    let view = desk.ask::<ReadWiring>(asked).await;
    assert_eq!(view.user_file.as_deref(), Some("~/.claude.json"));
}

#[tokio::test]
async fn the_command_lines_of_three_vendors_are_found_on_the_path_and_wired_where_they_look() {
    let user = tempfile::tempdir().unwrap();
    let programs = user.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    for name in ["claude", "codex", "gemini"] {
        let path = programs.join(name);
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let surroundings = Surroundings {
        variables: vec![
            ("HOME".into(), user.path().into()),
            ("PATH".into(), programs.clone().into()),
        ],
        usual_url: Some("http://127.0.0.1:6070".to_owned()),
        ..Surroundings::default()
    };
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = Desk::open_within(home, Arc::new(SystemClock), surroundings).await;
    let clients = desk.ask::<FindClients>(Nothing {}).await.clients;
    let found = clients.iter().filter(|each| each.program.is_some());
    let found: Vec<_> = found.map(|each| (each.client, each.runs)).collect();
    assert_eq!(
        found,
        [
            (Client::ClaudeCode, true),
            (Client::Codex, true),
            (Client::GeminiCli, false)
        ]
    );

    let gemini = user.path().join(".gemini");
    std::fs::create_dir(&gemini).unwrap();
    let before = "{\n  // mine\n  \"theme\": \"Dracula\"\n}\n";
    std::fs::write(gemini.join("settings.json"), before).unwrap();
    let made = mint(&desk, minted("bruno")).await;
    let written = WriteWiring {
        of: WiringOf::Agent {
            agent_id: made.agent.id,
        },
        client: Client::GeminiCli,
        transport: WiringTransport::Http,
        path: "~/.gemini/settings.json".to_owned(),
        secret: token(&made).to_owned(),
        git_exclude: false,
    };
    desk.ask::<PutWiring>(written).await;
    let text = std::fs::read_to_string(gemini.join("settings.json")).unwrap();
    assert!(
        text.contains("// mine") && text.contains("\"theme\": \"Dracula\""),
        "{text}"
    );
    assert!(
        text.contains("\"httpUrl\": \"http://127.0.0.1:6070/mcp\""),
        "{text}"
    );
    assert!(text.contains(&format!("Bearer {}", token(&made))), "{text}");
}

#[tokio::test]
async fn a_slip_of_the_pen_makes_no_folders_and_a_clients_own_are_made() {
    let (desk, user) = at_home().await;
    std::fs::create_dir(user.path().join("project")).unwrap();
    let made = mint(&desk, minted("bruno")).await;
    let of = WiringOf::Agent {
        agent_id: made.agent.id,
    };
    let write = |client, path: &str| WriteWiring {
        of,
        client,
        transport: WiringTransport::Http,
        path: path.to_owned(),
        secret: token(&made).to_owned(),
        git_exclude: false,
    };
    let show = |path: &str| ShowWiring {
        of,
        client: Client::Cursor,
        transport: WiringTransport::Http,
        path: Some(path.to_owned()),
    };
    let slip = "~/projct/.cursor/mcp.json";
    let looked = desk.refused::<ReadWiring>(show(slip)).await;
    let written = desk.refused::<PutWiring>(write(Client::Cursor, slip)).await;
    for refused in [&looked, &written] {
        assert_eq!(refused.code, ErrorCode::ClientFile, "{refused}");
        let missing = user.path().join("projct");
        let said = format!("{} is not there: ", missing.display());
        assert!(refused.message.starts_with(&said), "{refused}");
        assert!(!missing.exists());
    }
    // A folder that is not there, and no file of that name.
    for (slip, missing) in [
        ("~/elsewhere", "elsewhere"),
        ("~/project/.curso", "project/.curso"),
    ] {
        let looked = desk.refused::<ReadWiring>(show(slip)).await;
        let written = desk.refused::<PutWiring>(write(Client::Cursor, slip)).await;
        for refused in [&looked, &written] {
            assert_eq!(refused.code, ErrorCode::ClientFile, "{refused}");
            let missing = user.path().join(missing).display().to_string();
            let said = format!(
                "{missing} is not there: make that folder first, or name the file in it, such as {missing}/.cursor/mcp.json."
            );
            assert_eq!(refused.message, said);
            assert!(!std::path::Path::new(&missing).exists());
        }
    }
    for (client, path) in [
        (Client::Cursor, "~/project/.cursor/mcp.json"),
        // The user's own file of a client that never ran here.
        (Client::Windsurf, "~/.codeium/windsurf/mcp_config.json"),
    ] {
        let written = desk.ask::<PutWiring>(write(client, path)).await;
        assert!(std::path::Path::new(&written.path).exists(), "{path}");
    }
}

/// Answers one request with this status; its address.
async fn answering(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        answer(stream, status).await;
    });
    address
}

async fn answer(mut stream: TcpStream, status: &str) {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Where nobody listens.
async fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

fn opens(desk: &Desk, agent: &MintedAgent) -> bool {
    let holder = desk.console.agent_holder(token(agent), BusDoor::Http);
    holder.is_ok()
}

/// An agent's token is replaced in a file while its bus is at that address.
async fn rewired(clock: &ManualClock, address: String) -> (Desk, MintedAgent, RewiredAgent) {
    let (desk, bruno) = reached(clock, address).await;
    let rewired = rewire(&desk, &bruno).await;
    (desk, bruno, rewired)
}

/// An agent whose bus is at that address.
async fn reached(clock: &ManualClock, address: String) -> (Desk, MintedAgent) {
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    desk.console.set_address(address, None);
    let bruno = mint(&desk, minted("bruno")).await;
    (desk, bruno)
}

async fn rewire(desk: &Desk, bruno: &MintedAgent) -> RewiredAgent {
    let asked = RewireAgent {
        client: Client::Json,
        path: desk.home.path().join("wired.json").display().to_string(),
        ..rewiring(bruno)
    };
    let rewired = desk.ask::<WireAgain>(asked).await;
    assert!(rewired.wired.is_some(), "{rewired:?}");
    rewired
}

#[tokio::test]
async fn the_old_token_ends_at_once_where_the_new_one_was_answered() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let (desk, bruno, rewired) = rewired(&clock, answering("200 OK").await).await;
    assert_eq!(rewired.answered, Some(true));
    assert!(rewired.old_ended && !opens(&desk, &bruno));
    desk.console.close().await;
}

#[tokio::test]
async fn the_old_token_goes_on_for_the_overlap_where_the_new_one_was_not_answered() {
    for (address, answered) in [
        (silent().await, None),
        (answering("401 Unauthorized").await, Some(false)),
    ] {
        let clock = ManualClock::at(Timestamp::from_micros(START));
        let (desk, bruno, rewired) = rewired(&clock, address).await;
        assert_eq!(rewired.answered, answered);
        clock.advance(Duration::from_millis(59_999));
        assert!(opens(&desk, &bruno), "{answered:?}");
        clock.advance(Duration::from_millis(1));
        assert!(!opens(&desk, &bruno), "{answered:?}");
        desk.console.close().await;
    }
}

#[tokio::test]
async fn the_old_token_goes_on_for_the_overlap_where_a_file_could_not_be_given_the_new_one() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let (desk, bruno) = reached(&clock, answering("200 OK").await).await;
    let broken = desk.home.path().join("broken.json");
    wire(&desk, &bruno, &broken.display().to_string()).await;
    std::fs::write(&broken, read(&broken).replace('}', "")).unwrap();
    let rewired = rewire(&desk, &bruno).await;
    assert_eq!((rewired.answered, rewired.left.len()), (Some(true), 1));
    assert!(!rewired.old_ended);
    clock.advance(Duration::from_millis(59_999));
    assert!(opens(&desk, &bruno));
    clock.advance(Duration::from_millis(1));
    assert!(!opens(&desk, &bruno));
    desk.console.close().await;
}

#[tokio::test]
async fn a_token_that_was_made_during_the_trial_goes_on() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    desk.console.set_address(address, None);
    let bruno = mint(&desk, minted("bruno")).await;
    let during = async {
        let (stream, _) = listener.accept().await.unwrap();
        let asked = RotateAgent {
            agent_id: bruno.agent.id,
            overlap_seconds: 60,
        };
        let made = desk.ask::<ReplaceToken>(asked).await;
        answer(stream, "200 OK").await;
        made
    };
    let (rewired, made) = tokio::join!(rewire(&desk, &bruno), during);
    assert!(rewired.old_ended && !opens(&desk, &bruno));
    assert!(opens(&desk, &made));
    desk.console.close().await;
}

#[tokio::test]
async fn a_file_that_is_read_behind_a_link_is_written_once_and_named_by_either_path() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let link = wire(&desk, &bruno, "~/link/mcp.json").await;
    let real = link.with_file_name("real.json");
    std::fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let asked = RewireAgent {
        path: real.display().to_string(),
        ..rewiring(&bruno)
    };
    let rewired = desk.ask::<WireAgain>(asked).await;
    assert!(rewired.wired.is_some());
    assert_eq!((rewired.also, rewired.left), (vec![], vec![]));
    revoke(&desk, &bruno).await;
    let taken = unwired(&desk, &bruno, &real.display().to_string()).await;
    assert!(taken.taken_out);
    assert!(husting_wiring::tokens_in(&read(&real)).is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_of_and_keeps_the_old_token_going() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let (desk, bruno) = reached(&clock, answering("200 OK").await).await;
    let long = desk.home.path().join("long.json");
    wire(&desk, &bruno, &long.display().to_string()).await;
    let grown = read(&long) + &" ".repeat(1024 * 1024);
    std::fs::write(&long, grown).unwrap();
    assert_eq!(states(&desk, &bruno).await, [WiredState::Changed]);
    let rewired = rewire(&desk, &bruno).await;
    assert!(
        rewired.left[0].why.contains("longer than 1 MiB"),
        "{rewired:?}"
    );
    assert!(!rewired.old_ended && opens(&desk, &bruno));
    desk.console.close().await;
}

#[tokio::test]
async fn an_agents_other_files_get_the_new_token_too_and_nobody_elses() {
    let (desk, _user) = at_home().await;
    let bruno = mint(&desk, minted("bruno")).await;
    let kim = mint(&desk, minted("kim")).await;
    let one = wire(&desk, &bruno, "~/one/mcp.json").await;
    let over_sse = WriteWiring {
        transport: WiringTransport::Sse,
        ..written(&bruno, "~/two/mcp.json")
    };
    let two = PathBuf::from(desk.ask::<PutWiring>(over_sse).await.path);
    let route = if read(&two).contains("/sse/") {
        "/sse/"
    } else {
        "/sse"
    };
    let kims = wire(&desk, &bruno, "~/kims/mcp.json").await;
    let out = wire(&desk, &bruno, "~/out/mcp.json").await;
    let with_own = read(&two).replacen('{', "{ \"mine\": 1,", 1);
    std::fs::write(&two, with_own).unwrap();
    let of_kim = read(&kims).replace(token(&bruno), token(&kim));
    std::fs::write(&kims, &of_kim).unwrap();
    std::fs::write(&out, "{}").unwrap();
    let renamed = wire(&desk, &bruno, "~/renamed/mcp.json").await;
    let named = read(&renamed).replace("\"sos\"", "\"bus\"");
    std::fs::write(&renamed, &named).unwrap();
    let broken = wire(&desk, &bruno, "~/broken/mcp.json").await;
    let half = read(&broken).replace('}', "");
    std::fs::write(&broken, &half).unwrap();

    let asked = RewireAgent {
        path: one.display().to_string(),
        ..rewiring(&bruno)
    };
    let rewired = desk.ask::<WireAgain>(asked).await;
    assert_eq!(
        rewired.wired.map(|file| file.path),
        Some(one.display().to_string())
    );
    let also: Vec<PathBuf> = rewired
        .also
        .into_iter()
        .map(|file| file.path.into())
        .collect();
    assert_eq!(also, std::slice::from_ref(&two));
    let left: Vec<_> = rewired
        .left
        .iter()
        .map(|file| PathBuf::from(&file.path))
        .collect();
    assert_eq!(
        left,
        [broken.clone(), renamed.clone()],
        "{:?}",
        rewired.left
    );
    assert!(
        rewired.left[1].why.contains("under another name"),
        "{:?}",
        rewired.left
    );
    assert_eq!((read(&broken), read(&renamed)), (half, named));
    let new = husting_wiring::tokens_in(&read(&one));
    let [new] = new.as_slice() else {
        panic!("{}", read(&one))
    };
    for file in [&one, &two] {
        assert!(read(file).contains(new.expose_secret()), "{file:?}");
        assert!(!read(file).contains(token(&bruno)), "{file:?}");
    }
    assert!(read(&two).contains("\"mine\": 1") && read(&two).contains(route));
    assert_eq!((read(&kims), read(&out)), (of_kim, "{}".to_owned()));
    let mut states = states(&desk, &bruno).await;
    states.sort_by_key(|state| format!("{state:?}"));
    let (current, gone) = (WiredState::Current, WiredState::Gone);
    let old = WiredState::OldToken;
    assert_eq!(
        states,
        [WiredState::Anothers, current, current, gone, old, old]
    );
    desk.console.close().await;
}

fn rewiring(agent: &MintedAgent) -> RewireAgent {
    RewireAgent {
        agent_id: agent.agent.id,
        client: Client::Cursor,
        transport: WiringTransport::Http,
        path: String::new(),
        git_exclude: false,
        overlap_seconds: None,
    }
}

/// A desk of somebody with a home, whose clients reach the bus at the usual address.
pub async fn at_home() -> (Desk, tempfile::TempDir) {
    let user = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        variables: vec![("HOME".into(), user.path().into())],
        usual_url: Some("http://127.0.0.1:6070".to_owned()),
        ..Surroundings::default()
    };
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = Desk::open_within(home, Arc::new(SystemClock), surroundings).await;
    (desk, user)
}
