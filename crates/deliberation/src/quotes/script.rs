//! Which writing a character belongs to, as far as word boundaries depend on it.

use unicode_normalization::char::is_combining_mark;

/// Chinese characters, also in Japanese and Korean text.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Hiragana.
pub(crate) fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}')
}

/// Katakana with its length mark; words in it are loan words and are not cut.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

/// Hangul syllables and letters.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}')
}

/// Writing without spaces between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    is_han(c) || is_hiragana(c) || is_katakana(c)
}

/// Chinese, Japanese or Korean.
pub(crate) fn is_cjk(c: char) -> bool {
    is_unspaced(c) || is_hangul(c)
}

/// Characters beside which a space carries nothing.
pub(crate) fn takes_no_space(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{3001}'..='\u{303f}' | '\u{30fb}')
}

/// A letter, digit or mark on one, or the underscore of a name in code.
pub(crate) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || is_combining_mark(c)
}

/// Whether there is anything to verify in a text.
pub(crate) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Digits written as Chinese characters.
pub(crate) fn is_han_numeral(c: char) -> bool {
    "〇零一二三四五六七八九十百千万萬亿億兆两兩".contains(c)
}
