//! Bytes to text where a character may be cut between two chunks.

/// Holds the beginning of a character back until its end comes.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    held: Vec<u8>,
}

impl Decoder {
    /// The text of `bytes`; what is no UTF-8 becomes U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            if chunk.invalid().is_empty() {
                continue;
            }
            if chunks.peek().is_none() && may_go_on(chunk.invalid()) {
                self.held = chunk.invalid().to_vec();
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// What is left when nothing more comes.
    pub(crate) fn finish(&mut self) -> String {
        match std::mem::take(&mut self.held).is_empty() {
            true => String::new(),
            false => char::REPLACEMENT_CHARACTER.to_string(),
        }
    }
}

/// Whether `bytes` are a character's beginning.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn however_it_is_cut_the_text_is_that_of_the_whole(
            text in prop::collection::vec(prop_oneof![
                "\\PC{0,6}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..6),
            ], 0..8),
            cuts in prop::collection::vec(1_usize..5, 1..40),
        ) {
            let bytes = text.concat();
            let mut decoder = Decoder::default();
            let mut read = String::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                let (chunk, after) = rest.split_at((*cut).min(rest.len()));
                read += &decoder.push(chunk);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            read += &decoder.finish();
            prop_assert_eq!(read, String::from_utf8_lossy(&bytes));
        }
    }
}
