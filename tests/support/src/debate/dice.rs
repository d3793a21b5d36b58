//! Choices that look arbitrary and are the same every time: each a hash of the words it depends on.

use sha2::{Digest, Sha256};

/// A number below `sides`, fixed by the words; 0 where there is no choice.
pub(super) fn throw(words: &[&str], sides: usize) -> usize {
    if sides == 0 {
        return 0;
    }
    let mut hash = Sha256::new();
    for word in words {
        // A separator no text contains keeps ["ab", "c"] and ["a", "bc"] apart.
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    let bytes = hash.finalize();
    let number = bytes
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number % sides as u64).unwrap_or(0)
}

/// Every item, in an order fixed by the words.
pub(super) fn shuffle<T>(words: &[&str], mut items: Vec<T>) -> Vec<T> {
    let mut shuffled = Vec::with_capacity(items.len());
    while !items.is_empty() {
        let turn = items.len().to_string();
        let words: Vec<&str> = words.iter().copied().chain([turn.as_str()]).collect();
        shuffled.push(items.remove(throw(&words, items.len())));
    }
    shuffled
}
