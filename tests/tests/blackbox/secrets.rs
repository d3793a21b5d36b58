//! Where keys and tokens must not be, looked for after everything that is done with them: the data
//! folder, what is printed, what other users see of a process. And prompts in logs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use husting_test_support::{Behaviour, Fault, GatePoint, Script};
use husting_tests::home::{Home, Ran};
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::search::{command_lines, files, holders, holds, tokens_in};

const QUESTION: &str = "Shall the canary named Quillfeather be sold?";
const CANARY: (&str, &str) = ("the prompt", "Quillfeather");

#[tokio::test]
async fn no_key_token_or_link_is_left_anywhere_and_no_prompt_in_a_log() {
    let script = Script::debate()
        .for_model(
            "beta-2",
            Behaviour::debating().fault(Fault::Unauthorized401 { echo_key: true }),
        )
        .for_model(
            "gamma-3",
            Behaviour::debating().gate("listed", GatePoint::BeforeResponse),
        );
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let instance = Instance::start(&home).await;
    let (token, code) = (
        instance.token.clone(),
        instance
            .link
            .split_once('#')
            .expect("the code stands in the fragment")
            .1
            .to_owned(),
    );
    let code = code.rsplit('=').next().unwrap().to_owned();
    let secrets = [
        (KEYS[0].0, KEYS[0].1),
        (KEYS[1].0, KEYS[1].1),
        ("the token", &token),
        ("the link's code", &code),
    ];

    let deliberation = home.run(&["deliberate", QUESTION, "--models", MODELS, "--json"]);
    let (ran, seen) = tokio::join!(deliberation, async {
        panel.first.until_waiting("listed", 1).await;
        let seen = visible_to_others();
        panel.open("listed");
        seen
    });
    let mut said = vec![ran.with(5)];
    said.push(home.run(&["provider", "test", "second"]).await);
    said.push(home.run(&["provider", "list", "--json"]).await.done());
    said.push(home.run(&["doctor"]).await);
    said.push(home.run(&["session", "list"]).await.done());
    nothing_in(&seen, &secrets);
    for Ran {
        line,
        stdout,
        stderr,
        ..
    } in &said
    {
        nothing_in(&[(line.clone(), format!("{stdout}{stderr}"))], &secrets);
    }

    let file = home.path().join("run/instance.json");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let live = holders(&home.path(), &secrets);
    assert_eq!(
        live,
        ["the token in run/instance.json"],
        "while it runs, the token has one place"
    );
    let (_, words) = instance.stop().await;
    nothing_in(&[("what the server said".to_owned(), words)], &secrets);
    assert!(!file.exists(), "the instance's file goes with it");
    assert_eq!(holders(&home.path(), &secrets), Vec::<String>::new());
    assert_eq!(
        holders(&home.path().join("logs"), &[CANARY]),
        Vec::<String>::new()
    );
    only_ours(&home);
    the_search_finds(&home, &secrets);
}

/// What is looked for would be found: in a log, and in the database by way of the product itself.
fn the_search_finds(home: &Home, secrets: &[(&str, &str)]) {
    let log = files(&home.path().join("logs"))
        .pop()
        .expect("there is a log");
    let planted = format!("{} key={} ", fs::read_to_string(&log).unwrap(), KEYS[1].1);
    fs::write(&log, planted + QUESTION).unwrap();
    assert_eq!(holders(&home.path(), secrets).len(), 1);
    assert_eq!(holders(&home.path().join("logs"), &[CANARY]).len(), 1);
    let database = fs::read(home.path().join("husting.db")).unwrap();
    assert!(
        holds(&database, CANARY.1.as_bytes()),
        "a session's own words are in the database, as they must be"
    );
}

/// Files in the data folder are readable by their owner alone.
fn only_ours(home: &Home) {
    for file in files(&home.path()) {
        let (mode, parent) = (mode(&file), mode(file.parent().unwrap()));
        assert!(
            mode & 0o077 == 0 || parent & 0o077 == 0,
            "{} can be read by others",
            file.display()
        );
    }
    let database = mode(&home.path().join("husting.db"));
    assert_eq!(database, 0o600);
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[track_caller]
fn nothing_in(texts: &[(String, String)], secrets: &[(&str, &str)]) {
    for (place, text) in texts {
        for (name, secret) in secrets {
            assert!(!text.contains(secret), "{name} in {place}");
        }
    }
}

/// Arguments of every process of this machine, which any user may read.
fn visible_to_others() -> Vec<(String, String)> {
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .chars()
            .all(|c| c.is_ascii_digit())
    });
    let seen: Vec<_> = processes
        .filter_map(|entry| {
            let arguments = fs::read(entry.path().join("cmdline")).ok()?;
            Some((
                format!("the arguments of {}", entry.path().display()),
                String::from_utf8_lossy(&arguments).replace('\0', " "),
            ))
        })
        .collect();
    assert!(
        seen.iter().any(|(_, line)| line.contains(" deliberate ")),
        "the running command is among them"
    );
    seen
}
#[test]
fn a_whole_token_is_found_and_its_tail_is_not() {
    let token = format!("hst_a_{}", "aB3".repeat(16));
    assert_eq!(tokens_in(&format!("Bearer {token}.")), ["hst_a_"]);
    assert_eq!(tokens_in(&format!("_hst_t_{}", &token[6..])), ["hst_t_"]);
    for harmless in [
        "hst_a_…k3Qz81aB",
        "hst_a_",
        "/sse/<your-token>",
        "mmo_live_nonsense",
    ] {
        assert!(tokens_in(harmless).is_empty(), "{harmless}");
    }
}

/// The child is waited for by its first word: between the end of a start and the first line of the
/// program started, the kernel has no arguments to show of it.
#[test]
fn a_process_and_its_children_are_read() {
    let mut child = Command::new("sh")
        .args(["-c", "echo begun; read end", "seen-by-its-words"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut begun = String::new();
    let words = child.stdout.take().expect("it is piped");
    BufReader::new(words)
        .read_line(&mut begun)
        .expect("it can be read");
    assert_eq!(begun, "begun\n");

    let lines = command_lines(std::process::id());
    assert!(
        lines.iter().any(|line| line.contains("seen-by-its-words")),
        "{lines:?}"
    );
    drop(child.stdin.take());
    child.wait().expect("it is ours");
}
