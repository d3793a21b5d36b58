//! The programs under test, built once for each run of the tests and kept under names of their
//! own, so that no other build takes their place meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

/// One build at a time: both leave their product under the same name.
static BUILDING: Mutex<()> = Mutex::new(());

/// The `husting` that people are given.
pub fn husting() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| build("husting-tested", "husting-desktop/custom-protocol"))
}

/// The same, with places at which it can be stopped (`crates/console/src/halt.rs`).
pub fn halting() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        build(
            "husting-halting",
            "husting-desktop/custom-protocol,husting/halt",
        )
    })
}

/// Chosen as `dev` chooses (`ALL`), so that the libraries are not built anew for it.
fn build(name: &str, features: &str) -> PathBuf {
    let _turn = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--workspace",
            "--bin",
            "husting",
            "--message-format",
            "json-render-diagnostics",
            "--features",
            features,
        ])
        .current_dir(repository())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(built.status.success(), "husting does not build");
    let made = String::from_utf8_lossy(&built.stdout)
        .lines()
        .find_map(executable)
        .expect("a build makes a program");
    let kept = made.with_file_name(name);
    if kept.exists() {
        fs::remove_file(&kept).expect("the program of an earlier run can be removed");
    }
    fs::hard_link(&made, &kept).expect("the program can be kept");
    kept
}

/// The program that a line of cargo's own report names.
fn executable(line: &str) -> Option<PathBuf> {
    let report: Value = serde_json::from_str(line).ok()?;
    let is_husting = report["target"]["name"] == "husting" && report["target"]["kind"][0] == "bin";
    report["executable"]
        .as_str()
        .filter(|_| is_husting)
        .map(PathBuf::from)
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in a folder of the repository")
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}
