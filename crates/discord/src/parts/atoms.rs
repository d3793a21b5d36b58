//! What Discord shows as one thing: mentions, its own emoji, moments, commands.

use std::ops::Range;

/// Longer ones are none.
const LONGEST: usize = 200;

/// The thing that a cut at this byte would fall into, by its place:
/// <https://docs.discord.com/developers/reference#message-formatting>.
pub(super) fn around(text: &str, cut: usize) -> Option<Range<usize>> {
    let begin = text[..cut].rfind('<')?;
    let end = begin + text[begin..].find('>')? + 1;
    let is_inside = begin < cut && cut < end && end - begin <= LONGEST;
    (is_inside && is_atom(&text[begin + 1..end - 1])).then_some(begin..end)
}

/// What stands between `<` and `>`.
fn is_atom(inside: &str) -> bool {
    let numbers = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let named = |text: &str| {
        text.rsplit_once(':')
            .is_some_and(|(name, id)| !name.is_empty() && numbers(id))
    };
    let user = inside
        .strip_prefix('@')
        .map(|id| id.trim_start_matches(['!', '&']));
    let is_mention = user
        .or_else(|| inside.strip_prefix('#'))
        .is_some_and(numbers);
    let emoji = inside
        .strip_prefix("a:")
        .or_else(|| inside.strip_prefix(':'));
    let command = inside.strip_prefix('/');
    let is_moment = inside.strip_prefix("t:").is_some_and(|moment| {
        let seconds = moment.split(':').next().unwrap_or_default();
        numbers(seconds.trim_start_matches('-'))
    });
    is_mention || emoji.or(command).is_some_and(named) || is_moment || inside.starts_with("id:")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<@123>")]
    #[case("<@!123>")]
    #[case("<@&123>")]
    #[case("<#123>")]
    #[case("<:name:123>")]
    #[case("<a:name:123>")]
    #[case("<t:1618953630:R>")]
    #[case("</ask agent:123>")]
    #[case("<id:browse>")]
    fn no_cut_falls_into_it(#[case] atom: &str) {
        let text = format!("é {atom} é");
        let place = 3..3 + atom.len();
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let inside = place.start < cut && cut < place.end;
            assert_eq!(
                around(&text, cut),
                inside.then(|| place.clone()),
                "at {cut}"
            );
        }
    }

    #[rstest]
    #[case("a < b and c > d")]
    #[case("<div class>")]
    #[case("<@name>")]
    #[case("<@123")]
    fn other_angles_are_text(#[case] text: &str) {
        assert!((0..text.len()).all(|cut| around(text, cut).is_none()));
    }
}
