//! Files on a real disk: what is written, what is kept, and what is refused untouched.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use husting_wiring::file::{FileError, LONGEST, Present, follow, hash, read, refuse_far, write};
use rstest::rstest;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A file of a careless stranger.
fn strangers(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("mcp.json");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    path
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn put(path: &Path, text: &str) -> PathBuf {
    let written = write(&read(path).unwrap(), text).unwrap();
    written.backup.unwrap()
}

#[test]
fn a_new_file_is_its_owners_alone_and_so_are_the_folders_made_for_it() {
    let folder = folder();
    let path = folder.path().join(".cursor/deep/mcp.json");
    let present = read(&path).unwrap();
    assert_eq!(present.text(), None);
    let written = write(&present, "{}\n").unwrap();
    assert_eq!((written.path, written.backup), (path.clone(), None));
    assert!(written.made_folder);
    assert_eq!(
        written.hash,
        // From sha256sum.
        "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(names(path.parent().unwrap()), ["mcp.json"]);
    let again = write(&read(&path).unwrap(), "{ }\n").unwrap();
    assert!(!again.made_folder, "it is there by now");
}

#[test]
fn a_folder_of_its_own_may_be_missing_and_none_above_it() {
    let folder = folder();
    let at = |path: &str| folder.path().join(path);
    fs::write(at("notes.txt"), "").unwrap();
    fs::create_dir(at("project")).unwrap();
    // What is no folder is told as that by whoever reads.
    for near in [
        "mcp.json",
        ".cursor/mcp.json",
        "project/.cursor/mcp.json",
        "notes.txt/a/b/c.json",
    ] {
        refuse_far(&at(near)).unwrap();
    }
    refuse_far(Path::new("mcp.json")).unwrap();
    for (far, first) in [
        ("projct/.cursor/mcp.json", "projct"),
        ("project/a/b/c/mcp.json", "project/a"),
    ] {
        let refused = refuse_far(&at(far)).unwrap_err().to_string();
        let said = format!("{} is not there: ", at(first).display());
        assert!(refused.starts_with(&said), "{refused}");
        assert!(!at(first).exists());
    }
}

#[test]
fn what_was_there_is_kept_beside_and_both_are_their_owners_alone() {
    let folder = folder();
    let path = strangers(&folder, "earlier");
    let backup = put(&path, "later");
    assert_eq!(fs::read_to_string(&path).unwrap(), "later");
    assert_eq!(backup, folder.path().join("mcp.json.before-husting"));
    assert_eq!(fs::read_to_string(&backup).unwrap(), "earlier");
    assert_eq!((mode(&path), mode(&backup)), (0o600, 0o600));
    assert_eq!(
        names(folder.path()),
        ["mcp.json", "mcp.json.before-husting"]
    );
}

#[test]
fn the_same_text_needs_no_backup_and_still_loses_wider_rights() {
    let folder = folder();
    let path = strangers(&folder, "same");
    let written = write(&read(&path).unwrap(), "same").unwrap();
    assert_eq!((written.backup, mode(&path)), (None, 0o600));
    assert_eq!(written.hash, hash("same"));
}

#[test]
fn a_name_that_is_taken_is_never_written_to() {
    let folder = folder();
    let path = strangers(&folder, "one");
    let elsewhere = folder.path().join("elsewhere");
    fs::write(folder.path().join("mcp.json.before-husting"), "somebody's").unwrap();
    symlink(&elsewhere, folder.path().join("mcp.json.before-husting.1")).unwrap();
    assert!(put(&path, "two").ends_with("mcp.json.before-husting.2"));
    assert!(put(&path, "three").ends_with("mcp.json.before-husting.3"));
    assert!(!elsewhere.exists());
    assert_eq!(
        fs::read_to_string(folder.path().join("mcp.json.before-husting")).unwrap(),
        "somebody's"
    );
}

#[test]
fn a_text_that_is_kept_already_is_not_kept_again() {
    let folder = folder();
    let path = strangers(&folder, "one");
    let first = put(&path, "two");
    fs::write(&path, "one").unwrap();
    assert_eq!(put(&path, "two"), first);
}

#[test]
fn the_first_backup_and_the_last_nine_stay() {
    let folder = folder();
    let path = strangers(&folder, "0");
    for number in 1..=14 {
        put(&path, &number.to_string());
    }
    let mut expected = vec!["mcp.json".to_owned(), "mcp.json.before-husting".to_owned()];
    expected.extend((5..=13).map(|number| format!("mcp.json.before-husting.{number}")));
    expected.sort();
    assert_eq!(names(folder.path()), expected);
    let first = folder.path().join("mcp.json.before-husting");
    assert_eq!(fs::read_to_string(first).unwrap(), "0");
}

#[test]
fn a_symlink_is_refused_and_nothing_is_changed() {
    let folder = folder();
    let target = strangers(&folder, "target");
    let link = folder.path().join("link.json");
    symlink(&target, &link).unwrap();
    let refused = read(&link).unwrap_err();
    assert!(matches!(&refused, FileError::Symlink { path, .. } if *path == link));
    assert!(refused.to_string().contains("points to, /"), "{refused}");
    assert_eq!(follow(&link).unwrap().text(), read(&target).unwrap().text());
    let dead = folder.path().join("dead.json");
    symlink(folder.path().join("nowhere"), &dead).unwrap();
    assert!(matches!(read(&dead), Err(FileError::DeadLink(path)) if path == dead));
    fs::remove_file(&dead).unwrap();

    // Also one that appears after the file was read.
    let path = folder.path().join("file.json");
    fs::write(&path, "mine").unwrap();
    let present = read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&target, &path).unwrap();
    assert!(matches!(
        write(&present, "new"),
        Err(FileError::Symlink { .. })
    ));
    assert_eq!(fs::read_to_string(&target).unwrap(), "target");
    assert_eq!(names(folder.path()), ["file.json", "link.json", "mcp.json"]);
}

#[test]
fn a_folder_above_may_be_a_symlink() {
    let folder = folder();
    let path = strangers(&folder, "one");
    let link = folder.path().join("link");
    symlink(folder.path(), &link).unwrap();
    put(&link.join("mcp.json"), "two");
    assert_eq!(fs::read_to_string(path).unwrap(), "two");
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting_for_it() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for path in [&pipe, &socket, Path::new("/dev/full"), folder.path()] {
        let refused = read(path);
        assert!(
            matches!(refused, Err(FileError::NotRegular(_))),
            "{path:?}: {refused:?}"
        );
    }
    assert!(matches!(
        read(Path::new("/")),
        Err(FileError::NotRegular(_))
    ));
}

#[rstest]
#[case::an_image(b"\x89PNG\xff".to_vec())]
#[case::a_cut_letter(b"caf\xc3".to_vec())]
fn what_is_no_text_is_refused(#[case] bytes: Vec<u8>) {
    let folder = folder();
    let path = folder.path().join("mcp.json");
    fs::write(&path, bytes).unwrap();
    assert!(matches!(read(&path), Err(FileError::NotText(_))));
}

#[test]
fn a_file_of_a_mebibyte_is_read_and_one_byte_more_is_refused() {
    let folder = folder();
    let longest = usize::try_from(LONGEST).unwrap();
    let path = strangers(&folder, &"x".repeat(longest));
    assert_eq!(read(&path).unwrap().text().map(str::len), Some(longest));
    strangers(&folder, &"x".repeat(longest + 1));
    assert!(matches!(read(&path), Err(FileError::TooLong(_))));
}

/// What happens to a file between its reading and its writing.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Changed,
    Appeared,
    Removed,
}

#[rstest]
#[case(Meanwhile::Changed)]
#[case(Meanwhile::Appeared)]
#[case(Meanwhile::Removed)]
fn a_file_that_was_changed_meanwhile_is_left_alone(#[case] meanwhile: Meanwhile) {
    let folder = folder();
    let path = folder.path().join("mcp.json");
    let before = match meanwhile {
        Meanwhile::Appeared => None,
        Meanwhile::Changed | Meanwhile::Removed => Some("earlier"),
    };
    if let Some(text) = before {
        fs::write(&path, text).unwrap();
    }
    let present = read(&path).unwrap();
    let after = match meanwhile {
        Meanwhile::Removed => {
            fs::remove_file(&path).unwrap();
            None
        }
        Meanwhile::Changed | Meanwhile::Appeared => {
            fs::write(&path, "somebody's").unwrap();
            Some("somebody's")
        }
    };
    assert!(matches!(
        write(&present, "ours"),
        Err(FileError::Changed(_))
    ));
    assert_eq!(fs::read_to_string(&path).ok().as_deref(), after);
    let expected = if after.is_some() {
        vec!["mcp.json"]
    } else {
        vec![]
    };
    assert_eq!(names(folder.path()), expected, "something of ours was left");
}

#[test]
fn a_name_planted_for_our_file_on_its_way_is_not_followed() {
    let folder = folder();
    let path = strangers(&folder, "one");
    let elsewhere = folder.path().join("elsewhere");
    let planted = format!("mcp.json.before-husting.new-{}-0", std::process::id());
    symlink(&elsewhere, folder.path().join(&planted)).unwrap();
    put(&path, "two");
    assert!(!elsewhere.exists());
    assert_eq!(
        names(folder.path()),
        ["mcp.json", "mcp.json.before-husting", planted.as_str()]
    );
}

#[test]
fn what_is_below_a_file_is_refused() {
    let folder = folder();
    let path = strangers(&folder, "one").join("mcp.json");
    assert!(matches!(read(&path), Err(FileError::NoFolder(_))));
}

#[test]
fn a_folder_without_the_right_to_write_is_refused() {
    // Nobody may make files there, root neither.
    let path = Path::new("/sys/kernel/husting-mcp.json");
    let refused = write(&read(path).unwrap(), "{}");
    assert!(
        matches!(refused, Err(FileError::Denied(_) | FileError::ReadOnly(_))),
        "{refused:?}"
    );
}

#[test]
fn a_file_stays_its_owners() {
    let folder = folder();
    let path = strangers(&folder, "one");
    // Only root can give a file away; for anybody else the owner is the same all along.
    let is_root = fs::metadata(&path).unwrap().uid() == 0;
    let owner = if is_root {
        4321
    } else {
        fs::metadata(&path).unwrap().uid()
    };
    let group = if is_root {
        4322
    } else {
        fs::metadata(&path).unwrap().gid()
    };
    std::os::unix::fs::chown(&path, Some(owner), Some(group)).unwrap();
    let backup = put(&path, "two");
    for kept in [&path, &backup] {
        let kept = fs::metadata(kept).unwrap();
        assert_eq!((kept.uid(), kept.gid()), (owner, group));
    }
    assert_eq!((mode(&path), mode(&backup)), (0o600, 0o600));
}

#[test]
fn anothers_file_that_may_not_be_given_back_is_refused_and_nothing_is_changed() {
    // Only root can be two others.
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let folder = folder();
    let path = strangers(&folder, "theirs");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    std::os::unix::fs::chown(&path, Some(4321), Some(4321)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    // Where a user who is nobody here can read the program.
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let users = ["--reuid", "4323", "--regid", "4323", "--clear-groups", "--"];
    let mut run = Command::new("setpriv");
    run.args(users).arg(&program).current_dir("/");
    let run = inside("inside_as_nobody", &mut run, folder.path());
    run.output().map(passed).unwrap();
    fs::remove_file(program).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    assert_eq!(fs::metadata(&path).unwrap().uid(), 4321);
    assert_eq!(
        names(folder.path()),
        ["mcp.json"],
        "something of ours was left"
    );
}

#[test]
#[ignore = "run by the test above, as a user who may not give files away"]
fn inside_as_nobody() {
    let path = own_disk().join("mcp.json");
    let refused = write(&read(&path).unwrap(), "ours");
    assert!(matches!(refused, Err(FileError::Owner(_))), "{refused:?}");
}

#[test]
fn a_file_is_its_owners_to_read_and_write_whatever_the_umask() {
    let folder = folder();
    let path = strangers(&folder, "earlier");
    let program = std::env::current_exe().unwrap();
    let mut run = Command::new("sh");
    run.args(["-c", "umask 0777; exec \"$0\" \"$@\""])
        .arg(program);
    inside("inside_an_odd_umask", &mut run, folder.path())
        .output()
        .map(passed)
        .unwrap();
    let backup = folder.path().join("mcp.json.before-husting");
    let new = folder.path().join("new.json");
    for written in [path, backup, new] {
        assert_eq!(mode(&written), 0o600, "{}", written.display());
    }
}

#[test]
#[ignore = "run by the test above, where new files have no rights at all"]
fn inside_an_odd_umask() {
    for name in ["mcp.json", "new.json"] {
        let path = own_disk().join(name);
        write(&read(&path).unwrap(), "later").unwrap();
    }
}

/// The system calls of a test of this file, each from its name on.
fn calls_of(inner: &str, disk: &Path, more: &[&str]) -> Vec<String> {
    let trace = disk.join("trace");
    let mut run = Command::new("strace");
    run.args(["-f", "-y", "-o"]).arg(&trace).args(more);
    run.arg(std::env::current_exe().unwrap());
    let run = inside(inner, &mut run, disk).output();
    passed(run.unwrap_or_else(|error| panic!("this test needs `strace`: {error}")));
    let trace = fs::read_to_string(trace).unwrap();
    let calls = trace
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.1));
    calls.map(|call| call.trim().to_owned()).collect()
}

#[test]
fn a_text_is_on_the_disk_before_it_has_the_files_name_and_its_name_is_there_before_it_is_said() {
    let folder = folder();
    strangers(&folder, "earlier");
    let traced = "trace=fsync,fdatasync,rename,renameat,renameat2";
    let calls = calls_of("inside_a_trace", folder.path(), &["-e", traced]);
    let place = |what: &str, is_it: &dyn Fn(&str) -> bool| {
        let place = calls.iter().position(|call| is_it(call));
        place.unwrap_or_else(|| panic!("{what}: {calls:#?}"))
    };
    let flushed =
        |ending: &'static str| move |call: &str| call.contains("sync(") && call.contains(ending);
    let text = place("the text", &flushed(".new-"));
    let backup = place("the backup", &flushed("mcp.json.before-husting>"));
    let renamed = place("the name", &|call| call.starts_with("rename"));
    let name = format!(
        "/{}>)",
        folder.path().file_name().unwrap().to_str().unwrap()
    );
    let in_folder = place("the folder", &|call| {
        call.contains("sync(") && call.contains(&name)
    });
    assert!(
        text < renamed && backup < renamed && renamed < in_folder,
        "{calls:#?}"
    );
}

#[rstest]
#[case("EINVAL")]
#[case("ENOSYS")]
#[case("EOPNOTSUPP")]
fn where_a_file_system_cannot_keep_from_replacing_a_new_file_is_written_all_the_same(
    #[case] error: &str,
) {
    let folder = folder();
    let inject = format!("inject=renameat2:error={error}:when=1");
    let calls = calls_of(
        "inside_a_trace",
        folder.path(),
        &["-e", "trace=renameat2", "-e", &inject],
    );
    assert!(
        calls.iter().any(|call| call.contains("INJECTED")),
        "{calls:#?}"
    );
    let path = folder.path().join("mcp.json");
    assert_eq!(
        (fs::read_to_string(&path).unwrap(), mode(&path)),
        ("later".to_owned(), 0o600)
    );
    assert_eq!(names(folder.path()), ["mcp.json", "trace"]);
}

#[test]
#[ignore = "run by the tests above, which look at its system calls"]
fn inside_a_trace() {
    let path = own_disk().join("mcp.json");
    write(&read(&path).unwrap(), "later").unwrap();
}

#[test]
fn a_backup_has_none_of_our_tokens_and_all_else() {
    let folder = folder();
    let digits = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6";
    let text = |ours: &str, key: &str| {
        format!(
            "{{\"sos\": \"Bearer {ours}\", \"mumo\": \"{key}\", \"other\": \"sk-ant-{digits}\"}}\n"
        )
    };
    let before = text(&format!("hst_a_{digits}"), &format!("mmo_live_{digits}"));
    let path = strangers(&folder, &before);
    let backup = put(&path, "later");
    let kept = fs::read_to_string(&backup).unwrap();
    assert_eq!(kept, text("hst_a_…", "mmo_live_…"));
    // The same text needs no further one.
    fs::write(&path, &before).unwrap();
    assert_eq!(put(&path, "later"), backup);
}

#[test]
fn nothing_prints_what_stands_in_a_file() {
    let folder = folder();
    let path = strangers(&folder, "hunter2");
    let present: Present = read(&path).unwrap();
    assert!(!format!("{present:?}").contains("hunter2"));
}

/// Has `run`, which ends in this test's program, run the ignored test `inner`.
fn inside<'a>(inner: &str, run: &'a mut Command, disk: &Path) -> &'a mut Command {
    run.args(["--exact", inner, "--ignored", "--nocapture"]);
    run.env("OWN_DISK", disk)
}

fn passed(run: Output) {
    let [out, err] =
        [run.stdout, run.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    assert!(
        run.status.success() && out.contains("1 passed"),
        "{out}{err}"
    );
}

/// Runs the ignored test `inner` of this file on a file system of its own.
fn on_own_disk(inner: &str, prepare: &str) {
    let disk = folder();
    let program = std::env::current_exe().unwrap();
    let run = Command::new("unshare")
        .args(["--map-root-user", "--mount", "--", "/bin/sh", "-euc"])
        .arg(format!(
            "{prepare}; exec \"$0\" --exact {inner} --ignored --nocapture"
        ))
        .arg(program)
        .env("OWN_DISK", disk.path())
        .output()
        .unwrap_or_else(|error| panic!("this test needs `unshare` of util-linux: {error}"));
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(
        run.status.success(),
        "with mounts of its own (unprivileged user namespaces are needed): {said}"
    );
    assert!(said.contains("1 passed"), "{said}");
}

fn own_disk() -> PathBuf {
    std::env::var_os("OWN_DISK").unwrap().into()
}

#[test]
fn a_full_disk_is_said_and_nothing_is_changed() {
    on_own_disk(
        "inside_a_full_disk",
        "mount -t tmpfs -o size=64k none \"$OWN_DISK\"",
    );
}

#[test]
#[ignore = "run by the test above, on a file system of 64 KiB"]
fn inside_a_full_disk() {
    let path = own_disk().join("mcp.json");
    fs::write(&path, "earlier").unwrap();
    let present = read(&path).unwrap();
    // Too long for the disk at all, and then: room for the text and none for the backup.
    let long = "x".repeat(128 * 1024);
    assert!(matches!(write(&present, &long), Err(FileError::Full(_))));
    let filled = "x".repeat(48 * 1024);
    fs::write(&path, &filled).unwrap();
    let present = read(&path).unwrap();
    assert!(matches!(write(&present, "short"), Err(FileError::Full(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), filled);
    assert_eq!(names(&own_disk()), ["mcp.json"]);
}

#[test]
fn a_disk_that_takes_no_changes_is_said() {
    on_own_disk(
        "inside_a_read_only_disk",
        "mount -t tmpfs none \"$OWN_DISK\"; echo earlier > \"$OWN_DISK/mcp.json\"; \
         mount -o remount,bind,ro \"$OWN_DISK\"",
    );
}

#[test]
#[ignore = "run by the test above, on a file system mounted read-only"]
fn inside_a_read_only_disk() {
    let path = own_disk().join("mcp.json");
    let present = read(&path).unwrap();
    assert_eq!(present.text(), Some("earlier\n"));
    assert!(matches!(
        write(&present, "new"),
        Err(FileError::ReadOnly(_))
    ));
}
