//! The first snapshot in the page: whole, once, and nowhere else.

use husting_wire::snapshot::Snapshot;

use super::*;
use crate::opening::tests::opening;

const PAGE: &str = "<body><div></div></body></html>";

fn answer(status: u16, kind: &str) -> Response<Cow<'static, [u8]>> {
    let answer = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind);
    answer.body(PAGE.as_bytes().into()).unwrap()
}

fn served(first: &First) -> String {
    let mut answer = answer(200, "text/html;charset=utf-8");
    first.write_into(&mut answer);
    String::from_utf8(answer.into_body().into_owned()).unwrap()
}

#[tokio::test]
async fn the_first_page_has_it_whole_whatever_stands_in_it_and_later_ones_ask() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("a</script><!--b");
    let opening = opening(&home);
    opening.begin();
    let first = First::default();
    first.clone().take(opening).await;
    for (status, kind) in [(200, "text/css"), (404, "text/html")] {
        let mut other = answer(status, kind);
        first.write_into(&mut other);
        assert_eq!(other.body().as_ref(), PAGE.as_bytes(), "{status} {kind}");
    }

    let page = served(&first);
    let before = r#"<body><div></div><script type="application/json" id="first-snapshot">"#;
    let (data, after) = page
        .strip_prefix(before)
        .unwrap()
        .split_once("</script>")
        .unwrap();
    assert_eq!(after, "</body></html>");
    assert!(!data.contains('<'));
    let snapshot: Snapshot = serde_json::from_str(data).unwrap();
    assert_eq!(snapshot.home, home.display().to_string());

    assert_eq!(served(&first), PAGE);
}

#[tokio::test]
async fn one_that_is_taken_after_the_page_is_given_to_none() {
    let home = tempfile::tempdir().unwrap();
    let opening = opening(home.path());
    let first = First::default();
    assert_eq!(served(&first), PAGE);
    opening.begin();
    first.clone().take(opening).await;
    assert_eq!(served(&first), PAGE);
}
