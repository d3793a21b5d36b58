//! The program on this desktop: its window, the tray's icon, the page that is spoken to, and what
//! closing the window does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use husting_console::needs::Accepted;
use husting_wire::desktop::{DesktopStanding, DesktopWord, TrayStanding};
use husting_wire::settings::WindowClose;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager};
use tokio::sync::{Notify, watch};

use crate::tray::Tray;
use crate::tray::standing::Standing;
use crate::{login, window};

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Hides it: the tray's icon shows it again.
    Hide,
    /// Asks in the window.
    Ask,
    /// Ends the program.
    Quit,
}

/// Everything of the desktop that is shared.
pub(crate) struct Desktop {
    tray: OnceLock<Tray>,
    /// Whether somebody shows tray icons.
    host: watch::Sender<bool>,
    standing: Mutex<Option<Standing>>,
    /// Sessions that the operator reads as they are, which the page keeps; none before it told them.
    accepted: Mutex<Option<Accepted>>,
    page: Mutex<Page>,
    /// The window is hidden, and the tray's icon is the way back to it.
    behind_tray: AtomicBool,
    /// The menu is to be put as things stand: the icon has come, the page has told what the operator accepts, or the
    /// desktop made something of a click.
    pub(crate) anew: Notify,
    /// A page listens, as each does once its first screen was drawn (`Frame.svelte`).
    pub(crate) attended: Notify,
}

/// The page that listens now, and what it is to be told once it does.
#[derive(Default)]
struct Page {
    channel: Option<Channel<DesktopWord>>,
    waiting: Option<DesktopWord>,
}

impl Default for Desktop {
    fn default() -> Self {
        Self {
            tray: OnceLock::new(),
            // Other systems always have a place for the icon.
            host: watch::Sender::new(!cfg!(target_os = "linux")),
            standing: Mutex::default(),
            accepted: Mutex::default(),
            page: Mutex::default(),
            behind_tray: AtomicBool::new(false),
            anew: Notify::new(),
            attended: Notify::new(),
        }
    }
}

impl Desktop {
    /// The icon was made.
    pub(crate) fn give(&self, tray: Tray) {
        // There is one, made once.
        self.tray.set(tray).ok();
    }

    /// The icon, where it could be made.
    pub(crate) fn tray(&self) -> Option<&Tray> {
        self.tray.get()
    }

    /// Whether somebody shows tray icons; whoever finds out tells it here.
    pub(crate) fn host(&self) -> &watch::Sender<bool> {
        &self.host
    }

    /// Whether the icon is to be seen.
    pub(crate) fn tray_standing(&self) -> TrayStanding {
        match (self.tray.get(), *self.host.borrow()) {
            (None, _) => TrayStanding::NoLibrary,
            (Some(_), false) => TrayStanding::NoHost,
            (Some(_), true) => TrayStanding::Shown,
        }
    }

    /// How things stand, to be read or changed; `None` before the console is open.
    pub(crate) fn with_standing<T>(&self, change: impl FnOnce(&mut Option<Standing>) -> T) -> T {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which sessions the operator reads as they are, as far as the page has told.
    pub(crate) fn accepted(&self) -> Option<Accepted> {
        let accepted = self.accepted.lock();
        accepted.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes them from the page, and has the tray put as things stand then.
    pub(crate) fn accept(&self, accepted: Accepted) {
        {
            let mut kept = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(accepted.clone());
        }
        self.with_standing(|standing| {
            if let Some(standing) = standing {
                standing.needs.accept(accepted);
            }
        });
        self.anew.notify_one();
    }

    /// What closing the window does now.
    pub(crate) fn closing(&self) -> Closing {
        let wish = self.with_standing(|standing| Some(standing.as_ref()?.settings.window_close));
        let page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        closing(self.tray_standing(), wish, page.channel.is_some())
    }

    /// The window is hidden now, or shown; true where it was hidden behind the tray's icon before.
    pub(crate) fn set_behind_tray(&self, hidden: bool) -> bool {
        self.behind_tray.swap(hidden, Ordering::AcqRel)
    }

    /// Whether the window is hidden now, and the tray's icon the way back to it.
    pub(crate) fn is_behind_tray(&self) -> bool {
        self.behind_tray.load(Ordering::Acquire)
    }

    /// Speaks to this page from now on. What it has read of the `standing` before may be old.
    pub(crate) fn attend(&self, channel: Channel<DesktopWord>, standing: DesktopStanding) {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = DesktopWord::Moved { standing };
        for word in [Some(moved), page.waiting.take()].into_iter().flatten() {
            if let Err(error) = channel.send(word) {
                tracing::debug!(%error, "the page has gone");
            }
        }
        page.channel = Some(channel);
        self.attended.notify_one();
    }

    /// Tells the page. One that does not listen yet is told the newest word once it does.
    pub(crate) fn tell(&self, word: DesktopWord) {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let told = page.channel.as_ref().map(|page| page.send(word.clone()));
        match told {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "the page has gone");
                page.channel = None;
            }
            // A page is told the standing when it comes.
            None if matches!(word, DesktopWord::Moved { .. }) => {}
            None => page.waiting = Some(word),
        }
    }
}

/// How the program stands on this desktop.
pub(crate) fn standing(app: &AppHandle) -> DesktopStanding {
    let starts_at_login = login::is_on(app)
        .inspect_err(|error| tracing::warn!(%error, "whether Husting starts at login is not known"))
        .unwrap_or(false);
    DesktopStanding {
        tray: app.state::<Desktop>().tray_standing(),
        starts_at_login,
    }
}

/// Tells the page how the program stands now.
pub(crate) fn tell_standing(app: &AppHandle) {
    let standing = standing(app);
    app.state::<Desktop>().tell(DesktopWord::Moved { standing });
}

/// Shows the window, and a place in it.
pub(crate) fn go(app: &AppHandle, fragment: String) {
    window::raise(app);
    app.state::<Desktop>().tell(DesktopWord::Go { fragment });
}

/// `wish` is none before the console is open: nothing runs then that could go on.
fn closing(tray: TrayStanding, wish: Option<WindowClose>, page_listens: bool) -> Closing {
    match (tray, wish) {
        (_, None) => Closing::Quit,
        (TrayStanding::Shown, Some(_)) => Closing::Hide,
        (_, Some(WindowClose::Keep)) => Closing::Hide,
        (_, Some(WindowClose::Ask)) if page_listens => Closing::Ask,
        (_, Some(WindowClose::Ask | WindowClose::Quit)) => Closing::Quit,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::tray(TrayStanding::Shown, Some(WindowClose::Ask), Closing::Hide)]
    #[case::tray_and_quit(TrayStanding::Shown, Some(WindowClose::Quit), Closing::Hide)]
    #[case::asked(TrayStanding::NoHost, Some(WindowClose::Ask), Closing::Ask)]
    #[case::library(TrayStanding::NoLibrary, Some(WindowClose::Ask), Closing::Ask)]
    #[case::quits(TrayStanding::NoHost, Some(WindowClose::Quit), Closing::Quit)]
    #[case::kept(TrayStanding::NoHost, Some(WindowClose::Keep), Closing::Hide)]
    #[case::no_console(TrayStanding::Shown, None, Closing::Quit)]
    fn closing_follows_the_tray_and_then_the_setting(
        #[case] tray: TrayStanding,
        #[case] wish: Option<WindowClose>,
        #[case] does: Closing,
    ) {
        assert_eq!(closing(tray, wish, true), does);
    }

    #[test]
    fn a_page_that_begins_to_listen_is_told_how_things_stand_and_then_what_waited_for_it() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        let channel = Channel::new(move |body| {
            let word: serde_json::Value = body.deserialize()?;
            hears.lock().unwrap().push(word["word"].clone());
            Ok(())
        });
        let standing = DesktopStanding {
            tray: TrayStanding::NoHost,
            starts_at_login: false,
        };
        let desktop = Desktop::default();
        desktop.tell(DesktopWord::AskClose {});
        desktop.attend(channel, standing);
        desktop.tell(DesktopWord::Moved { standing });
        let told = heard.lock().unwrap().clone();
        assert_eq!(told, ["moved", "ask_close", "moved"]);
    }

    #[test]
    fn a_page_that_cannot_ask_is_not_waited_for() {
        let wish = Some(WindowClose::Ask);
        assert_eq!(closing(TrayStanding::NoHost, wish, false), Closing::Quit);
    }
}
