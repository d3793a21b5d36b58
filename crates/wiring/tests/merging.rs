//! Strangers' files: what they say besides our entry stays as it was written.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use husting_wiring::merge::{MergeError, entry_in, merge, names, remove};
use husting_wiring::{Format, Table};
use proptest::prelude::*;
use rstest::rstest;
use serde::Serialize as _;
use serde_json::{Value, json};

fn table(value: Value) -> Table {
    match value {
        Value::Object(map) => map.into(),
        _ => panic!("an entry is a table"),
    }
}

fn entry() -> Table {
    table(json!({"url": "http://[::1]/mcp", "headers": {"Authorization": "Bearer new"}}))
}

fn root(format: Format) -> &'static str {
    match format {
        Format::Toml | Format::Yaml => "mcp_servers",
        _ => "mcpServers",
    }
}

fn put(format: Format, text: &str) -> Result<String, MergeError> {
    merge(text, format, root(format), "sos", &entry())
}

const JSON_BEFORE: &str = r#"{
	// what I use at home
	"theme": "dark",   /* never light */
	"mcpServers": {
		// mine
		"notes": { "command": "notes", "args": ["--all"] },
		"sos": { "url": "http://old" }, // ours
		"last": {"url":"https://last"},
	},
	"z": 1,
}
"#;

const JSON_AFTER: &str = r#"{
	// what I use at home
	"theme": "dark",   /* never light */
	"mcpServers": {
		// mine
		"notes": { "command": "notes", "args": ["--all"] },
		"sos": {
			"url": "http://[::1]/mcp",
			"headers": {
				"Authorization": "Bearer new"
			}
		}, // ours
		"last": {"url":"https://last"},
	},
	"z": 1,
}
"#;

const TOML_BEFORE: &str = r#"# my settings
model = "o5"   # the slow one

[mcp_servers]
# mine
[mcp_servers.notes]
command = "notes"
args = [ "--all",
         "--fast" ] # odd, but mine

# ours
[mcp_servers.sos]
url = "http://old"
[mcp_servers.sos.http_headers]
Authorization = "Bearer old"

[profiles.work]
model = 'o6'
"#;

const TOML_AFTER: &str = r#"# my settings
model = "o5"   # the slow one

[mcp_servers]
# mine
[mcp_servers.notes]
command = "notes"
args = [ "--all",
         "--fast" ] # odd, but mine

# ours
[mcp_servers.sos]
url = "http://[::1]/mcp"
headers = { Authorization = "Bearer new" }

[profiles.work]
model = 'o6'
"#;

const YAML_BEFORE: &str = r#"# my settings
model: big   # the slow one
channels:
    123456: "general"   # by number
    'quoted': {a: 1, b: [x, y]}
mcp_servers:
    # mine
    notes:
        command: notes   # found on PATH
        args:
        - --all
    sos:
        url: http://old
        # an old header
        headers:
            Authorization: Bearer old
    # the last one
    last: {url: "https://last"}

folded: >
    two
    lines
tail: ~ # nothing
"#;

const YAML_AFTER: &str = r#"# my settings
model: big   # the slow one
channels:
    123456: "general"   # by number
    'quoted': {a: 1, b: [x, y]}
mcp_servers:
    # mine
    notes:
        command: notes   # found on PATH
        args:
        - --all
    sos:
        url: "http://[::1]/mcp"
        headers:
            Authorization: "Bearer new"
    # the last one
    last: {url: "https://last"}

folded: >
    two
    lines
tail: ~ # nothing
"#;

#[rstest]
#[case(Format::Jsonc, JSON_BEFORE, JSON_AFTER)]
#[case(Format::Toml, TOML_BEFORE, TOML_AFTER)]
#[case(Format::Yaml, YAML_BEFORE, YAML_AFTER)]
fn our_entry_is_replaced_where_it_stands_and_nothing_else_moves(
    #[case] format: Format,
    #[case] before: &str,
    #[case] after: &str,
) {
    assert_eq!(put(format, before).unwrap(), after);
    assert_eq!(put(format, after).unwrap(), after, "twice is once");
}

#[rstest]
#[case(Format::Jsonc, JSON_BEFORE)]
#[case(Format::Toml, TOML_BEFORE)]
#[case(Format::Yaml, YAML_BEFORE)]
fn a_file_of_windows_stays_one(#[case] format: Format, #[case] before: &str) {
    let before = before.replace('\n', "\r\n");
    let after = put(format, &before).unwrap();
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert_eq!(
        after.replace("\r\n", "\n"),
        put(format, &before.replace("\r\n", "\n")).unwrap()
    );
}

#[rstest]
#[case(Format::Json, "{}")]
#[case(Format::Jsonc, "{}\n")]
#[case(Format::Toml, "a = 1\n")]
#[case(Format::Yaml, "a: 1\n")]
fn a_byte_order_mark_stays_in_front(#[case] format: Format, #[case] text: &str) {
    let marked = format!("\u{feff}{text}");
    let after = put(format, &marked).unwrap();
    assert_eq!(after, format!("\u{feff}{}", put(format, text).unwrap()));
    assert!(has_ours(&after, format));
}

#[rstest]
#[case(Format::Json, "")]
#[case(Format::Json, " \n")]
#[case(Format::Json, "{}")]
#[case(Format::Json, r#"{"mcpServers":null}"#)]
#[case(Format::Json, r#"{"mcpServers":{}}"#)]
#[case(Format::Jsonc, "// nothing yet\n")]
#[case(Format::Toml, "")]
#[case(Format::Toml, "# nothing yet\n")]
#[case(Format::Toml, "[mcp_servers]\n")]
#[case(Format::Toml, "mcp_servers = {}\n")]
#[case(Format::Toml, "mcp_servers.other.url = 'x'\n")]
#[case(Format::Toml, "[mcp_servers]\nother.url = 'x'\n")]
#[case(
    Format::Toml,
    "[mcp_servers.other.http_headers]\na = 'x'\n[[list]]\nb = 1\n"
)]
#[case(Format::Toml, "[mcp_servers]\nsos = { url = 'old' }\n")]
#[case(Format::Toml, "[mcp_servers]\nsos.url = 'old'\n")]
#[case(Format::Yaml, "")]
#[case(Format::Yaml, "# nothing yet\n")]
#[case(Format::Yaml, "# nothing yet")]
#[case(Format::Yaml, "{}\n")]
#[case(Format::Yaml, "mcp_servers:\n")]
#[case(Format::Yaml, "mcp_servers: # later\na: 1\n")]
#[case(Format::Yaml, "mcp_servers: {}\n")]
#[case(Format::Yaml, "mcp_servers: ~\na: 1\n")]
#[case(Format::Yaml, "---\na: 1\n...\n")]
#[case(Format::Yaml, "a: &x {b: 1}\nc: *x\n")]
#[case(Format::Yaml, "mcp_servers: {other: {url: x}}\n")]
#[case(Format::Yaml, "mcp_servers:\n  other:\n    url: x")]
#[case(Format::Yaml, "a: |\n  text\n\n")]
#[case(Format::Yaml, "a: !secret key\n")]
#[case(
    Format::Yaml,
    "base: &base\n   url: x\nmcp_servers:\n   other:\n      <<: *base\n"
)]
#[case(Format::Yaml, "? a\n: 1\n")]
#[case(Format::Yaml, "mcp_servers:\n  # only this\na: 1\n")]
#[case(Format::Yaml, "on: yes\nn: 0o17\nt: 2001-01-01\nf: .nan\n")]
#[case(Format::Toml, "t = 2001-01-01\nf = nan\n")]
fn a_file_without_our_entry_has_it_afterwards(#[case] format: Format, #[case] text: &str) {
    let root = root(format);
    let earlier = names(text, format, root).unwrap();
    let after = put(format, text).unwrap();
    let mut expected: Vec<&str> = earlier.iter().map(String::as_str).collect();
    if !expected.contains(&"sos") {
        expected.push("sos");
    }
    assert_eq!(names(&after, format, root).unwrap(), expected);
    assert_eq!(put(format, &after).unwrap(), after, "twice is once");
    for line in text
        .lines()
        .filter(|line| line.contains('#') || line.contains("//"))
    {
        assert!(
            after.contains(line.trim_end()),
            "{line:?} is lost in {after:?}"
        );
    }
    let newline_was_there = text.trim().is_empty() || text.ends_with('\n');
    assert_eq!(after.ends_with('\n'), newline_was_there, "{after:?}");
}

#[rstest]
#[case(Format::Json, "{\n  \"a\": 1,\n  x\n}", 3, 3)]
#[case(Format::Json, "{ // no comments here\n}", 1, 3)]
#[case(Format::Json, "{\"a\": 1,}", 1, 8)]
#[case(
    Format::Json,
    "{\n  \"mcpServers\": {\n    \"a\": {\"url\": \"x\"}\n  }\n",
    4,
    4
)]
#[case(Format::Json, "{\"a\": {\n  \"b\": [1,\n", 2, 11)]
#[case(Format::Jsonc, "{\n  // the last brace is gone\n  \"a\": {}", 3, 10)]
#[case(Format::Json, "{\"a\": [1, 2}", 1, 12)]
#[case(Format::Toml, "a = 1\nb = \n", 2, 5)]
#[case(Format::Toml, "a = 1\nb = { c = 1\n", 2, 12)]
#[case(Format::Toml, "a = 1\nb = [\n  1,\n", 3, 5)]
#[case(Format::Toml, "[mcp_servers.other\n", 1, 19)]
#[case(Format::Yaml, "a: 1\nb: [1, 2\n", 2, 4)]
fn a_broken_file_is_refused_with_the_place(
    #[case] format: Format,
    #[case] text: &str,
    #[case] line: usize,
    #[case] column: usize,
) {
    let expected = MergeError::Broken {
        format,
        line,
        column,
    };
    assert_eq!(put(format, text), Err(expected));
}

#[rstest]
#[case(Format::Json, "{\"mcpServers\": {},\n \"mcpServers\": {}}", 2, 2)]
#[case(
    Format::Jsonc,
    "{\"mcpServers\": {\"sos\": 1,\n\"s\\u006fs\": 2}}",
    2,
    1
)]
#[case(Format::Toml, "[mcp_servers.sos]\n[mcp_servers.sos]\n", 2, 14)]
#[case(Format::Yaml, "mcp_servers:\n  sos: 1\n  sos: 2\n", 3, 3)]
fn a_key_that_stands_twice_is_refused(
    #[case] format: Format,
    #[case] text: &str,
    #[case] line: usize,
    #[case] column: usize,
) {
    assert_eq!(put(format, text), Err(MergeError::Twice { line, column }));
}

#[rstest]
#[case(Format::Json, "[]")]
#[case(Format::Json, r#"{"mcpServers": []}"#)]
#[case(Format::Json, r#"{"mcpServers": "none"}"#)]
#[case(Format::Toml, "mcp_servers = 1\n")]
#[case(Format::Toml, "[[mcp_servers]]\nname = 'x'\n")]
#[case(Format::Yaml, "- a\n")]
#[case(Format::Yaml, "just words\n")]
#[case(Format::Yaml, "mcp_servers: [a]\n")]
fn what_is_no_table_is_refused(#[case] format: Format, #[case] text: &str) {
    assert!(matches!(put(format, text), Err(MergeError::NoTable(_))));
}

#[rstest]
#[case(Format::Json, "{\"k\": \"hunter2\" hunter2")]
#[case(Format::Json, "{\"mcpServers\": \"hunter2\"}")]
#[case(Format::Json, "{\"a\": \"\\hunter2\"}")]
#[case(Format::Toml, "hunter2 = 1\nhunter2 = 2\n")]
#[case(Format::Toml, "[hunter2\n")]
#[case(Format::Yaml, "hunter2: 1\nhunter2: 2\n")]
#[case(Format::Yaml, "a: [hunter2\nb: }\n")]
#[case(Format::Yaml, "a: *hunter2\n")]
#[case(Format::Yaml, "--- hunter2\n--- hunter2\n")]
fn no_refusal_repeats_a_piece_of_the_file(#[case] format: Format, #[case] text: &str) {
    let error = put(format, text).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[rstest]
#[case("a: 1\n---\nb: 2\n")]
#[case("%YAML 1.2\n---\na: 1\n")]
#[case("base: &servers {a: {url: x}}\nmcp_servers: *servers\n")]
fn what_cannot_be_changed_alone_is_refused(#[case] yaml: &str) {
    assert_eq!(put(Format::Yaml, yaml), Err(MergeError::Unsure));
}

#[test]
fn a_client_without_a_file_has_nothing_to_merge_into() {
    assert_eq!(put(Format::Command, ""), Err(MergeError::NoFile));
}

fn has_ours(text: &str, format: Format) -> bool {
    entry_in(text, format, root(format), "sos")
        .unwrap()
        .is_some()
}

fn take(format: Format, text: &str) -> Result<String, MergeError> {
    remove(text, format, root(format), "sos")
}

/// `text` without what stands from `from` up to `to`.
fn cut(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap();
    [&text[..start], &text[end..]].concat()
}

#[rstest]
#[case(Format::Jsonc, JSON_BEFORE, "\t\t\"sos\"", "\t\t\"last\"")]
#[case(Format::Jsonc, JSON_AFTER, "\t\t\"sos\"", "\t\t\"last\"")]
#[case(Format::Toml, TOML_BEFORE, "# ours", "[profiles")]
#[case(Format::Toml, TOML_AFTER, "# ours", "[profiles")]
#[case(Format::Yaml, YAML_BEFORE, "    sos:", "    # the last one")]
#[case(Format::Yaml, YAML_AFTER, "    sos:", "    # the last one")]
fn our_entry_is_taken_out_with_what_is_said_of_it_and_nothing_else_moves(
    #[case] format: Format,
    #[case] before: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    let after = cut(before, from, to);
    assert_eq!(take(format, before).unwrap(), after);
    let windows = before.replace('\n', "\r\n");
    assert_eq!(take(format, &windows).unwrap(), after.replace('\n', "\r\n"));
}

#[rstest]
#[case(
    Format::Json,
    r#"{"mcpServers":{"sos":{"url":"x"}}}"#,
    r#"{"mcpServers":{}}"#
)]
#[case(
    Format::Json,
    "{\n  \"mcpServers\": {\n    \"a\": {},\n    \"sos\": {}\n  }\n}",
    "{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}"
)]
#[case(
    Format::Json,
    "{\n  \"mcpServers\": {\n    \"sos\": {},\n    \"a\": {}\n  }\n}\n",
    "{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}\n"
)]
#[case(
    Format::Json,
    "\u{feff}{\"mcpServers\":{\"sos\":1}}\n",
    "\u{feff}{\"mcpServers\":{}}\n"
)]
#[case(Format::Toml, "[mcp_servers.sos]\nurl = 'x'\n", "")]
#[case(Format::Toml, "# mine\n\n[mcp_servers.sos]\nurl = 'x'\n", "# mine\n")]
#[case(
    Format::Toml,
    "[a]\nb = 1\n\n# all my servers\n\n# ours\n[mcp_servers.sos]\nurl = 'x'\n[mcp_servers.sos.http_headers]\nc = 'd'\n[mcp_servers.z]\nurl = 'z'\n",
    "[a]\nb = 1\n\n# all my servers\n\n[mcp_servers.z]\nurl = 'z'\n"
)]
#[case(
    Format::Toml,
    "[mcp_servers.a]\nurl = 'a'\n\n# all my servers\n\n# that I use\n\n# ours\n[mcp_servers.sos]\nurl = 'x'\n\n# the next\n[mcp_servers.y]\nurl = 'y'\n\n[z]\nb = 1\n",
    "[mcp_servers.a]\nurl = 'a'\n\n# all my servers\n\n# that I use\n\n# the next\n[mcp_servers.y]\nurl = 'y'\n\n[z]\nb = 1\n"
)]
#[case(
    Format::Toml,
    "a = 1\n\n\n[mcp_servers.sos]\nurl = 'x'\n\n[z]\nb = 1\n",
    "a = 1\n\n\n[z]\nb = 1\n"
)]
#[case(
    Format::Toml,
    "[mcp_servers.sos]\nurl = 'x'\n\n# the end\n",
    "# the end\n"
)]
#[case(
    Format::Toml,
    "[mcp_servers]\nsos = { url = 'x' }\na.url = 'y'\n",
    "[mcp_servers]\na.url = 'y'\n"
)]
// A line that looks empty is.
#[case(
    Format::Toml,
    "a = 1\n# mine\n \t\n# ours\n[mcp_servers.sos]\nurl = 'x'\n  \n[z]\nb = 1\n",
    "a = 1\n# mine\n \t\n[z]\nb = 1\n"
)]
// Two kinds of line ends.
#[case(
    Format::Toml,
    "a = 1\r\n# mine\r\n\r\n# ours\n[mcp_servers.sos]\r\nurl = 'x'\n\r\n# of z\n[z]\r\nb = 1\r\n",
    "a = 1\r\n# mine\r\n\r\n# of z\n[z]\r\nb = 1\r\n"
)]
// Above a key in the table of all servers.
#[case(
    Format::Toml,
    "[mcp_servers]\n# all of them\n\n# ours\nsos = { url = 'x' }\n# of a\na.url = 'y'\n",
    "[mcp_servers]\n# all of them\n\n# of a\na.url = 'y'\n"
)]
#[case(
    Format::Toml,
    "[mcp_servers]\n# all of them\n\n# ours\nsos.url = 'x' # at home\n# ours too\nsos.http_headers.c = 'd'\n",
    "[mcp_servers]\n# all of them\n"
)]
#[case(
    Format::Toml,
    "# mine\n\nmcp_servers.sos.url = 'x'\n# of a\nmcp_servers.a.url = 'y'\n",
    "# mine\n\n# of a\nmcp_servers.a.url = 'y'\n"
)]
// What looks like a comment and is the end of a text.
#[case(
    Format::Toml,
    "a = \"\"\"\n# b\"\"\"\n[mcp_servers.sos]\nurl = 'x'\n",
    "a = \"\"\"\n# b\"\"\"\n"
)]
// In two places, with somebody else's between them.
#[case(
    Format::Toml,
    "[mcp_servers.sos]\n\n# its address\nurl = 'x'\n[z]\n[[mcp_servers.sos.more]]\nc = [\n  1,\n]\n# the end\n",
    "[z]\n# the end\n"
)]
#[case(
    Format::Toml,
    "mcp_servers = { a = {}, sos = { url = 'x' } }\n",
    "mcp_servers = { a = {}}\n"
)]
#[case(
    Format::Yaml,
    "mcp_servers: {a: {url: x}, sos: {url: y}}\n",
    "mcp_servers: {a: {url: x}}\n"
)]
#[case(
    Format::Yaml,
    "a: 1\n\nmcp_servers:\n  sos:\n    url: x\n  z:\n    url: y\n",
    "a: 1\n\nmcp_servers:\n  z:\n    url: y\n"
)]
fn taken_out_it_leaves_no_trace(#[case] format: Format, #[case] text: &str, #[case] after: &str) {
    assert_eq!(take(format, text).unwrap(), after);
}

#[rstest]
#[case(Format::Json, "{\"a\": 1,}")]
#[case(Format::Json, "{\"mcpServers\": {\"sos\": 1, \"sos\": 2}}")]
#[case(Format::Json, "{\"mcpServers\": [\"sos\"]}")]
#[case(Format::Toml, "[mcp_servers.sos]\nurl = \n")]
#[case(Format::Yaml, "mcp_servers:\n  sos: 1\n  sos: 2\n")]
#[case(Format::Yaml, "mcp_servers: {sos: 1}\n---\nb: 2\n")]
#[case(
    Format::Yaml,
    "base: &servers {sos: {url: x}}\nmcp_servers: *servers\n"
)]
#[case(Format::Command, "")]
fn what_cannot_be_read_or_changed_alone_keeps_our_entry(
    #[case] format: Format,
    #[case] text: &str,
) {
    take(format, text).unwrap_err();
}

/// Any table of settings, of values that all three formats have.
fn settings() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~äß☃]{0,12}".prop_map(Value::from),
    ];
    let any = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    let servers = prop::collection::hash_map("(sos|[a-z]{1,6})", any.clone(), 0..4);
    (
        prop::collection::hash_map("[a-z]{1,6}", any, 0..4),
        prop::option::of(servers),
    )
        .prop_map(|(mut rest, servers)| {
            if let Some(servers) = servers {
                rest.insert("servers".into(), json!(servers));
            } else {
                rest.remove("servers");
            }
            json!(rest)
        })
}

fn with_tabs(value: &Value) -> String {
    let mut bytes = Vec::new();
    let tabs = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, tabs);
    value.serialize(&mut writer).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Pieces of which a file of any format, or of none, can be made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "mcp_servers",
        "mcpServers",
        "sos",
        "a",
        "b",
        ":",
        ": ",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\t",
        "{",
        "}",
        "[",
        "]",
        "[[",
        "]]",
        ",",
        "\"",
        "'",
        "# c\n",
        "//c\n",
        "/*c*/",
        "=",
        ".",
        "-",
        "- ",
        "? ",
        "&x ",
        "*x",
        "!t ",
        "|\n",
        ">\n",
        "---\n",
        "...\n",
        "1",
        "true",
        "null",
        "~",
        "\\",
        "ß",
        "\u{feff}",
        "\u{2028}",
        "<<: *x",
        "%YAML 1.2\n",
        "mcp_servers:\n  a:\n",
        "[mcp_servers.a]\n",
        "\"mcpServers\": {",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_merged_into_for_good_or_refused(text in pieces()) {
        for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
            let Ok(once) = put(format, &text) else {
                continue;
            };
            let twice = put(format, &once);
            // Where two kinds of line ends are mixed, ours may take on either.
            let is_mixed = text.replace("\r\n", "").contains('\n') && text.contains('\r');
            if is_mixed {
                prop_assert!(twice.is_ok(), "{} from {:?}", format, text);
            } else {
                prop_assert_eq!(twice, Ok(once), "{} from {:?}", format, text);
            }
        }
    }

    #[test]
    fn merging_twice_is_once_and_others_are_untouched(settings in settings(), indent in 0..3_usize) {
        let text = match indent {
            0 => settings.to_string(),
            1 => with_tabs(&settings),
            _ => serde_json::to_string_pretty(&settings).unwrap(),
        };
        // JSON is YAML too, in its flow style.
        for format in [Format::Json, Format::Jsonc, Format::Yaml] {
            let once = match merge(&text, format, "servers", "sos", &entry()) {
                Ok(once) => once,
                // A tab indents no YAML.
                Err(_) if format == Format::Yaml && text.contains('\t') => continue,
                Err(error) => return Err(TestCaseError::fail(format!("{format}: {error}: {text}"))),
            };
            let twice = merge(&once, format, "servers", "sos", &entry()).unwrap();
            prop_assert_eq!(&once, &twice);
            if format != Format::Yaml {
                let mut expected = settings.clone();
                expected["servers"]["sos"] = Value::from(entry().expose().clone());
                prop_assert_eq!(serde_json::from_str::<Value>(&once).unwrap(), expected);
            }
        }
    }

    #[test]
    fn lines_of_strangers_stay_in_yaml_and_toml(
        mut names in prop::collection::hash_set("[a-z]{2,6}", 1..5),
        ours in prop::option::of(0..5_usize),
        comments in prop::collection::vec("[ -~]{0,10}", 5),
        step in 1..5_usize,
    ) {
        names.remove("sos");
        let pad = " ".repeat(step);
        let (mut yaml, mut toml) = (String::from("mcp_servers:\n"), String::from("a = 1\n"));
        let mut strangers = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let comment = &comments[index];
            if ours == Some(index) {
                yaml.push_str(&format!("{pad}sos:\n{pad}{pad}url: old\n"));
                toml.push_str("[mcp_servers.sos]\nurl = 'old'\n");
            }
            let in_yaml = format!("{pad}# {comment}\n{pad}{name}:\n{pad}{pad}url: x # {comment}\n");
            let in_toml = format!("# {comment}\n[mcp_servers.{name}]\nurl = 'x' # {comment}\n");
            yaml.push_str(&in_yaml);
            toml.push_str(&in_toml);
            strangers.push((in_yaml, in_toml));
        }
        let yaml = put(Format::Yaml, &yaml).unwrap();
        let toml = put(Format::Toml, &toml).unwrap();
        for (in_yaml, in_toml) in strangers {
            prop_assert!(yaml.contains(&in_yaml), "{in_yaml:?} is lost in {yaml}");
            prop_assert!(toml.contains(&in_toml), "{in_toml:?} is lost in {toml}");
        }
        prop_assert_eq!(put(Format::Yaml, &yaml).unwrap(), yaml.clone());
        prop_assert_eq!(put(Format::Toml, &toml).unwrap(), toml.clone());

        let (yaml, toml) = (take(Format::Yaml, &yaml).unwrap(), take(Format::Toml, &toml).unwrap());
        for (format, text) in [(Format::Yaml, &yaml), (Format::Toml, &toml)] {
            prop_assert!(!has_ours(text, format), "{text}");
        }
        for name in &names {
            let (in_yaml, in_toml) = (format!("\n{pad}{name}:\n"), format!("\n[mcp_servers.{name}]\nurl = 'x' # "));
            prop_assert!(yaml.contains(&in_yaml), "{in_yaml:?} is lost in {yaml}");
            prop_assert!(toml.contains(&in_toml), "{in_toml:?} is lost in {toml}");
        }
    }

    #[test]
    fn what_was_put_in_can_be_taken_out_again_or_is_refused(text in pieces()) {
        for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
            let Ok(with) = put(format, &text) else {
                continue;
            };
            if let Ok(without) = take(format, &with) {
                prop_assert!(!has_ours(&without, format), "{format} from {text:?}");
            }
        }
    }
}
