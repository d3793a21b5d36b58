//! Files in repositories of the real git.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use husting_wiring::git::{Said, Standing, leave_out, standing};
use tempfile::TempDir;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let run = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.invalid"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap_or_else(|error| panic!("this test needs git: {error}"));
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(run.stdout).unwrap()
}

fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    folder
}

fn said(file: &Path) -> Said {
    match standing(file).unwrap() {
        Standing::Inside { said, .. } => said,
        Standing::Outside => panic!("{} is in a work tree", file.display()),
    }
}

/// Leaves `file` out as a plan does.
fn exclude(file: &Path) -> bool {
    match standing(file).unwrap() {
        Standing::Inside { exclude, lines, .. } => leave_out(&exclude, &lines).unwrap(),
        Standing::Outside => panic!("{} is in a work tree", file.display()),
    }
}

/// The names that `git add .` would take.
fn untracked(folder: &Path) -> Vec<String> {
    git(folder, &["ls-files", "--others", "--exclude-standard"])
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_file_in_no_repository_is_outside() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let file = folder.path().join("sub/.mcp.json");
    assert_eq!(standing(&file).unwrap(), Standing::Outside);
    assert!(!standing(&file).unwrap().is_exposed());
}

#[test]
fn a_file_left_out_is_not_taken_by_git_and_neither_are_its_backups() {
    let repository = repository();
    let folder = repository.path().join("a [b]*");
    fs::create_dir(&folder).unwrap();
    let file = folder.join(".mcp.json");
    for name in [
        ".mcp.json",
        ".mcp.json.before-husting",
        ".mcp.json.before-husting.2",
        ".mcp.json.before-husting.new-7-0",
        "x.json",
    ] {
        fs::write(folder.join(name), "secret").unwrap();
    }
    assert_eq!(said(&file), Said::Open);
    assert!(standing(&file).unwrap().is_exposed());
    assert!(exclude(&file));
    assert_eq!(said(&file), Said::LeftOut);
    assert!(!standing(&file).unwrap().is_exposed());
    assert_eq!(untracked(&folder), ["x.json"]);
}

#[test]
fn leaving_out_twice_is_once_and_what_was_excluded_stays() {
    let repository = repository();
    let file = repository.path().join(".mcp.json");
    let list = repository.path().join(".git/info/exclude");
    fs::write(&list, "# mine\n*.log").unwrap();
    assert!(exclude(&file));
    assert!(!exclude(&file));
    assert_eq!(
        fs::read_to_string(list).unwrap(),
        "# mine\n*.log\n/.mcp.json\n/.mcp.json.before-husting*\n"
    );
}

#[test]
fn a_file_that_is_committed_already_is_told_from_one_that_is_not() {
    let repository = repository();
    let file = repository.path().join(".mcp.json");
    fs::write(&file, "{}").unwrap();
    git(repository.path(), &["add", ".mcp.json"]);
    assert_eq!(said(&file), Said::Tracked);
    exclude(&file);
    assert_eq!(said(&file), Said::Tracked);
    assert!(standing(&file).unwrap().is_exposed());
}

#[test]
fn a_file_whose_backup_is_not_left_out_is_exposed() {
    let repository = repository();
    fs::write(repository.path().join(".gitignore"), "/.mcp.json\n").unwrap();
    let file = repository.path().join(".mcp.json");
    assert_eq!(said(&file), Said::Open);
    exclude(&file);
    assert_eq!(said(&file), Said::LeftOut);
}

#[test]
fn a_second_work_tree_shares_the_list_of_the_first() {
    let repository = repository();
    git(
        repository.path(),
        &["commit", "--quiet", "--allow-empty", "-m", "first"],
    );
    let second = tempfile::tempdir().unwrap();
    let tree = second.path().join("tree");
    let arguments = ["worktree", "add", "--quiet", tree.to_str().unwrap()];
    git(repository.path(), &arguments);
    let file = tree.join(".cursor/mcp.json");
    assert!(exclude(&file));
    fs::create_dir(tree.join(".cursor")).unwrap();
    fs::write(&file, "secret").unwrap();
    assert_eq!(said(&file), Said::LeftOut);
    assert_eq!(untracked(&tree), Vec::<String>::new());
    let list = repository.path().join(".git/info/exclude");
    assert!(
        fs::read_to_string(list)
            .unwrap()
            .contains("/.cursor/mcp.json\n")
    );
}

#[test]
fn a_submodule_has_a_list_of_its_own() {
    let inner = repository();
    git(
        inner.path(),
        &["commit", "--quiet", "--allow-empty", "-m", "first"],
    );
    let outer = repository();
    let address = inner.path().to_str().unwrap();
    git(
        outer.path(),
        &["submodule", "--quiet", "add", address, "part"],
    );
    let file = outer.path().join("part/.mcp.json");
    fs::write(&file, "secret").unwrap();
    assert!(exclude(&file));
    assert_eq!(said(&file), Said::LeftOut);
    assert_eq!(untracked(&outer.path().join("part")), Vec::<String>::new());
    let list = outer.path().join(".git/modules/part/info/exclude");
    assert!(fs::read_to_string(list).unwrap().contains("/.mcp.json\n"));
}

#[test]
#[cfg(unix)]
fn a_list_that_is_a_link_is_not_followed() {
    let repository = repository();
    let elsewhere = repository.path().join("elsewhere");
    fs::write(&elsewhere, "").unwrap();
    let list = repository.path().join(".git/info/exclude");
    fs::remove_file(&list).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &list).unwrap();
    assert!(leave_out(&list, &["/x".to_owned()]).is_err());
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "");
}

#[test]
#[cfg(unix)]
fn a_program_that_the_repository_names_is_not_started() {
    use std::os::unix::fs::PermissionsExt;

    let repository = repository();
    let mark = repository.path().join("started");
    let hook = repository.path().join("hook");
    fs::write(&hook, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    git(
        repository.path(),
        &["config", "core.fsmonitor", hook.to_str().unwrap()],
    );
    assert_eq!(said(&repository.path().join(".mcp.json")), Said::Open);
    assert!(!mark.exists());
}
