//! Reads the capabilities of the window; Tauri looks for them beside its configuration,
//! here they live with the rest of the shell.

fn main() {
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/**/*");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
