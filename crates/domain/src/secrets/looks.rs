//! The looks of secrets: the mark that they begin with, and what follows it.

/// A run is looked through no further than this, so that a text of many marks takes little time. No
/// key is as long.
const FURTHEST: usize = 400;
/// So many letters and digits without a hyphen are no word.
const RANDOM_RUN: usize = 16;
/// Nor is a text of hyphens, letters and digits that is so long.
const RANDOM_TEXT: usize = 32;

/// What may follow a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Letters and digits.
    Plain,
    /// And `-` and `_`.
    Linked,
    /// Capitals and digits.
    Capitals,
}

/// How many letters follow a mark.
#[derive(Clone, Copy)]
enum Length {
    /// A whole one has so many; one that was cut short is known from so many on.
    Whole { fewest: usize, whole: usize },
    /// Exactly so many, and no other letter after them.
    Exactly(usize),
    /// At least so many, which look like chance and not like words.
    Random { fewest: usize },
}

/// How a kind of secret looks.
pub(super) struct Look {
    /// It begins so; this much of it may be shown.
    pub(super) mark: &'static str,
    letters: Letters,
    length: Length,
    /// The mark stands in no other word, so that it is found in the midst of one.
    in_words: bool,
}

const fn own(mark: &'static str) -> Look {
    Look {
        mark,
        letters: Letters::Plain,
        // 32 bytes in base 62 and a checksum.
        length: Length::Whole {
            fewest: 20,
            whole: 49,
        },
        in_words: true,
    }
}

const fn whole(mark: &'static str, letters: Letters, fewest: usize, whole: usize) -> Look {
    Look {
        mark,
        letters,
        length: Length::Whole { fewest, whole },
        in_words: false,
    }
}

const fn random(mark: &'static str, fewest: usize) -> Look {
    Look {
        mark,
        letters: Letters::Linked,
        length: Length::Random { fewest },
        in_words: false,
    }
}

const fn exactly(mark: &'static str, count: usize) -> Look {
    Look {
        mark,
        letters: Letters::Capitals,
        length: Length::Exactly(count),
        in_words: false,
    }
}

const fn in_words(look: Look) -> Look {
    Look {
        in_words: true,
        ..look
    }
}

/// Husting's own.
pub(super) const OWN: &[Look] = &[
    own("hst_a_"),
    own("hst_t_"),
    own("hst_o_"),
    own("mmo_live_"),
];

/// Those of vendors, as their pages show them; the longer mark first.
pub(super) const FOREIGN: &[Look] = &[
    // Anthropic, OpenAI, OpenRouter, and all who took the mark over.
    in_words(random("sk-ant-", 20)),
    in_words(random("sk-proj-", 20)),
    in_words(random("sk-svcacct-", 20)),
    in_words(random("sk-or-v1-", 20)),
    random("sk-", 20),
    // Stripe, ElevenLabs.
    random("sk_", 20),
    random("rk_", 20),
    random("xai-", 20),
    whole("gsk_", Letters::Plain, 20, 52),
    random("pplx-", 20),
    whole("hf_", Letters::Plain, 30, 34),
    // Google.
    whole("AIza", Letters::Linked, 30, 35),
    random("AQ.", 40),
    // GitHub, GitLab, npm.
    in_words(whole("github_pat_", Letters::Linked, 20, 82)),
    whole("ghp_", Letters::Plain, 20, 36),
    whole("gho_", Letters::Plain, 20, 36),
    whole("ghu_", Letters::Plain, 20, 36),
    whole("ghs_", Letters::Plain, 20, 36),
    whole("ghr_", Letters::Plain, 20, 36),
    random("glpat-", 20),
    whole("npm_", Letters::Plain, 30, 36),
    // Slack.
    random("xoxa-", 20),
    random("xoxb-", 20),
    random("xoxp-", 20),
    random("xoxr-", 20),
    random("xoxs-", 20),
    random("xapp-", 20),
    // AWS, in base 32.
    exactly("AKIA", 16),
    exactly("ASIA", 16),
];

/// By its first two bytes, whether a secret may begin so. Almost no place of a text has to be looked at
/// more closely then.
static BEGINNINGS: [[bool; 128]; 128] = {
    let mut begins = [[false; 128]; 128];
    let mut at = 0;
    while at < OWN.len() + FOREIGN.len() + BOT_NUMBERS.len() {
        let mark = if at < OWN.len() {
            OWN[at].mark.as_bytes()
        } else if at < OWN.len() + FOREIGN.len() {
            FOREIGN[at - OWN.len()].mark.as_bytes()
        } else {
            BOT_NUMBERS[at - OWN.len() - FOREIGN.len()]
        };
        begins[mark[0] as usize][mark[1] as usize] = true;
        at += 1;
    }
    begins
};

/// The digits 1 to 9, and a further digit behind them, begin so in base64.
const BOT_NUMBERS: &[&[u8]] = &[
    b"MT", b"Mj", b"Mz", b"ND", b"NT", b"Nj", b"Nz", b"OD", b"OT",
];

/// Whether a secret may begin with these two bytes.
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    first < 128 && second < 128 && BEGINNINGS[usize::from(first)][usize::from(second)]
}

impl Letters {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Linked => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        }
    }
}

impl Look {
    /// Whether `text` has the mark at `at`.
    pub(super) fn begins(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        bytes[at..].starts_with(self.mark.as_bytes()) && (self.in_words || begins_word(bytes, at))
    }

    /// How many bytes of `rest`, which follows the mark, belong to the secret; 0 where it is none.
    /// One that a program broke over several lines to fit its width goes on behind their margins.
    pub(super) fn length(&self, rest: &str) -> usize {
        let first = self.run(rest);
        let (mut length, mut letters) = (first, rest[..first].to_owned());
        while !letters.is_empty() && letters.len() < self.whole() {
            let Some(margin) = margin_of_next_line(&rest[length..]) else {
                break;
            };
            let next = &rest[length + margin..];
            let more = &next[..self.run(next)];
            if more.is_empty() || !self.goes_on_with(more) {
                break;
            }
            length += margin + more.len();
            letters += more;
        }
        if length > first && self.is_whole(&letters) {
            return length;
        }
        let ends = !rest[first..].starts_with(|char: char| char.is_ascii_alphanumeric());
        if !self.is_one(&rest[..first], ends) {
            return 0;
        }
        // All of it, also of one that is longer than any key.
        let mut end = first;
        while let more @ 1.. = self.run(&rest[end..]) {
            end += more;
        }
        end
    }

    fn whole(&self) -> usize {
        match self.length {
            Length::Whole { whole, .. } => whole,
            Length::Exactly(count) => count,
            Length::Random { .. } => FURTHEST,
        }
    }

    /// Up to the next of our tokens, where one follows without a gap.
    fn run(&self, text: &str) -> usize {
        let bytes = text.as_bytes().iter().take(FURTHEST);
        let end = bytes.take_while(|byte| self.letters.has(**byte)).count();
        let mut begins = (0..end).filter(|&at| OWN.iter().any(|own| own.begins(text, at)));
        begins.next().unwrap_or(end)
    }

    /// Whether a secret without a known end goes on at the next line: words do not.
    fn goes_on_with(&self, more: &str) -> bool {
        match self.length {
            Length::Whole { .. } => true,
            Length::Exactly(_) => false,
            Length::Random { .. } => has_letters_and_digits(more),
        }
    }

    /// Whether letters of several lines are one secret.
    fn is_whole(&self, letters: &str) -> bool {
        match self.length {
            Length::Whole { whole, .. } => letters.len() >= whole,
            Length::Exactly(_) => false,
            Length::Random { fewest } => letters.len() >= fewest && looks_random(letters),
        }
    }

    fn is_one(&self, letters: &str, ends: bool) -> bool {
        match self.length {
            Length::Whole { fewest, .. } => letters.len() >= fewest,
            Length::Exactly(count) => letters.len() == count && ends,
            Length::Random { fewest } => letters.len() >= fewest && looks_random(letters),
        }
    }
}

/// How many bytes of `text` at `at` are a Discord bot's token: three parts, of which the first is the
/// bot's number in base64. 0 where there is none.
pub(super) fn bot_token(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let is_number = BOT_NUMBERS
        .iter()
        .any(|number| bytes[at..].starts_with(number));
    if !is_number || !begins_word(bytes, at) {
        return 0;
    }
    let mut end = at;
    for (fewest, most) in [(22, 30), (5, 8), (25, FURTHEST)] {
        if end > at {
            if bytes.get(end) != Some(&b'.') {
                return 0;
            }
            end += 1;
        }
        let part = bytes[end..].iter().take(FURTHEST);
        let count = part.take_while(|byte| Letters::Linked.has(**byte)).count();
        if !(fewest..=most).contains(&count) {
            return 0;
        }
        end += count;
    }
    end - at
}

fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    !before.is_some_and(u8::is_ascii_alphanumeric)
}

fn looks_random(letters: &str) -> bool {
    let is_long = letters.len() >= RANDOM_TEXT
        || letters
            .split(['-', '_'])
            .any(|run| run.len() >= RANDOM_RUN && has_letters_and_digits(run));
    is_long && has_letters_and_digits(letters)
}

fn has_letters_and_digits(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The bytes up to what is written on the next line, where `text` begins with the end of this one.
fn margin_of_next_line(text: &str) -> Option<usize> {
    let next = text.trim_start_matches([' ', '│', '|']);
    let next = next.strip_prefix('\n')?;
    Some(text.len() - next.trim_start_matches([' ', '│', '|', '>']).len())
}
