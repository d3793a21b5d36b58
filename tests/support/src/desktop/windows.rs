//! A program's windows on the display, and the cross on their frames (ICCCM, 4.2.8.1).

use anyhow::{Context, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageEvent, ConnectionExt, EventMask, MapState,
    Window,
};
use x11rb::rust_connection::RustConnection;

/// How many windows of the program can be seen.
pub(super) fn count(pid: u32) -> anyhow::Result<usize> {
    let (display, screen) = x11rb::connect(None).context("no display")?;
    Ok(seen(&display, screen, pid)?.len())
}

/// Asks each of them to close.
pub(super) fn close(pid: u32) -> anyhow::Result<()> {
    let (display, screen) = x11rb::connect(None).context("no display")?;
    let windows = seen(&display, screen, pid)?;
    ensure!(!windows.is_empty(), "no window of {pid} can be seen");
    let (protocols, delete) = (
        atom(&display, "WM_PROTOCOLS")?,
        atom(&display, "WM_DELETE_WINDOW")?,
    );
    for window in windows {
        let message = ClientMessageEvent {
            response_type: CLIENT_MESSAGE_EVENT,
            format: 32,
            sequence: 0,
            window,
            type_: protocols,
            data: [delete, x11rb::CURRENT_TIME, 0, 0, 0].into(),
        };
        display
            .send_event(false, window, EventMask::NO_EVENT, message)?
            .check()?;
    }
    Ok(())
}

fn seen(display: &RustConnection, screen: usize, pid: u32) -> anyhow::Result<Vec<Window>> {
    let root = display.setup().roots[screen].root;
    let belongs = atom(display, "_NET_WM_PID")?;
    let mut found = Vec::new();
    for window in display.query_tree(root)?.reply()?.children {
        // One that goes at this moment is not seen any more.
        let Ok(attributes) = display.get_window_attributes(window)?.reply() else {
            continue;
        };
        let owner = display.get_property(false, window, belongs, AtomEnum::CARDINAL, 0, 1)?;
        let Ok(owner) = owner.reply() else { continue };
        let is_its = owner
            .value32()
            .is_some_and(|mut values| values.next() == Some(pid));
        if is_its && attributes.map_state == MapState::VIEWABLE && !attributes.override_redirect {
            found.push(window);
        }
    }
    Ok(found)
}

fn atom(display: &RustConnection, name: &str) -> anyhow::Result<Atom> {
    Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom)
}
