//! Who may know whom. Every crate of the workspace has a row in [`RULES`]; an edge that is
//! not in its row fails with a sentence. What a dependency list cannot show (SQL in a shell,
//! Tauri's API in the pages) is looked for in the sources.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// One crate's place: the crates of ours it may name, and others' crates it must not.
struct Rule {
    name: &'static str,
    may_know: &'static [&'static str],
    must_not_name: &'static [&'static str],
}

const VALUES: &[&str] = &["husting-domain", "husting-clock"];
const BROTHER: &[&str] = VALUES;
const WINDOW: &[&str] = &["tauri", "tauri-build", "gtk"];
const STORE_AND_WINDOW: &[&str] = &["sqlx", "rusqlite", "tauri", "tauri-build", "gtk"];
const ANY_IO: &[&str] = &[
    "tokio", "axum", "reqwest", "sqlx", "rusqlite", "tauri", "gtk",
];

const RULES: &[Rule] = &[
    // The bottom: values without I/O, and time passed in.
    Rule {
        name: "husting-domain",
        may_know: &[],
        must_not_name: ANY_IO,
    },
    Rule {
        name: "husting-clock",
        may_know: &["husting-domain"],
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-tokens",
        may_know: &[],
        must_not_name: ANY_IO,
    },
    // Strangers' files, and nothing of ours: whoever wires passes addresses and secrets in.
    Rule {
        name: "husting-wiring",
        may_know: &["husting-domain"],
        must_not_name: ANY_IO,
    },
    Rule {
        name: "husting-wire",
        may_know: &["husting-domain"],
        must_not_name: ANY_IO,
    },
    // The only one that writes; it knows no wire type.
    Rule {
        name: "husting-store",
        may_know: VALUES,
        must_not_name: WINDOW,
    },
    // Brothers: they meet only in the console.
    Rule {
        name: "husting-secrets",
        may_know: BROTHER,
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-seats",
        may_know: BROTHER,
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-wallet",
        may_know: BROTHER,
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-deliberation",
        may_know: BROTHER,
        must_not_name: STORE_AND_WINDOW,
    },
    // Programs of agents: started, watched, ended; it knows nobody, and how secrets look.
    Rule {
        name: "husting-launch",
        may_know: &["husting-domain"],
        must_not_name: STORE_AND_WINDOW,
    },
    // The bridge, which also runs alone; it writes by way of the store.
    Rule {
        name: "husting-discord",
        may_know: &["husting-domain", "husting-clock", "husting-store"],
        must_not_name: STORE_AND_WINDOW,
    },
    // The use cases.
    Rule {
        name: "husting-console",
        may_know: &[
            "husting-domain",
            "husting-clock",
            "husting-wire",
            "husting-store",
            "husting-secrets",
            "husting-seats",
            "husting-wallet",
            "husting-deliberation",
            "husting-tokens",
            "husting-discord",
            "husting-launch",
            "husting-wiring",
        ],
        must_not_name: STORE_AND_WINDOW,
    },
    // What every shell reads before it opens the console.
    Rule {
        name: "husting-home",
        may_know: &[
            "husting-domain",
            "husting-clock",
            "husting-wire",
            "husting-console",
        ],
        must_not_name: STORE_AND_WINDOW,
    },
    // The shells: they decode, delegate, encode.
    Rule {
        name: "husting-server",
        may_know: &[
            "husting-domain",
            "husting-clock",
            "husting-tokens",
            "husting-wire",
            "husting-console",
        ],
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting",
        may_know: &[
            "husting-domain",
            "husting-clock",
            "husting-wire",
            "husting-console",
            "husting-discord",
            "husting-home",
            "husting-server",
        ],
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-desktop",
        may_know: &[
            "husting-domain",
            "husting-clock",
            "husting-wire",
            "husting-console",
            "husting-home",
            "husting-server",
        ],
        must_not_name: &["sqlx", "rusqlite"],
    },
    // Beside the product: tests and measurements look at it from outside.
    Rule {
        name: "husting-test-support",
        may_know: &[],
        must_not_name: STORE_AND_WINDOW,
    },
    Rule {
        name: "husting-tests",
        // The bridge as a client of the bus, which it may run far from.
        may_know: &[
            "husting-discord",
            "husting-domain",
            "husting-wire",
            "husting-test-support",
        ],
        must_not_name: WINDOW,
    },
    Rule {
        name: "husting-benches",
        may_know: &[
            "husting-domain",
            "husting-store",
            "husting-wire",
            "husting-test-support",
        ],
        must_not_name: WINDOW,
    },
];

/// The tests of a crate may start the fakes as well, whatever the crate is.
const IN_TESTS: &str = "husting-test-support";

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Nothing for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

#[test]
fn every_crate_has_its_rule() {
    let ours: BTreeSet<_> = workspace()
        .packages
        .into_iter()
        .map(|package| package.name)
        .collect();
    let ruled: BTreeSet<_> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(
        ours, ruled,
        "a crate of the workspace and a row of the table belong together"
    );
}

#[test]
fn crates_know_only_what_lies_below_them() {
    let found = violations(&workspace().packages);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_edge_is_found() {
    let edge = |name: &str, kind: Option<&str>| Dependency {
        name: name.to_owned(),
        kind: kind.map(str::to_owned),
    };
    let package = |name: &str, dependencies| Package {
        name: name.to_owned(),
        dependencies,
    };
    let wrong = [
        package("husting-wallet", vec![edge("husting-seats", None)]),
        package("husting-seats", vec![edge("husting-wallet", Some("dev"))]),
        package("husting-store", vec![edge("husting-wire", None)]),
        package("husting-wire", vec![edge("sqlx", None)]),
        package("husting-console", vec![edge("tauri", Some("build"))]),
        package("husting-domain", vec![edge(IN_TESTS, None)]),
    ];
    assert_eq!(violations(&wrong).len(), wrong.len());
    let right = [package(
        "husting-seats",
        vec![edge(IN_TESTS, Some("dev")), edge("reqwest", None)],
    )];
    assert!(violations(&right).is_empty());
}

#[test]
fn the_shells_hold_no_sql() {
    let shells = ["crates/server/src", "crates/cli/src", "src-tauri/src"];
    assert_absent(
        &shells,
        &["rs"],
        &["sqlx", "insert into ", "delete from ", "create table "],
    );
}

#[test]
fn only_the_window_names_tauri() {
    assert_absent(
        &["crates", "tests/support", "tests/src", "benches/src"],
        &["rs"],
        &["tauri::"],
    );
}

#[test]
fn the_pages_reach_the_desktop_through_one_folder() {
    let pages: Vec<_> = files_under(&root().join("ui/src"), &["ts", "svelte"])
        .into_iter()
        .filter(|path| !path.starts_with(root().join("ui/src/platform")))
        .collect();
    assert!(
        !pages.is_empty(),
        "the pages are where this test looks for them"
    );
    let found = mentions(&pages, &["@tauri-apps/", "__tauri"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The edges that no rule allows, one sentence each.
fn violations(packages: &[Package]) -> Vec<String> {
    let rules: BTreeMap<_, _> = RULES.iter().map(|rule| (rule.name, rule)).collect();
    let mut found = Vec::new();
    for package in packages {
        let Some(rule) = rules.get(package.name.as_str()) else {
            continue;
        };
        let wrong = package
            .dependencies
            .iter()
            .filter(|dependency| !allowed(rule, dependency));
        found.extend(wrong.map(|dependency| {
            format!(
                "{} must not know {}: see the table in tests/tests/architecture.rs",
                package.name, dependency.name
            )
        }));
    }
    found
}

fn allowed(rule: &Rule, dependency: &Dependency) -> bool {
    let name = dependency.name.as_str();
    if !name.starts_with("husting") {
        return !rule.must_not_name.contains(&name);
    }
    // A crate may name itself in its tests, to switch a feature on.
    let in_tests = dependency.kind.as_deref() == Some("dev");
    rule.may_know.contains(&name) || in_tests && (name == IN_TESTS || name == rule.name)
}

fn workspace() -> Workspace {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fails when a source file below `folders` contains one of `words`, in any case.
fn assert_absent(folders: &[&str], extensions: &[&str], words: &[&str]) {
    for folder in folders {
        let files = files_under(&root().join(folder), extensions);
        assert!(
            !files.is_empty(),
            "{folder} is where this test looks for it"
        );
        let found = mentions(&files, words);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

fn mentions(files: &[PathBuf], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap().to_lowercase();
        let named = words.iter().filter(|word| text.contains(*word));
        found.extend(named.map(|word| format!("{} must not contain `{word}`", file.display())));
    }
    found
}

fn files_under(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path, extensions));
        } else if path
            .extension()
            .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
        {
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
