//! The sample texts the mutations start from, and a reading of their Markdown that owes
//! nothing to the verifier's.

use std::fs;
use std::ops::Range;
use std::path::Path;

use husting_deliberation::sentences;

/// Kinds of text; four samples each.
pub const KINDS: [&str; 5] = ["prose", "markdown", "german", "french", "cjk"];

/// A sample and where its sentences stand.
pub struct Text {
    pub kind: &'static str,
    pub body: String,
    pub sentences: Vec<Range<usize>>,
}

impl Text {
    /// The four samples of a kind.
    pub fn of(kind: &'static str) -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/quotes/texts");
        let read = |number| fs::read_to_string(folder.join(format!("{kind}-{number}.md"))).unwrap();
        (1..=4)
            .map(|number| Self::new(kind, read(number)))
            .collect()
    }

    fn new(kind: &'static str, body: String) -> Self {
        let found = sentences::split(&body).into_iter();
        let ranges = found.map(|sentence| sentence.start..sentence.end).collect();
        Self {
            kind,
            body,
            sentences: ranges,
        }
    }

    /// A sentence as written.
    pub fn written(&self, sentence: usize) -> &str {
        &self.body[self.sentences[sentence].clone()]
    }

    /// A sentence as a reader of the rendered text would copy it.
    pub fn plain(&self, sentence: usize) -> String {
        let written = self.written(sentence);
        if self.kind == "markdown" && !written.contains(['{', ';', '=']) {
            rendered(written)
        } else {
            written.to_owned()
        }
    }
}

/// Markdown without its marks.
pub fn rendered(markdown: &str) -> String {
    let mut text = markdown
        .replace("**", "")
        .replace(['*', '`'], "")
        .replace(" | ", " ");
    while let Some(start) = text.find('[') {
        let (Some(middle), Some(end)) = (text.find("]("), text.find(')')) else {
            break;
        };
        text = format!(
            "{}{}{}",
            &text[..start],
            &text[start + 1..middle],
            &text[end + 1..]
        );
    }
    let words = text.split_whitespace().filter(|word| *word != ">");
    words.map(unemphasised).collect::<Vec<_>>().join(" ")
}

fn unemphasised(word: &str) -> &str {
    word.strip_prefix('_')
        .and_then(|word| word.strip_suffix('_'))
        .unwrap_or(word)
}

/// Letters and digits only, in lower case: equal for texts that say the same words.
pub fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a character is Chinese, Japanese or Korean.
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}
