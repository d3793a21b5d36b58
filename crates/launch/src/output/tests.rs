use super::*;
use husting_domain::secrets::redact;
use proptest::prelude::*;
use rstest::rstest;

const TOKEN: &str = "hst_a_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7i";
const DIGITS: &str = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7i";

fn shown(output: &str, limit: usize) -> String {
    let mut tail = Tail::new(limit);
    tail.push(output);
    tail.text()
}

#[rstest]
#[case("a\nb\n", "a\nb")]
#[case("\u{1b}[1;31mred\u{1b}[0m", "red")]
#[case("\u{1b}]0;title\u{7}text", "text")]
#[case("\u{1b}]8;;https://x.test\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link")]
#[case("\u{1b}]52;c;c2VjcmV0\u{7}x", "x")]
#[case("\u{1b}Pq#0;2\u{1b}\\x", "x")]
#[case("\u{9b}31mx", "31mx")]
#[case("10%\r20%\r100%", "100%")]
#[case("working…\r\u{1b}[Kdone", "done")]
#[case("abc\r\u{1b}[2Kx", "x")]
#[case("abc\u{8}\u{8}X", "aXc")]
#[case("a\tb", "a       b")]
#[case("one\ntwo\n\u{1b}[2A\u{1b}[JONE", "ONE")]
#[case("one\ntwo\u{1b}[1A\u{1b}[2K\u{1b}[GX", "X\ntwo")]
#[case("old\u{1b}[2J\u{1b}[Hnew", "old\nnew")]
#[case("a\u{202e}b\u{200b}c\u{feff}d\u{2066}", "abcd")]
#[case("a\u{0}b\u{7f}", "ab")]
#[case("", "")]
fn what_a_terminal_would_show_is_left(#[case] output: &str, #[case] text: &str) {
    assert_eq!(shown(output, 1000), text);
}

#[rstest]
#[case("token hst_t_0123456789abcdefghijABCDEFGHIJ end", "token hst_t_… end")]
#[case("mmo_live_0123456789abcdefghij", "mmo_live_…")]
#[case("Bearer hst_o_0123456789abcdefghijk\"", "Bearer hst_o_…\"")]
#[case("xhst_a_hst_a_0123456789abcdefghij", "xhst_a_hst_a_…")]
#[case("its prefix is hst_a_ and", "its prefix is hst_a_ and")]
#[case(
    "hst_a_short and hst_x_0123456789abcdefghij",
    "hst_a_short and hst_x_0123456789abcdefghij"
)]
fn a_token_becomes_its_prefix(#[case] text: &str, #[case] redacted: &str) {
    assert_eq!(redact(text), redacted);
}

#[test]
fn a_token_broken_over_lines_is_found() {
    let whole = TOKEN.split_at(20);
    for margin in ["\n", "\n  ", " │\n│ ", "\n> "] {
        let text = format!("see {}{margin}{} there", whole.0, &whole.1[..35]);
        assert_eq!(redact(&text), "see hst_a_… there", "{margin:?}");
    }
    // Words that happen to follow are no token.
    let text = "the prefix hst_a_\nnext line";
    assert_eq!(redact(text), text);
}

#[test]
fn a_control_sequence_or_an_unseen_character_within_a_token_does_not_save_it() {
    let (begin, end) = TOKEN.split_at(14);
    for between in [
        "\u{1b}[1m",
        "\u{200b}",
        "\u{1b}]0;x\u{7}",
        "\u{0}",
        "\u{fe0f}",
    ] {
        assert_eq!(shown(&format!("{begin}{between}{end}"), 999), "hst_a_…");
    }
}

#[test]
fn a_strangers_key_is_not_shown_either() {
    let key = strangers();
    let output = format!(
        "ANTHROPIC_API_KEY={key}\nGo \u{1b}[1m{}\u{1b}[m{}\n",
        &key[..30],
        &key[30..]
    );
    assert_eq!(
        shown(&output, 999),
        "ANTHROPIC_API_KEY=sk-ant-…\nGo sk-ant-…"
    );
}

/// Put together here, so that nobody who looks for keys in this file finds one.
fn strangers() -> String {
    format!("sk-ant-api03-{DIGITS}-{DIGITS}")
}

#[rstest]
#[case(TOKEN.to_owned())]
#[case(strangers())]
fn a_line_without_end_is_cut_and_no_part_of_a_secret_is_left(#[case] secret: String) {
    for before in 0..400 {
        let mut tail = Tail::new(100);
        for char in "=".repeat(before).chars().chain(secret.chars()) {
            tail.push(&char.to_string());
        }
        for _ in 0..30 {
            tail.push("= .");
            let text = tail.text();
            assert!(!leaks(&text), "{before}: {text}");
        }
    }
}

#[test]
fn much_output_is_bounded() {
    let mut tail = Tail::new(4096);
    for number in 0..200_000 {
        tail.push(&format!(
            "line {number} of a long output that goes on and on\n"
        ));
    }
    assert!(tail.text().len() <= 4096);
    assert!(
        tail.text()
            .ends_with("line 199999 of a long output that goes on and on")
    );
    for _ in 0..100 {
        tail.push(&"ß".repeat(10_000));
        assert!(tail.page.text().len() <= 4096);
        tail.push(&"\u{1b}]".repeat(5_000));
    }
}

/// Whether twelve digits of the token in a row are shown.
fn leaks(text: &str) -> bool {
    let plain: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    (0..DIGITS.len() - 12).any(|at| plain.contains(&DIGITS[at..at + 12]))
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        4 => Just(TOKEN.to_owned()),
        4 => "[a-z =:\n]{0,30}",
        1 => "\\PC{0,10}",
        1 => Just("\r".to_owned()),
        1 => "\u{1b}\\[[0-9]{0,2}[mKGCD]",
    ];
    prop::collection::vec(piece, 0..20)
}

proptest! {
    #[test]
    fn however_it_is_cut_the_text_is_the_same(
        pieces in pieces(),
        size in 1_usize..9,
        limit in 1_usize..300,
    ) {
        let output = pieces.concat();
        let chars: Vec<char> = output.chars().collect();
        let mut tail = Tail::new(limit);
        for chunk in chars.chunks(size) {
            tail.push(&chunk.iter().collect::<String>());
        }
        prop_assert_eq!(tail.text(), shown(&output, limit));
    }

    #[test]
    fn no_token_is_shown_and_no_limit_passed(
        words in prop::collection::vec(prop_oneof![
            Just(TOKEN.to_owned()),
            "[ -~]{0,30}".prop_map(|word| format!(" {word} ")),
            Just("\n".to_owned()),
            "\u{1b}\\[[0-9]{0,2}m",
        ], 0..30),
        limit in 1_usize..300,
    ) {
        let mut tail = Tail::new(limit);
        for word in words {
            tail.push(&word);
            let text = tail.text();
            prop_assert!(text.len() <= limit);
            prop_assert!(!leaks(&text), "{}", text);
        }
    }

    #[test]
    fn whatever_comes_nothing_unseen_is_shown(
        chunks in prop::collection::vec("[\u{0}-\u{a0}\u{200b}-\u{2070}\\[\\]ABCDHJKG0-9;é]{0,40}", 0..20),
        limit in 0_usize..200,
    ) {
        let mut tail = Tail::new(limit);
        for chunk in chunks {
            tail.push(&chunk);
        }
        let text = tail.text();
        prop_assert!(text.len() <= limit);
        prop_assert!(text.chars().all(|char| char == '\n' || !char.is_control()));
        let unseen = text.chars().any(|char| ('\u{200b}'..='\u{200f}').contains(&char));
        prop_assert!(!unseen);
    }
}
