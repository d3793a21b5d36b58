//! The reference of commands in `docs/reference/cli.md`: the help of each, in the order of `--help`.
//! `UPDATE_REFERENCE=1` writes it.

use std::path::Path;

use crate::arguments::helped;

const HEAD: &str = "# Commands\n\nWritten by `UPDATE_REFERENCE=1 cargo test --bin husting -- reference`; do not edit. \
                    Options and\nsettings that every command takes stand under the first.\n";

#[test]
fn the_reference_of_commands_is_what_their_help_says() {
    let parts = helped().into_iter().enumerate().map(|(nth, (line, help))| {
        let is_own = |line: &&str| nth == 0 || !line.starts_with("Global options:");
        let help: Vec<&str> = help.lines().map(str::trim_end).take_while(is_own).collect();
        format!(
            "\n## `{line}`\n\n```text\n{}\n```\n",
            help.join("\n").trim()
        )
    });
    let text: String = std::iter::once(HEAD.to_owned()).chain(parts).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/cli.md");
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::create_dir_all(path.parent().expect("it lies in a folder"))
            .expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/reference/cli.md is not what --help says; UPDATE_REFERENCE=1 cargo test --bin husting -- reference \
         writes it"
    );
}
