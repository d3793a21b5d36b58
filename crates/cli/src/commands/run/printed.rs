//! A program's words on standard output, as they come.

use husting_wire::runs::RunPage;

use crate::exit::Failure;
use crate::output;

/// By so much of what was printed its end is looked for in a text whose beginning moved, in bytes.
const KEY: usize = 400;

/// What was printed of a program's words, in UTF-16 code units.
#[derive(Default)]
pub(super) struct Printed {
    upto: u64,
    /// The page that was printed last, where pages are looked at.
    page: Option<RunPage>,
}

impl Printed {
    /// Prints what is new. Lines that a program draws anew are not taken back from a terminal: what
    /// differs is printed on a line of its own. False where something was missed.
    pub(super) fn take(&mut self, offset: u64, text: &str) -> Result<bool, Failure> {
        if offset > self.upto {
            return Ok(false);
        }
        if offset < self.upto {
            output::text("\n")?;
        }
        output::text(text)?;
        self.upto = offset + units(text);
        Ok(true)
    }

    /// Goes on with a page, after something was missed.
    pub(super) fn jump(&mut self, page: &RunPage) -> Result<(), Failure> {
        output::text(&format!("\n[…]\n{}", page.text))?;
        self.upto = page.offset + units(&page.text);
        Ok(())
    }

    /// Prints what a page has that the last one had not.
    pub(super) fn look(&mut self, page: RunPage) -> Result<(), Failure> {
        match new_of(self.page.as_ref(), &page) {
            None => self.jump(&page)?,
            Some("") => {}
            Some(new) => {
                let before = &page.text[..page.text.len() - new.len()];
                let offset = page.offset + units(before);
                // The end of a program is kept under other numbers than its words were told by.
                self.upto = self.upto.max(offset);
                self.take(offset, new)?;
            }
        }
        self.page = Some(page);
        Ok(())
    }
}

/// What `page` has after what `last` had; nothing where that is not in it any more.
fn new_of<'a>(last: Option<&RunPage>, page: &'a RunPage) -> Option<&'a str> {
    let Some(last) = last else {
        return Some(&page.text);
    };
    if last.offset == page.offset {
        let same = last.text.char_indices().zip(page.text.chars());
        let differs = same.into_iter().find(|((_, a), b)| a != b);
        let same = differs.map_or(last.text.len().min(page.text.len()), |((at, _), _)| at);
        return Some(&page.text[same..]);
    }
    let mut from = last.text.len().saturating_sub(KEY);
    while !last.text.is_char_boundary(from) {
        from += 1;
    }
    let key = &last.text[from..];
    let at = page.text.rfind(key)?;
    Some(&page.text[at + key.len()..])
}

fn units(text: &str) -> u64 {
    u64::try_from(text.encode_utf16().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use husting_wire::runs::RunView;
    use serde_json::json;

    use super::*;

    fn page(offset: u64, text: &str) -> RunPage {
        let run: RunView = serde_json::from_value(json!({
            "run_id": "019ab3c4-5678-7abc-8def-0123456789ab",
            "agent_id": "019ab3c4-5678-7abc-8def-0123456789ab",
            "agent_name": "bruno", "tenant_id": "acme", "how": "once", "cause": "operator",
            "command": "claude", "directory": "/", "started_at": "2026-11-20T08:04:21Z",
            "booted_at": null, "ended_at": null, "exit": null, "stopped": false, "hindrance": null,
            "restarts_at": null, "gave_up": false, "restart_paused": false, "attach": null,
        }))
        .unwrap();
        RunPage {
            run,
            text: text.to_owned(),
            offset,
        }
    }

    #[test]
    fn of_each_page_only_what_is_new_is_printed() {
        let first = page(0, "one\ntwo 10%");
        assert_eq!(new_of(None, &first), Some("one\ntwo 10%"));
        for (offset, text, new) in [
            (0, "one\ntwo 10%", Some("")),
            (0, "one\ntwo 10%\nthree", Some("\nthree")),
            (0, "one\ntwo 20%", Some("20%")),
            // What was first is gone, as at the end, where less is kept.
            (9, "one\ntwo 10%\nthree", Some("\nthree")),
            (99, "all else", None),
        ] {
            assert_eq!(new_of(Some(&first), &page(offset, text)), new, "{text}");
        }
    }
}
