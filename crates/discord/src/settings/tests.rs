//! Settings from outside: variables in, settings or faults out.

use std::ffi::OsString;

use rstest::rstest;

use super::*;

const BOT: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.a-secret-of-the-bot";
const BUS: &str = "hst_a_a-secret-of-the-bus-0123456789";
const TOKENS: [(&str, &str); 2] = [("DISCORD_BOT_TOKEN", BOT), ("MUMEGA_BUS_TOKEN", BUS)];

fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let folder = tempfile::tempdir().unwrap();
    Variables::gather(environment(pairs), None, folder.path()).unwrap()
}

fn with(variable: &'static str, value: &str) -> Result<Settings, Vec<SettingFault>> {
    Settings::read(&variables(&[&TOKENS[..], &[(variable, value)]].concat()))
}

#[test]
fn with_two_tokens_everything_else_is_as_the_page_says() {
    let settings = Settings::read(&variables(&TOKENS)).unwrap();
    assert_eq!(settings.bus_url.as_str(), "http://127.0.0.1:6070/mcp");
    assert_eq!(settings.default_agent.as_str(), "kasra");
    assert_eq!(settings.connector.as_str(), "discord-connector");
    assert_eq!(settings.poll_interval, Duration::from_secs(15));
    assert!(settings.reply_loop && !settings.dry_run);
    assert!(settings.agent_map.is_empty());
    assert_eq!(settings.api_base, "https://discord.com/api/v10");
    assert_eq!((settings.pending_store, settings.gateway_url), (None, None));
}

#[test]
fn all_faults_are_told_at_once_with_their_rules() {
    let faults = Settings::read(&variables(&[
        ("MUMEGA_BUS_TOKEN", "your-bus-token-here"),
        ("MUMEGA_BUS_URL", "ftp://bus"),
        ("POLL_INTERVAL", "0"),
        ("DRY_RUN", "maybe"),
    ]))
    .unwrap_err();
    let named: Vec<_> = faults.iter().map(|fault| fault.variable).collect();
    assert_eq!(
        named,
        [
            "DISCORD_BOT_TOKEN",
            "MUMEGA_BUS_TOKEN",
            "MUMEGA_BUS_URL",
            "POLL_INTERVAL",
            "DRY_RUN"
        ]
    );
    assert_eq!(
        faults[3].to_string(),
        "POLL_INTERVAL: \"0\" is no number of seconds above 0 and up to 86400; write for example 15 or 0.5"
    );
}

#[test]
fn a_dry_run_needs_no_tokens_and_takes_no_broken_ones() {
    let dry = variables(&[("DRY_RUN", "1")]);
    assert!(Settings::asks_for_dry_run(&dry));
    assert!(Settings::read_dry(&dry).unwrap().dry_run);
    assert_eq!(Settings::read(&dry).unwrap_err().len(), 2);
    let broken = variables(&[("DISCORD_BOT_TOKEN", "Bot abc")]);
    assert!(!Settings::asks_for_dry_run(&broken));
    assert_eq!(
        Settings::read_dry(&broken).unwrap_err()[0].variable,
        "DISCORD_BOT_TOKEN"
    );
}

#[rstest]
#[case("Bot MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.secret")]
#[case("secret\nsecret")]
#[case("sécret")]
#[case("your-bot-token-here")]
fn a_broken_token_is_told_without_itself(#[case] token: &str) {
    let faults = with("DISCORD_BOT_TOKEN", token).unwrap_err();
    let said = format!("{} {:?}", faults[0], faults);
    assert!(said.contains("DISCORD_BOT_TOKEN"));
    assert!(!said.to_lowercase().contains("cret"), "{said}");
    assert!(!said.contains(token), "{said}");
}

#[rstest]
#[case("MUMEGA_DEFAULT_AGENT")]
#[case("MUMEGA_AGENT_MAP")]
#[case("POLL_INTERVAL")]
#[case("DRY_RUN")]
#[case("MUMEGA_BUS_URL")]
#[case("DISCORD_API_BASE")]
fn a_token_in_the_wrong_place_is_not_told(#[case] variable: &'static str) {
    for value in [
        BUS.to_owned(),
        format!("{BUS:?}"),
        format!("{{\"{BUS}\": \"a\"}}"),
        format!("{{\"1\": \"{BUS}\"}}"),
    ] {
        let faults = with(variable, &value).unwrap_err();
        assert!(!format!("{faults:?}").contains("secret"), "{faults:?}");
    }
}

#[test]
fn no_debug_shows_a_token() {
    let variables = variables(&TOKENS);
    let settings = Settings::read(&variables).unwrap();
    let shown = format!("{variables:?} {settings:?}");
    assert!(!shown.contains("a-secret-of"), "{shown}");
}

#[rstest]
#[case("http://127.0.0.1:6070/mcp", true)]
#[case("https://mcp.mumega.com/sse", true)]
#[case("https://bus.example/some/mcp", true)]
#[case("https://bus.example/", false)]
#[case("https://me:secret@bus.example/mcp", false)]
#[case("https://bus.example/mcp?token=secret", false)]
#[case("ws://bus.example/mcp", false)]
#[case("bus.example/mcp", false)]
fn a_bus_is_a_plain_url(#[case] url: &str, #[case] is_taken: bool) {
    match with("MUMEGA_BUS_URL", url) {
        Ok(settings) => assert!(is_taken && settings.bus_url.as_str() == url),
        Err(faults) => assert!(!is_taken && !faults[0].to_string().contains("secret")),
    }
}

#[test]
fn the_map_of_the_page_is_read() {
    let map = r#"{"123456789012345678": "kasra", "987654321098765432": "agent:loom"}"#;
    let map = with("MUMEGA_AGENT_MAP", map).unwrap().agent_map;
    let map: Vec<_> = map
        .iter()
        .map(|(id, name)| (id.get(), name.as_str()))
        .collect();
    assert_eq!(
        map,
        [
            (123_456_789_012_345_678, "kasra"),
            (987_654_321_098_765_432, "loom")
        ]
    );
}

#[rstest]
#[case("[]", "no JSON object")]
#[case("{\"1\": \"a\"", "no JSON object")]
#[case(r#"{"1": "a"} x"#, "no JSON object")]
#[case(r#"{"1": "a", "1": "b"}"#, "channel 1 is named twice")]
#[case(r#"{"1": "a", "01": "b"}"#, "channel 1 is named twice")]
#[case(r##"{"#general": "a"}"##, "\"#general\" is no channel")]
#[case(r#"{"0": "a"}"#, "\"0\" is no channel")]
#[case(r#"{"1": "Kasra"}"#, "\"Kasra\", the agent of channel 1")]
#[case(r#"{"1": 5}"#, "no text in quotes")]
#[case(r#"{"1": "discord-connector"}"#, "does not answer itself")]
fn a_map_that_is_ambiguous_is_refused(#[case] map: &str, #[case] rule: &str) {
    let faults = with("MUMEGA_AGENT_MAP", map).unwrap_err();
    assert!(faults[0].rule.contains(rule), "{}", faults[0]);
}

#[rstest]
#[case("15", Some(15_000))]
#[case("0.25", Some(250))]
#[case("86400", Some(86_400_000))]
#[case("86401", None)]
#[case("-1", None)]
#[case("1e-30", None)]
#[case("inf", None)]
#[case("NaN", None)]
#[case("1e300", None)]
#[case("15s", None)]
fn the_poll_interval_is_a_time(#[case] text: &str, #[case] millis: Option<u128>) {
    let read = with("POLL_INTERVAL", text).ok();
    assert_eq!(
        read.map(|settings| settings.poll_interval.as_millis()),
        millis
    );
}

#[rstest]
#[case("http://127.0.0.1:9000/api/v10", true)]
#[case("http://localhost:9000/api/v10/", true)]
#[case("http://[::1]:9000/api/v10", true)]
#[case("http://127.0.0.1:9000/", false)]
#[case("https://discord.com.evil.example/api/v10", false)]
#[case("http://127.0.0.1.evil.example/api/v10", false)]
#[case("http://127.0.0.1@evil.example/api/v10", false)]
#[case("http://localhost.evil.example/api/v10", false)]
fn another_api_is_on_this_machine(#[case] url: &str, #[case] is_taken: bool) {
    let read = with("DISCORD_API_BASE", url)
        .ok()
        .map(|settings| settings.api_base);
    assert_eq!(read, is_taken.then(|| url.trim_end_matches('/').to_owned()));
}

#[rstest]
#[case("ws://127.0.0.1:9000", true)]
#[case("wss://[::1]/gateway", true)]
#[case("http://127.0.0.1:9000", false)]
#[case("wss://gateway.discord.gg.evil.example", false)]
fn another_gateway_is_on_this_machine(#[case] url: &str, #[case] is_taken: bool) {
    assert_eq!(with("DISCORD_GATEWAY_URL", url).is_ok(), is_taken);
}

#[test]
fn a_file_is_read_and_real_variables_win() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    let text = format!(
        "DISCORD_BOT_TOKEN={BOT}\nMUMEGA_BUS_TOKEN={BUS}\nMUMEGA_DEFAULT_AGENT=loom\nPOLL_INTERVAL=\n"
    );
    std::fs::write(&file, text).unwrap();
    let real = environment(&[("MUMEGA_DEFAULT_AGENT", "river")]);
    let variables = Variables::gather(real, None, folder.path()).unwrap();
    let settings = Settings::read(&variables).unwrap();
    assert_eq!(settings.default_agent.as_str(), "river");
    assert_eq!(
        variables.source("MUMEGA_DEFAULT_AGENT"),
        Some(&Source::Environment)
    );
    let line_two = Source::File {
        path: file,
        line: 2,
    };
    assert_eq!(variables.source("MUMEGA_BUS_TOKEN"), Some(&line_two));
    assert_eq!(
        variables.source("POLL_INTERVAL"),
        None,
        "what is empty is not set"
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("other.env");
    let fault = Variables::gather(environment(&[]), Some(&named), folder.path()).unwrap_err();
    assert!(fault.to_string().contains("other.env"), "{fault}");
}

#[cfg(unix)]
#[test]
fn what_is_odd_about_a_file_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bridge.env");
    std::fs::write(&file, "MUMEGA_AGENTMAP={}\nDRY_RUN=1\nDRY_RUN=0\n").unwrap();
    let warned = |mode| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let variables =
            Variables::gather(environment(&TOKENS), Some(&file), folder.path()).unwrap();
        let settings = Settings::read(&variables).unwrap();
        let warnings = Settings::warnings_of(Some(&settings), &variables);
        warnings
            .iter()
            .map(|warning| warning.subject.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(warned(0o600), ["MUMEGA_AGENTMAP", "DRY_RUN"]);
    assert_eq!(
        warned(0o640),
        [
            file.display().to_string().as_str(),
            "MUMEGA_AGENTMAP",
            "DRY_RUN"
        ]
    );
    assert_eq!(warned(0o400).len(), 2);
}

#[test]
fn a_token_of_another_form_and_an_open_bus_are_warnings() {
    let settings = with("MUMEGA_BUS_URL", "http://bus.example/mcp").unwrap();
    let subjects = |settings: &Settings| {
        let warnings = Settings::warnings_of(Some(settings), &variables(&TOKENS));
        warnings
            .into_iter()
            .map(|warning| warning.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(subjects(&settings), ["MUMEGA_BUS_URL"]);
    let settings = with(
        "DISCORD_BOT_TOKEN",
        "fake-bot-token.made.for.tests-0123456789",
    )
    .unwrap();
    assert_eq!(subjects(&settings), ["DISCORD_BOT_TOKEN"]);
    let map = r#"{"12": "kasra", "123456789012345678": "kasra"}"#;
    assert_eq!(
        subjects(&with("MUMEGA_AGENT_MAP", map).unwrap()),
        ["MUMEGA_AGENT_MAP"]
    );
    assert_eq!(
        subjects(&with("ENABLE_REPLY_LOOP", "0").unwrap()),
        ["ENABLE_REPLY_LOOP"]
    );
}
