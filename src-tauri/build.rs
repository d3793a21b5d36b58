//! Reads the capabilities of the window; Tauri looks for them beside its configuration,
//! here they live with the rest of the shell.

use tauri_build::{AppManifest, Attributes, try_build};

/// The commands the page may call; a capability has to allow each of them.
const COMMANDS: &[&str] = &["rpc", "subscribe", "quit", "save_file"];

fn main() {
    let attributes = Attributes::new()
        .app_manifest(AppManifest::new().commands(COMMANDS))
        .capabilities_path_pattern("src-tauri/capabilities/**/*");
    if let Err(error) = try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
