use proptest::prelude::*;
use rstest::rstest;

use super::*;

const BODY: &str =
    "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7i8jK9lM0nO1pQ2rS3tU4vW5xY6zA7bC8dE9fG0h";

/// `mark` with so many letters behind it, as chance makes them. Put together here, so that nobody who
/// looks for keys in this file finds one.
fn key(mark: &str, letters: usize) -> String {
    format!("{mark}{}", &BODY[..letters])
}

#[rstest]
#[case("hst_t_", 40)]
#[case("mmo_live_", 20)]
#[case("sk-", 32)]
#[case("sk-ant-", 90)]
#[case("sk-proj-", 60)]
#[case("sk_", 48)]
#[case("xai-", 80)]
#[case("gsk_", 52)]
#[case("pplx-", 48)]
#[case("hf_", 34)]
#[case("AIza", 35)]
#[case("AQ.", 50)]
#[case("github_pat_", 82)]
#[case("ghp_", 36)]
#[case("gho_", 36)]
#[case("ghs_", 36)]
#[case("glpat-", 20)]
#[case("npm_", 36)]
#[case("xoxb-", 50)]
#[case("xoxp-", 70)]
#[case("xapp-", 60)]
fn a_key_that_its_vendor_marks_becomes_its_mark(#[case] mark: &str, #[case] letters: usize) {
    let key = key(mark, letters);
    for (before, after) in [
        ("", ""),
        ("--key=", " end"),
        ("Bearer ", "\""),
        ("é", ","),
        ("'", "'"),
    ] {
        let text = format!("{before}{key}{after}");
        assert_eq!(redact(&text), format!("{before}{mark}…{after}"), "{text}");
        assert!(stand_in(&text), "{text}");
    }
}

#[test]
fn a_key_of_aws_is_exactly_so_long() {
    let letters = "Q7MT4XWZ2LKPB5RC";
    for mark in ["AKIA", "ASIA"] {
        let key = format!("{mark}{letters}");
        assert_eq!(redact(&format!("id={key}.")), format!("id={mark}…."));
        for none in [
            format!("{key}X"),
            format!("x{key}"),
            key[..19].to_owned(),
            format!("{key}x"),
        ] {
            assert_eq!(redact(&none), none);
        }
    }
}

#[test]
fn the_token_of_a_discord_bot_is_known_by_its_three_parts() {
    let (number, stamp, proof) = ("MTIzNDU2Nzg5MDEyMzQ1Njc4", "GabC1d", &BODY[..38]);
    let token = format!("{number}.{stamp}.{proof}");
    assert_eq!(redact(&format!("Bot {token}, sir")), "Bot …, sir");
    for none in [
        format!("x{token}"),
        format!("{number}.{stamp}"),
        format!("{number}.{stamp}.short"),
        format!("{number}.{proof}.{proof}"),
        token.replacen('M', "e", 1),
    ] {
        assert_eq!(redact(&none), none);
    }
}

#[rstest]
#[case("a task-0123456789abcdef0123456789abcdef of the risk-0123456789abcdef0123")]
#[case("pip install sk-learn-pipeline-for-text")]
#[case("--model sk-learn --disk /dev/disk/by-id")]
#[case("sk-… ghp_ AKIA AIza xoxb- hst_a_ and github_pat_")]
#[case("THE AKIAN EMPIRE OF ASIAGO")]
#[case("MY.NAME.IS")]
#[case("codex exec -p cody -c mcp_servers.sos.required=true 'You are cody.'")]
#[case("claude --mcp-config /home/ana/agents/bruno-019ab3c4-5678-7abc-8def-0123456789ab/.mcp.json")]
#[case("docker run sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
fn ordinary_words_stay(#[case] text: &str) {
    assert_eq!(redact(text), text);
    assert!(!stand_in(text));
}

#[test]
fn quotes_within_a_key_do_not_hide_it_in_a_command() {
    let key = key("ghp_", 36);
    let (begin, end) = key.split_at(12);
    for between in ["''", "\"\"", "\\", "'\"\"'"] {
        let command = format!("claude -p {begin}{between}{end}");
        assert!(stand_in(&command), "{command}");
    }
}

#[rstest]
#[case("sk-ant-", 90)]
#[case("ghp_", 36)]
#[case("sk-", 40)]
fn a_key_broken_over_lines_is_found_and_the_words_after_it_stay(
    #[case] mark: &str,
    #[case] letters: usize,
) {
    let key = key(mark, letters);
    for at in [mark.len() + 3, mark.len() + 24] {
        let (begin, end) = key.split_at(at);
        for margin in ["\n", "\n  ", " │\n│ ", "\n> "] {
            let text = format!("see {begin}{margin}{end}\nThen more.");
            assert_eq!(
                redact(&text),
                format!("see {mark}…\nThen more."),
                "{text:?}"
            );
        }
    }
}

#[test]
fn of_a_file_only_our_own_are_left_out() {
    let (own, other) = (key("hst_a_", 49), key("sk-ant-", 90));
    let text = format!("{{\"a\": \"Bearer {own}\", \"b\": \"{other}\", \"c\": \"/sse/{own}\"}}");
    let kept =
        format!("{{\"a\": \"Bearer hst_a_…\", \"b\": \"{other}\", \"c\": \"/sse/hst_a_…\"}}");
    assert_eq!(without_own(&text), kept);
}

#[test]
fn all_of_husting_s_own_are_found_in_their_order_and_no_other() {
    let (own, of_a_key) = (key("hst_a_", 48), key("mmo_live_", 20));
    let other = key("ghp_", 36);
    let text = format!("{{\"a\": \"é {own}\", \"b\": \"{other}\", \"c\": \"/sse/{of_a_key}\"}}");
    assert_eq!(own_in(&text), [&own, &of_a_key]);
    assert_eq!(own_in(&other), [""; 0]);
}

#[test]
fn where_keys_are_spoken_of_what_begins_like_one_is_taken_for_one() {
    for word in [
        "sk-p********wxyz",
        "sk-ant-api03-AbC_dEf",
        "gsk_abcdefghij",
        "key-abcdefg",
        "AKIAABCDEFG",
    ] {
        assert!(may_be_one(word), "{word}");
    }
    for word in ["sk-learn", "key-", "max_tokens", "models/gpt-5"] {
        assert!(!may_be_one(word), "{word}");
    }
}

#[test]
fn a_text_of_nothing_but_marks_takes_little_time() {
    for mark in ["sk-", "hst_a_", "AIza", "M.", "sk-ant-\n", "xoxb-1\n"] {
        let text = mark.repeat(20_000);
        let start = std::time::Instant::now();
        assert!(redact(&text).len() <= text.len());
        assert!(
            start.elapsed().as_secs() < 20,
            "{mark}: {:?}",
            start.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn whatever_stands_around_a_key_it_is_not_shown(
        before in "[ -~é\n]{0,40}",
        after in "([ ,;\"'é\n][ -~]{0,20})?",
        mark in prop::sample::select(vec!["hst_a_", "sk-ant-", "github_pat_", "mmo_live_"]),
    ) {
        let text = format!("{before}{}{after}", key(mark, 82));
        let shown = redact(&text);
        prop_assert!(!shown.contains(&BODY[10..22]), "{}", shown);
    }

    #[test]
    fn nothing_is_lost_but_secrets(text in "[ -~é│\n]{0,200}") {
        if !stand_in(&text) {
            prop_assert_eq!(redact(&text), text);
        }
    }
}
