//! Where a bus is, and what of that may be shown.

use reqwest::Url;

/// A bus's address.
pub(super) struct Address<'a>(&'a Url);

impl<'a> Address<'a> {
    pub(super) const fn of(url: &'a Url) -> Self {
        Self(url)
    }

    /// Whether it is spoken to over server-sent events.
    pub(super) fn takes_events(&self) -> bool {
        self.end() == Some("sse")
    }

    /// Without anything that may be a secret: a token in the path, a password, a query.
    pub(super) fn shown(&self) -> String {
        let origin = self.0.origin().ascii_serialization();
        match self.end() {
            Some(end @ ("sse" | "mcp")) => format!("{origin}/{end}"),
            _ => origin,
        }
    }

    fn end(&self) -> Option<&'a str> {
        let mut segments = self.0.path_segments()?;
        segments.rfind(|segment| !segment.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://mcp.mumega.com/sse", true, "https://mcp.mumega.com/sse")]
    #[case("https://mcp.mumega.com/sse/", true, "https://mcp.mumega.com/sse")]
    #[case("http://127.0.0.1:6070/mcp", false, "http://127.0.0.1:6070/mcp")]
    #[case(
        "https://a:secret@bus.example/?token=secret",
        false,
        "https://bus.example"
    )]
    #[case("https://bus.example/sse/secret", false, "https://bus.example")]
    #[case("https://bus.example/classes", false, "https://bus.example")]
    fn an_address_is_shown_without_secrets(
        #[case] url: &str,
        #[case] takes_events: bool,
        #[case] shown: &str,
    ) {
        let url = url.parse().unwrap();
        let address = Address::of(&url);
        assert_eq!(address.takes_events(), takes_events);
        assert_eq!(address.shown(), shown);
    }
}
