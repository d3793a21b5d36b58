//! What a program said, as it is shown: its end, and how that moved since it was last told.

use husting_domain::runs::MOST_TAIL;
use husting_launch::Tail;

/// How much of what a running program said is shown, in bytes.
const SHOWN: usize = 65_536;

/// What a program said so far. What it draws anew is shown anew.
pub(super) struct Screen {
    tail: Tail,
    told: Told,
}

/// What watchers know.
#[derive(Default)]
struct Told {
    text: String,
    /// UTF-16 code units before the text.
    begins: u64,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            tail: Tail::new(SHOWN),
            told: Told::default(),
        }
    }
}

impl Screen {
    /// Takes in what the program wrote.
    pub fn push(&mut self, output: &str) {
        self.tail.push(output);
    }

    /// What there is to tell since the last time: a place, and the words that stand from there on.
    pub fn news(&mut self) -> Option<(u64, String)> {
        self.told.follow(self.tail.text())
    }

    /// What was told, and how many UTF-16 code units came before it.
    pub fn told(&self) -> (u64, String) {
        (self.told.begins, self.told.text.clone())
    }

    /// The end of it, as it is kept.
    pub fn end(&self) -> String {
        let text = self.tail.text();
        let mut from = text.len().saturating_sub(MOST_TAIL);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text[from..].to_owned()
    }
}

impl Told {
    fn follow(&mut self, now: String) -> Option<(u64, String)> {
        if now == self.text {
            return None;
        }
        let same_beginning = (0, common(&self.text, &now));
        // Or what was first is gone from the front since.
        let moved_on = self.text.find(head(&now)).filter(|_| !now.is_empty());
        let moved_on = moved_on.map(|gone| (gone, common(&self.text[gone..], &now)));
        let (gone, same) = match moved_on {
            Some(moved) if moved.1 > same_beginning.1 => moved,
            _ => same_beginning,
        };
        let begins = self.begins + units(&self.text[..gone]);
        let place = begins + units(&now[..same]);
        let news = now[same..].to_owned();
        *self = Self { text: now, begins };
        Some((place, news))
    }
}

/// As much of a text as tells it from others: whole characters.
fn head(text: &str) -> &str {
    const ENOUGH: usize = 256;
    let mut end = text.len().min(ENOUGH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// How many bytes two texts have in common from the front: whole characters.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.char_indices().zip(other.chars());
    let differs = pairs.into_iter().find(|((_, a), b)| a != b);
    differs.map_or(one.len().min(other.len()), |((place, _), _)| place)
}

fn units(text: &str) -> u64 {
    u64::try_from(text.encode_utf16().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// Whoever was told everything, and forgets what is gone from the front.
    #[derive(Default)]
    struct Watcher {
        units: Vec<u16>,
    }

    impl Watcher {
        fn hear(&mut self, (place, words): (u64, String)) {
            let place = usize::try_from(place).unwrap();
            assert!(place <= self.units.len(), "nothing is left out");
            self.units.truncate(place);
            self.units.extend(words.encode_utf16());
        }

        fn ends_on(&self, text: &str) -> bool {
            let text: Vec<u16> = text.encode_utf16().collect();
            self.units.ends_with(&text)
        }
    }

    #[test]
    fn a_line_that_is_drawn_anew_is_told_from_where_it_differs() {
        let mut screen = Screen::default();
        screen.push("one\ntwo 10%");
        assert_eq!(screen.news(), Some((0, "one\ntwo 10%".to_owned())));
        assert_eq!(screen.news(), None);
        screen.push("\rtwo 20%");
        assert_eq!(screen.news(), Some((8, "20%".to_owned())));
    }

    #[test]
    fn what_is_kept_is_the_end_in_whole_characters() {
        let mut screen = Screen::default();
        screen.push(&"ä".repeat(MOST_TAIL));
        let end = screen.end();
        assert_eq!(end.len(), MOST_TAIL);
        assert!(end.chars().all(|letter| letter == 'ä'));
    }

    proptest! {
        // A case says as much as the tail keeps, and more: a few of them go around it often enough.
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn whoever_hears_everything_knows_what_is_shown(
            pieces in proptest::collection::vec("[a-zä𝄞\n\r]{0,4000}", 1..40),
        ) {
            let mut screen = Screen::default();
            let mut watcher = Watcher::default();
            for piece in pieces {
                screen.push(&piece);
                if let Some(news) = screen.news() {
                    watcher.hear(news);
                }
                let (begins, text) = screen.told();
                prop_assert!(watcher.ends_on(&text));
                prop_assert_eq!(
                    u64::try_from(watcher.units.len()).unwrap(),
                    begins + units(&text)
                );
            }
        }
    }
}
