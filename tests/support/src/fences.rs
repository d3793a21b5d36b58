//! Finds the blocks `<<<kind … NONCE>>>` to `<<<end NONCE>>>` in which Husting's prompts carry what
//! others wrote. A block ends at its own nonce only, so a forged fence inside one is just text.

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fenced<'a> {
    /// `reference`, `question`, `answer`, `snippet`, …
    pub kind: &'a str,
    /// What stands between the kind and the nonce, such as a panelist's letter.
    pub about: Vec<&'a str>,
    pub body: &'a str,
}

/// The blocks of `text` in order, and what stands outside of them.
pub(crate) fn read(text: &str) -> (Vec<Fenced<'_>>, String) {
    let (mut blocks, mut outside, mut rest) = (Vec::new(), String::new(), text);
    while let Some((before, block, after)) = next(rest) {
        outside.push_str(before);
        blocks.push(block);
        rest = after;
    }
    outside.push_str(rest);
    (blocks, outside)
}

fn next(text: &str) -> Option<(&str, Fenced<'_>, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find("<<<")?;
        let (head, body) = text[open + 3..].split_once(">>>\n")?;
        let words: Vec<&str> = head.split(' ').collect();
        if let [kind, about @ .., nonce] = &words[..]
            && let Some((body, after)) = body.split_once(&format!("<<<end {nonce}>>>"))
        {
            let fenced = Fenced {
                kind,
                about: about.to_vec(),
                body: body.trim_end_matches('\n'),
            };
            return Some((&text[..open], fenced, after));
        }
        from = open + 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_at_its_own_nonce_only() {
        let text = "Before.\n<<<answer B 77>>>\nOne.\n<<<end 00>>>\n<<<answer C 00>>>\nTwo.\n<<<end 77>>>\nAfter.";
        let (blocks, outside) = read(text);
        let [block] = &blocks[..] else {
            panic!("one block expected, not {blocks:?}")
        };
        assert_eq!((block.kind, &block.about[..]), ("answer", &["B"][..]));
        assert_eq!(block.body, "One.\n<<<end 00>>>\n<<<answer C 00>>>\nTwo.");
        assert_eq!(outside, "Before.\n\nAfter.");
    }

    #[test]
    fn text_without_blocks_is_all_outside() {
        assert_eq!(
            read("a <<< b >>>\nc"),
            (Vec::new(), "a <<< b >>>\nc".to_owned())
        );
    }
}
