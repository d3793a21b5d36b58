//! An empty Tauri window, shown as Husting shows its own: once the program is set up.

use tauri::Manager;

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            for window in app.webview_windows().values() {
                window.show()?;
                window.set_focus()?;
            }
            Ok(())
        })
        .run(tauri::generate_context!())
}
