//! The page has a process of its own, which can end alone: the engine's fault, or memory that ran out. The page is
//! drawn anew then, in the place where it was; what was typed into it is among the drafts. One that ends again and again
//! is left alone for a minute.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use tauri::WebviewWindow;
use webkit2gtk::{WebViewExt, glib};

/// A page that ends its process more often within [`WITHIN`] would only do so again.
const MOST: usize = 3;
/// In which so many ends count.
const WITHIN: Duration = Duration::from_secs(60);

/// Draws the page of a window anew whenever its process has ended.
///
/// # Errors
/// What the window system refused.
pub(crate) fn outlive(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|page| {
        let ends = RefCell::new(Ends::default());
        page.inner()
            .connect_web_process_terminated(move |page, why| {
                let goes_on = ends.borrow_mut().note(Instant::now());
                tracing::error!(?why, goes_on, "the page's process has ended");
                if goes_on {
                    page.reload();
                } else {
                    let page = page.clone();
                    glib::timeout_add_local_once(WITHIN, move || page.reload());
                }
            });
    })
}

/// When the page's process ended last.
#[derive(Default)]
struct Ends(Vec<Instant>);

impl Ends {
    /// Notes one more; whether the page is worth another try at once.
    fn note(&mut self, now: Instant) -> bool {
        self.0.retain(|end| now.duration_since(*end) < WITHIN);
        self.0.push(now);
        self.0.len() <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_ends_again_and_again_is_left_until_a_minute_is_over() {
        let (mut ends, begun) = (Ends::default(), Instant::now());
        let mut tried = |seconds| ends.note(begun + Duration::from_secs(seconds));
        assert_eq!([0, 1, 2, 3].map(&mut tried), [true, true, true, false]);
        // A minute after it was left it is drawn once more, and has all its tries again.
        assert_eq!([63, 64, 65, 66].map(tried), [true, true, true, false]);
    }
}
