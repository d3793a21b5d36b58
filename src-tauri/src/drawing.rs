//! How the page is drawn where no graphics processor is. WebKitGTK composes pages with OpenGL, which
//! without one is done by the processor: three seats at 200 tokens a second then come to four frames
//! a second. Its older way draws the page once and reaches sixty.

use std::fs;
use std::path::Path;

/// Turns WebKitGTK's way with OpenGL off. Read when its first page opens; `0` and `1` given by the
/// operator both stand.
const OLDER_WAY: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// GTK and WebKitGTK ask OpenGL what it can do before they find that nothing needs it. The answer
/// is that of a software driver, and brings a whole compiler into the process.
const UNASKED: [(&str, &str); 2] = [
    ("GDK_GL", "disable"),
    // Named here, the device is not looked for; it is no device, hence as much as none found.
    ("WEBKIT_WEB_RENDER_DEVICE_FILE", "none"),
];

/// Where the kernel lists what can draw (drm(7)).
const DEVICES: &str = "/dev/dri";

/// Chooses the way that fits this machine. To be called before anything else: an environment may
/// only be changed while nothing else runs.
pub(crate) fn choose() {
    if std::env::var_os(OLDER_WAY).is_some() || can_render(Path::new(DEVICES)) {
        return;
    }
    for (name, value) in [(OLDER_WAY, "1")].into_iter().chain(UNASKED) {
        if let Err(error) = gtk::glib::setenv(name, value, false) {
            // The window works as well, only slower.
            eprintln!("husting-desktop: {error}");
        }
    }
}

fn can_render(devices: &Path) -> bool {
    fs::read_dir(devices)
        .into_iter()
        .flatten()
        .flatten()
        .any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_alone_cannot_render_and_a_render_node_can() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!can_render(&devices.path().join("none")));
        fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!can_render(devices.path()));
        fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(can_render(devices.path()));
    }
}
