//! The first snapshot, written into the page. Asked for by the page's scripts it would come after the page has been
//! built and drawn without it.

use std::borrow::Cow;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_console::Console;
use husting_wire::commands::{self, Request};
use husting_wire::errors::Error;
use husting_wire::settings::Nothing;
use tauri::http::Response;
use tauri::http::header::CONTENT_TYPE;

use crate::commands::OPERATOR;
use crate::opening::Opening;

/// Where `ui/src/platform/tauri.ts` looks for it.
const ID: &str = "first-snapshot";
/// What it is written before.
const END: &str = "</body>";

/// The first snapshot, until there is a page. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct First(Arc<Mutex<Stage>>);

#[derive(Default)]
enum Stage {
    #[default]
    Awaited,
    /// Text of a script.
    Taken(String),
    /// There is a page. It asks for what it was not given, and so does each later one: this snapshot would be old.
    Over,
}

impl First {
    /// Takes it once the console is open.
    pub(crate) async fn take(self, opening: Opening) {
        let Some(console) = opening.opened().await else {
            return;
        };
        if !self.is_awaited() {
            return;
        }
        match snapshot(&console).await {
            Ok(snapshot) => {
                let mut stage = self.lock();
                if matches!(*stage, Stage::Awaited) {
                    *stage = Stage::Taken(snapshot);
                }
            }
            Err(fault) => tracing::warn!(%fault, "the page’s first snapshot was not taken"),
        }
    }

    /// Writes it into the first page, if it has been taken by then.
    pub(crate) fn write_into(&self, answer: &mut Response<Cow<'static, [u8]>>) {
        if !is_page(answer) {
            return;
        }
        let mut stage = self.lock();
        let Stage::Taken(snapshot) = mem::replace(&mut *stage, Stage::Over) else {
            return;
        };
        let page = std::str::from_utf8(answer.body()).ok();
        if let Some((page, end)) = page.and_then(|page| page.rsplit_once(END)) {
            let data = format!("<script type=\"application/json\" id=\"{ID}\">{snapshot}</script>");
            *answer.body_mut() = [page, &data, END, end].concat().into_bytes().into();
        }
    }

    fn is_awaited(&self) -> bool {
        matches!(*self.lock(), Stage::Awaited)
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_page(answer: &Response<Cow<'static, [u8]>>) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    answer.status().is_success() && kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// A snapshot as text of a script: nothing that stands in it can end that.
async fn snapshot(console: &Console) -> Result<String, Error> {
    let snapshot = commands::route(console, &OPERATOR, Request::snapshot(Nothing {})).await?;
    Ok(snapshot.get().replace('<', "\\u003c"))
}

#[cfg(test)]
mod tests;
