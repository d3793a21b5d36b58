//! A gateway session, and how far it was read.

use husting_domain::discord::Cursor;
use husting_domain::time::Timestamp;
use reqwest::Url;

/// How a cursor's resume URL says that its session has no Message Content. A fragment is never sent.
const WITHOUT_CONTENT: &str = "without-message-content";

/// A session that Discord may let us take up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub id: String,
    /// None where Discord gave none that can be used: the gateway's own address serves as well.
    resume_url: Option<Url>,
    /// The last event that was read.
    pub sequence: u64,
    /// Whether it was begun without Message Content.
    pub without_content: bool,
    /// How often in a row Discord did not take it up.
    pub refusals: u32,
}

impl Session {
    /// As READY begins it.
    pub fn begun(id: String, resume_url: &str, sequence: u64, without_content: bool) -> Self {
        Self {
            id,
            resume_url: socket(resume_url),
            sequence,
            without_content,
            refusals: 0,
        }
    }

    /// As another process left it.
    pub fn left(cursor: Cursor) -> Self {
        let url = socket(&cursor.resume_url);
        let without_content = url.as_ref().and_then(Url::fragment) == Some(WITHOUT_CONTENT);
        Self::begun(
            cursor.session,
            &cursor.resume_url,
            cursor.sequence,
            without_content,
        )
    }

    /// How far it was read.
    pub fn cursor(&self, at: Timestamp) -> Cursor {
        let mut url = self.resume_url.clone();
        if let Some(url) = &mut url {
            url.set_fragment(self.without_content.then_some(WITHOUT_CONTENT));
        }
        Cursor {
            session: self.id.clone(),
            resume_url: url.map(String::from).unwrap_or_default(),
            sequence: self.sequence,
            at,
        }
    }

    /// Where it is resumed, as the library wants it: without a slash at the end. None where that is not
    /// of the same kind as the gateway: a token that is meant for Discord goes to no unsealed socket, and
    /// a test's goes to no other server.
    pub fn address(&self, gateway: &Url) -> Option<String> {
        let url = self.resume_url.clone()?;
        (url.scheme() == gateway.scheme()).then(|| address(url))
    }
}

/// A WebSocket's address; the library panics at one that is none.
pub(super) fn socket(url: &str) -> Option<Url> {
    let url = Url::parse(url.trim()).ok()?;
    (matches!(url.scheme(), "ws" | "wss") && url.has_host()).then_some(url)
}

/// As the library wants it: it adds the query itself.
pub(super) fn address(mut url: Url) -> String {
    url.set_fragment(None);
    url.set_query(None);
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(7);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[rstest]
    fn a_session_survives_its_cursor(#[values(false, true)] without_content: bool) {
        let resume = "wss://gateway-us-east1-b.discord.gg";
        let session = Session::begun("abc".into(), resume, 3, without_content);
        let cursor = session.cursor(NOW);
        assert_eq!((cursor.session.as_str(), cursor.sequence), ("abc", 3));
        let again = Session::left(cursor);
        assert_eq!(again.without_content, without_content);
        let address = again.address(&url("wss://gateway.discord.gg"));
        assert_eq!(address.as_deref(), Some(resume));
    }

    #[rstest]
    #[case("", "wss://gateway.discord.gg")]
    #[case("discord", "wss://gateway.discord.gg")]
    #[case("https://discord.gg", "wss://gateway.discord.gg")]
    #[case("wss://", "wss://gateway.discord.gg")]
    #[case::unsealed("ws://gateway.discord.gg", "wss://gateway.discord.gg")]
    #[case::of_a_test("wss://gateway.discord.gg", "ws://127.0.0.1:9")]
    fn a_session_is_not_resumed_just_anywhere(#[case] resume: &str, #[case] gateway: &str) {
        let session = Session::begun("abc".into(), resume, 3, false);
        assert_eq!(session.address(&url(gateway)), None);
    }

    #[test]
    fn a_path_is_kept_and_a_query_is_not() {
        let session = Session::begun("a".into(), "ws://127.0.0.1:9/resume/?v=9#x", 1, false);
        let address = session.address(&url("ws://127.0.0.1:9"));
        assert_eq!(address.as_deref(), Some("ws://127.0.0.1:9/resume"));
    }
}
