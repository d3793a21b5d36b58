//! The files of `tests/seed` say for each promise of the pages that Husting keeps to which test shows
//! it, or which part of the specification waives it. Here every row is held to that: the test
//! exists, is not ignored, and belongs to a suite that `./dev test` runs and fails with.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use config::{Config, File, FileFormat};
use serde::Deserialize;

/// The pages, and how many promises each has at the least.
const PAGES: [(&str, usize); 3] = [
    ("deliberation.toml", 150),
    ("agents.toml", 35),
    ("discord.toml", 30),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    promise: Vec<Promise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    id: String,
    /// The heading it stands under.
    section: String,
    /// What is promised, in our own words.
    fact: String,
    /// `place::test`, see [`place`].
    #[serde(default)]
    shown_by: Vec<String>,
    /// Part of the specification, colon, reason.
    #[serde(default)]
    waived: String,
}

/// Where tests are.
struct Place {
    folder: PathBuf,
    /// What their files' names end on.
    ends_on: &'static str,
    /// Which suite of `./dev test` runs them.
    suite: &'static str,
}

#[test]
fn every_promise_is_shown_by_a_test_or_waived() {
    for (page, least) in PAGES {
        let text = fs::read_to_string(root().join("tests/seed").join(page)).unwrap();
        let seed: Seed = Config::builder()
            .add_source(File::from_str(&text, FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize)
            .unwrap();
        let count = seed.promise.len();
        assert!(count > least, "the whole page is in {page}: {count}");
        let faults = faults(&seed.promise);
        assert!(faults.is_empty(), "{page}:\n{}", faults.join("\n"));
    }
}

#[test]
fn a_row_that_shows_nothing_is_found() {
    let good = "wallet::the_example_of_the_specification";
    let wrong = [
        row("neither", &[], ""),
        row("both", &[good], "5: settled"),
        row("no-test", &["wallet::a_test_that_nobody_wrote"], ""),
        row("no-test-but-a-function", &["wallet::spend"], ""),
        row("no-place", &["the_example_of_the_specification"], ""),
        row("no-crate", &["purse::the_example_of_the_specification"], ""),
        row("no-part", &[], "because"),
        row("twice", &[good], ""),
        row("twice", &[good], ""),
    ];
    let found = faults(&wrong);
    assert_eq!(found.len(), wrong.len() - 1, "{}", found.join("\n"));
    let right = [
        row("shown", &[good], ""),
        row("waived", &[], "4.2: settled"),
    ];
    assert_eq!(faults(&right), Vec::<String>::new());
}

#[test]
fn a_test_that_does_not_run_shows_nothing() {
    let rust = |attributes: &str| format!("{attributes}\nasync fn a_name() {{}}\n");
    assert!(runs(&rust("#[test]"), ".rs", "a_name"));
    assert!(runs(
        &rust("#[rstest]\n#[case::one(1)]\n#[tokio::test]"),
        ".rs",
        "a_name"
    ));
    assert!(!runs(&rust("#[test]\n#[ignore]"), ".rs", "a_name"));
    assert!(!runs(&rust("/// No test."), ".rs", "a_name"));
    let python = "@pytest.mark.skip\ndef test_a():\n    pass\n\n\nasync def test_b(x):\n    pass\n";
    assert!(!runs(python, ".py", "test_a"));
    assert!(runs(python, ".py", "test_b"));
    let typescript = "test(\"one\", f);\ntest.skip(\"two\", f);\n";
    assert!(runs(typescript, ".spec.ts", "one"));
    assert!(!runs(typescript, ".spec.ts", "two"));
}

/// What is wrong with these rows, a sentence each.
fn faults(promises: &[Promise]) -> Vec<String> {
    let mut ids = BTreeSet::new();
    promises
        .iter()
        .filter_map(|promise| {
            let twice = !ids.insert(&promise.id);
            let fault = fault(promise).or_else(|| twice.then(|| "is there twice".to_owned()))?;
            Some(format!("{} {fault}", promise.id))
        })
        .collect()
}

fn fault(promise: &Promise) -> Option<String> {
    if promise.section.is_empty() || promise.fact.is_empty() {
        return Some("says neither where nor what".to_owned());
    }
    match (promise.shown_by.is_empty(), promise.waived.is_empty()) {
        (true, true) => Some("is neither shown nor waived".to_owned()),
        (false, false) => Some("is shown and waived at once".to_owned()),
        (true, false) => (!names_a_part(&promise.waived))
            .then(|| "is waived without a part of the specification".to_owned()),
        (false, true) => promise.shown_by.iter().find_map(|test| unproven(test)),
    }
}

/// Whether it begins with one or more parts, such as `4.2 and 3.3:`.
fn names_a_part(reason: &str) -> bool {
    let Some((parts, why)) = reason.split_once(": ") else {
        return false;
    };
    let is_part = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '.');
    !why.is_empty() && parts.split(" and ").all(is_part)
}

fn unproven(test: &str) -> Option<String> {
    let Some(((place, name), at)) = test
        .split_once("::")
        .and_then(|named| Some((named, place(named.0)?)))
    else {
        return Some(format!("names {test}, which is no place of tests"));
    };
    if !suites().contains(at.suite) {
        return Some(format!("is shown by {place}, which no suite runs"));
    }
    let shown = files_under(&at.folder, at.ends_on)
        .iter()
        .any(|file| runs(&fs::read_to_string(file).unwrap(), at.ends_on, name));
    (!shown).then(|| format!("names {test}, which does not run or does not exist"))
}

/// Where the tests of a name are: those in other languages and the black box by a word of their
/// own, all others by their crate.
fn place(name: &str) -> Option<Place> {
    let (folder, ends_on, suite) = match name {
        "python" => ("tests/clients/python".to_owned(), ".py", "mcp"),
        "typescript" => ("tests/clients/typescript".to_owned(), ".spec.ts", "mcp"),
        "browser" => ("tests/browser".to_owned(), ".spec.ts", "browser"),
        "blackbox" => ("tests/tests/blackbox".to_owned(), ".rs", "blackbox"),
        crate_name => (format!("crates/{crate_name}"), ".rs", "unit"),
    };
    let folder = root().join(folder);
    folder.is_dir().then_some(Place {
        folder,
        ends_on,
        suite,
    })
}

/// Whether this text holds a test of that name that is not left out.
fn runs(text: &str, ends_on: &str, name: &str) -> bool {
    if ends_on == ".spec.ts" {
        return text.contains(&format!("\ntest(\"{name}\""))
            || text.starts_with(&format!("test(\"{name}\""));
    }
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = if ends_on == ".py" { "def " } else { "fn " };
    lines.iter().enumerate().any(|(number, line)| {
        let named = line
            .split_once(head)
            .and_then(|(before, rest)| rest.strip_prefix(name).filter(|_| is_plain(before)));
        named.is_some_and(|rest| rest.starts_with('(')) && is_test(&lines[..number], ends_on)
    })
}

fn is_plain(before: &str) -> bool {
    before.is_empty() || before == "async "
}

/// By what stands right above it.
fn is_test(above: &[&str], ends_on: &str) -> bool {
    let marks: Vec<_> = above
        .iter()
        .rev()
        .take_while(|line| line.starts_with('#') || line.starts_with('@') || line.starts_with("//"))
        .collect();
    let any = |words: &[&str]| {
        marks
            .iter()
            .any(|mark| words.iter().any(|word| mark.contains(word)))
    };
    if ends_on == ".py" {
        return !any(&["skip", "xfail"]);
    }
    any(&["test]", "test(", "[rstest"]) && !any(&["ignore"])
}

/// The suites that a plain `./dev test` runs.
fn suites() -> BTreeSet<String> {
    let dev = fs::read_to_string(root().join("dev")).unwrap();
    let (_, list) = dev.split_once("\nSUITES=(").unwrap();
    let (list, _) = list.split_once(')').unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

fn row(id: &str, shown_by: &[&str], waived: &str) -> Promise {
    Promise {
        id: id.to_owned(),
        section: "Tools".to_owned(),
        fact: "Something.".to_owned(),
        shown_by: shown_by.iter().map(ToString::to_string).collect(),
        waived: waived.to_owned(),
    }
}

fn files_under(folder: &Path, ends_on: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "node_modules" {
                found.extend(files_under(&path, ends_on));
            }
        } else if name.ends_with(ends_on) {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}
