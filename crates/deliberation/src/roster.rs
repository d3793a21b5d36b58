//! Who sits where: seats are letters to each other, names to the moderator.

use husting_domain::models::ModelId;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One place on the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The model.
    pub model: ModelId,
    /// What the other seats see; fixed for the session.
    pub letter: char,
    /// For people, and for the other seats when the panel is not blind.
    pub name: String,
}

/// A session's panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    places: Vec<Place>,
    seed: u64,
    blind: bool,
}

impl Roster {
    /// Gives each of `seats` (in panel order, with names for people) a letter drawn by `seed`.
    #[must_use]
    pub fn new(seats: Vec<(ModelId, String)>, seed: u64, blind: bool) -> Self {
        let mut letters: Vec<char> = ('A'..='Z').take(seats.len()).collect();
        letters.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let places = seats
            .into_iter()
            .zip(letters)
            .map(|((model, name), letter)| Place {
                model,
                letter,
                name,
            })
            .collect();
        Self {
            places,
            seed,
            blind,
        }
    }

    /// All places in panel order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The place of a model.
    #[must_use]
    pub fn place(&self, model: &ModelId) -> Option<&Place> {
        self.places.iter().find(|place| place.model == *model)
    }

    /// A model's place in panel order; unknown ones come last.
    #[must_use]
    pub fn rank(&self, model: &ModelId) -> usize {
        self.places
            .iter()
            .position(|place| place.model == *model)
            .unwrap_or(usize::MAX)
    }

    /// Whom a panelist's own words name: a letter (`B`, `panelist B`, `[B]`), a model id or a name.
    #[must_use]
    pub fn find(&self, words: &str) -> Option<&Place> {
        let words = words
            .trim()
            .trim_matches(['[', ']', '"', '\'', '`', '*'])
            .trim();
        let bare = words
            .get(.."panelist ".len())
            .filter(|head| head.eq_ignore_ascii_case("panelist "));
        let bare = bare.map_or(words, |head| &words[head.len()..]);
        let by_letter = |place: &&Place| bare.len() == 1 && bare.starts_with(place.letter);
        let by_name = |place: &&Place| place.model.as_str() == words || place.name == words;
        self.places
            .iter()
            .find(by_letter)
            .or_else(|| self.places.iter().find(by_name))
    }

    /// How a seat is called in another seat's prompt.
    #[must_use]
    pub fn label(&self, place: &Place) -> String {
        if self.blind {
            format!("panelist {}", place.letter)
        } else {
            format!("panelist {} ({})", place.letter, place.name)
        }
    }

    /// The others as `reader` is shown them in round `round_index`: the order is drawn per reader
    /// and round, so that no seat profits from its place.
    #[must_use]
    pub fn others_for(&self, reader: &ModelId, round_index: u32) -> Vec<&Place> {
        let mut others: Vec<&Place> = self
            .places
            .iter()
            .filter(|place| place.model != *reader)
            .collect();
        let rank = self.rank(reader) as u64;
        let seed =
            self.seed ^ (u64::from(round_index) << 32) ^ rank.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        others.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        others
    }
}

#[cfg(test)]
pub(crate) fn panel(names: &[&str]) -> Roster {
    let seats = names
        .iter()
        .map(|name| (ModelId::parse(name).unwrap(), (*name).to_owned()))
        .collect();
    Roster::new(seats, 7, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_a_permutation_fixed_by_the_seed() {
        let (one, two) = (panel(&["m1", "m2", "m3"]), panel(&["m1", "m2", "m3"]));
        assert_eq!(one, two);
        let mut letters: Vec<char> = one.places().iter().map(|place| place.letter).collect();
        letters.sort_unstable();
        assert_eq!(letters, ['A', 'B', 'C']);
    }

    #[test]
    fn different_seeds_give_every_order_of_letters() {
        let seats = || {
            ["m1", "m2", "m3"]
                .map(|name| (ModelId::parse(name).unwrap(), name.to_owned()))
                .to_vec()
        };
        let orders: std::collections::BTreeSet<String> = (0..200)
            .map(|seed| {
                Roster::new(seats(), seed, true)
                    .places()
                    .iter()
                    .map(|place| place.letter)
                    .collect()
            })
            .collect();
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn a_panelist_may_be_named_in_several_ways() {
        let roster = panel(&["m1", "m2"]);
        let place = &roster.places()[1];
        for words in [
            place.letter.to_string(),
            format!("panelist {}", place.letter),
            format!("[{}]", place.letter),
            "m2".into(),
        ] {
            assert_eq!(roster.find(&words), Some(place), "{words}");
        }
        assert_eq!(roster.find("Z"), None);
        assert_eq!(roster.find(""), None);
    }

    #[test]
    fn readers_see_the_others_in_their_own_order_and_never_themselves() {
        let roster = panel(&["m1", "m2", "m3", "m4", "m5", "m6"]);
        let orders: Vec<Vec<char>> = roster
            .places()
            .iter()
            .map(|reader| {
                roster
                    .others_for(&reader.model, 0)
                    .iter()
                    .map(|place| place.letter)
                    .collect()
            })
            .collect();
        for (reader, order) in roster.places().iter().zip(&orders) {
            assert_eq!(order.len(), 5);
            assert!(!order.contains(&reader.letter));
        }
        let sorted = |order: &Vec<char>| order.is_sorted();
        assert!(
            !orders.iter().all(sorted),
            "some order must differ from the alphabet"
        );
    }
}
