//! Tokens in a text become their prefix and `…`.

const PREFIXES: &[&str] = &["hst_a_", "hst_t_", "hst_o_", "mmo_live_"];
/// From so many digits on it is taken for a token, also where it was cut short.
const FEWEST_DIGITS: usize = 20;
/// A whole token has so many: 32 bytes in base 62 and a checksum.
const ALL_DIGITS: usize = 49;

/// `text` with each of our tokens and keys as its prefix and `…`: those in one piece, and those that
/// a program broke over several lines to fit its width.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, prefix)) = first_prefix(rest) {
        let after = at + prefix.len();
        shown.push_str(&rest[..after]);
        rest = &rest[after..];
        let length = token_length(rest);
        if length > 0 {
            shown.push('…');
            rest = &rest[length..];
        }
    }
    shown.push_str(rest);
    shown
}

/// The first prefix in `text`. Looks no further than to it, so that many are found in little time.
fn first_prefix(text: &str) -> Option<(usize, &'static str)> {
    text.match_indices(['h', 'm'])
        .find_map(|(at, _)| Some((at, prefix_at(&text[at..])?)))
}

fn prefix_at(text: &str) -> Option<&'static str> {
    let mut prefixes = PREFIXES.iter().copied();
    prefixes.find(|prefix| text.starts_with(prefix))
}

/// How many bytes of `text`, which follows a prefix, belong to the token; 0 when it is none.
fn token_length(text: &str) -> usize {
    let first = digits(text);
    let (mut length, mut count) = (first, first);
    // A line's end within a token: go on behind the next line's margin.
    while count > 0 && count < ALL_DIGITS {
        let Some(margin) = margin_of_next_line(&text[length..]) else {
            break;
        };
        let more = digits(&text[length + margin..]);
        if more == 0 {
            break;
        }
        length += margin + more;
        count += more;
    }
    match (count >= ALL_DIGITS, first >= FEWEST_DIGITS) {
        (true, _) => length,
        (false, true) => first,
        (false, false) => 0,
    }
}

/// Up to the next token, where one follows without a gap.
fn digits(text: &str) -> usize {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric());
    let end = end.unwrap_or(text.len());
    let mut begins = text[..end].match_indices(['h', 'm']).map(|(at, _)| at);
    begins
        .find(|&at| prefix_at(&text[at..]).is_some())
        .unwrap_or(end)
}

/// The bytes up to what is written on the next line, where `text` begins with the end of this one.
fn margin_of_next_line(text: &str) -> Option<usize> {
    let next = text.trim_start_matches([' ', '│', '|']);
    let next = next.strip_prefix('\n')?;
    Some(text.len() - next.trim_start_matches([' ', '│', '|', '>']).len())
}

/// Whether a line's last word is a token, which the next line may go on with.
pub(super) fn ends_in_a_token(line: &[char]) -> bool {
    let line: String = line.iter().collect();
    let line = line.trim_end_matches([' ', '│', '|']);
    let word = line.rfind(|char| !is_of_a_token(char));
    let word = word.map_or(line, |at| &line[at..]);
    first_prefix(word).is_some()
}

/// `text`, whose beginning is gone, without what may be a token's last part.
pub(super) fn drop_rest_of_a_token(text: &str) -> &str {
    text.trim_start_matches([' ', '│', '|', '>'])
        .trim_start_matches(is_of_a_token)
}

fn is_of_a_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}
