//! A provider's record of a request, read as the model would read it.

use husting_test_support::Recorded;
use serde_json::Value;

/// A block `<<<head NONCE>>>` … `<<<end NONCE>>>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Without the nonce: `reference`, `question`, `answer B`, `snippet KEEP B`.
    pub head: String,
    pub body: String,
}

/// Everything the model was given to read, the system's words first.
pub fn text(call: &Recorded) -> String {
    let mut words = Vec::new();
    gather(&call.body["system"], &mut words);
    gather(&call.body["messages"], &mut words);
    words.join("\n")
}

/// The blocks in order, and what stands outside of them. A block ends at its own nonce only.
pub fn blocks(text: &str) -> (Vec<Block>, String) {
    let (mut found, mut outside, mut rest) = (Vec::new(), String::new(), text);
    while let Some((before, block, after)) = first(rest) {
        outside.push_str(before);
        found.push(block);
        rest = after;
    }
    (found, outside + rest)
}

/// The bodies of the blocks whose head begins with `kind`.
pub fn bodies(call: &Recorded, kind: &str) -> Vec<String> {
    let (found, _) = blocks(&text(call));
    let of_kind = found
        .into_iter()
        .filter(|block| block.head.starts_with(kind));
    of_kind.map(|block| block.body).collect()
}

/// The most tokens asked for.
pub fn output_cap(call: &Recorded) -> u64 {
    let cap = ["max_tokens", "max_completion_tokens"];
    cap.iter()
        .find_map(|name| call.body.get(name)?.as_u64())
        .unwrap()
}

fn first(text: &str) -> Option<(&str, Block, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find("<<<")?;
        let (head, rest) = text[open + 3..].split_once(">>>\n")?;
        if !head.contains(['\n', '<', '>'])
            && let Some((head, nonce)) = head.rsplit_once(' ')
            && let Some((body, after)) = rest.split_once(&format!("\n<<<end {nonce}>>>"))
        {
            let block = Block {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            return Some((&text[..open], block, after));
        }
        from = open + 3;
    }
}

/// Every text of a message, whether it stands alone or in blocks.
fn gather(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::Object(fields) => ["content", "text"]
            .iter()
            .filter_map(|name| fields.get(*name))
            .for_each(|value| gather(value, words)),
        _ => {}
    }
}
