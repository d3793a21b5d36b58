//! The TypeScript in `ui/src/generated` is exactly what the types say.
//! `UPDATE_BINDINGS=1 cargo test -p husting-wire` writes it.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use husting_wire::commands::export_typescript;
use husting_wire::desktop::DesktopWord;
use husting_wire::drafts;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Envelope;
use husting_wire::{deliveries, lengths, names, ranges};
use ts_rs::{Config, TS};

fn generated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated")
}

fn write_all(folder: &Path) {
    let config = Config::default()
        .with_large_int("number")
        .with_out_dir(folder);
    let commands = export_typescript(&config).unwrap();
    Envelope::export_all(&config).unwrap();
    DesktopWord::export_all(&config).unwrap();
    Error::export_all(&config).unwrap();
    ErrorCode::export_all(&config).unwrap();
    fs::write(folder.join("commands.ts"), commands).unwrap();
    fs::write(
        folder.join("deliveries.ts"),
        deliveries::export_typescript(),
    )
    .unwrap();
    fs::write(folder.join("lengths.ts"), lengths::export_typescript()).unwrap();
    fs::write(folder.join("names.ts"), names::export_typescript()).unwrap();
    fs::write(folder.join("ranges.ts"), ranges::export_typescript()).unwrap();
    fs::write(folder.join("drafts.ts"), drafts::export_typescript()).unwrap();
}

fn files_of(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_typescript_is_fresh() {
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        if generated().exists() {
            fs::remove_dir_all(generated()).unwrap();
        }
        fs::create_dir_all(generated()).unwrap();
        write_all(&generated());
    }
    let fresh = tempfile::tempdir().unwrap();
    write_all(fresh.path());
    let (fresh, kept) = (files_of(fresh.path()), files_of(&generated()));
    let stale: Vec<_> = fresh
        .keys()
        .chain(kept.keys())
        .filter(|name| fresh.get(*name) != kept.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "stale bindings {stale:?}: run UPDATE_BINDINGS=1 cargo test -p husting-wire"
    );
}
