//! Where the bus is.

use husting_home::Home;
use reqwest::Url;

use crate::door::RemoteDoor;
use crate::exit::Failure;

/// Where the bus stands below an instance's address.
const PATH: &str = "/mcp";

/// Where the bus is.
pub(super) enum Place {
    /// There.
    At(Url),
    /// Where the instance of this data folder listens, which the next one may not.
    Here(Home),
}

impl Place {
    /// The bus at this address; one without a path has it where Husting has it.
    ///
    /// # Errors
    /// Wrong usage where a token cannot or must not be sent there.
    pub(super) fn at(mut url: Url) -> Result<Self, Failure> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::Usage(
                "--url: write http:// or https://".to_owned(),
            ));
        }
        // Addresses are logged and shown.
        if url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
            let said =
                "--url: an address is logged; the token belongs into a file or the environment";
            return Err(Failure::Usage(said.to_owned()));
        }
        if url.path() == "/" {
            url.set_path(PATH);
        }
        Ok(Self::At(url))
    }

    /// Where it is now.
    pub(super) async fn find(&self) -> Option<Url> {
        match self {
            Self::At(url) => Some(url.clone()),
            Self::Here(home) => {
                let running = RemoteDoor::find(home).await.unwrap_or_else(|fault| {
                    tracing::warn!(%fault, "the running husting cannot be found");
                    None
                });
                // Where nothing of this folder runs, somebody else may listen at the usual port: they are
                // not sent the token.
                let running = running?;
                format!("{}{PATH}", running.http()).parse().ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        match Place::at(text.parse().unwrap()) {
            Ok(Place::At(url)) => Some(url.to_string()),
            _ => None,
        }
    }

    #[test]
    fn an_address_without_a_path_means_the_bus_below_it() {
        for (text, url) in [
            ("http://127.0.0.1:6071", "http://127.0.0.1:6071/mcp"),
            (
                "https://husting.example.org/",
                "https://husting.example.org/mcp",
            ),
            ("http://127.0.0.1:6070/mcp", "http://127.0.0.1:6070/mcp"),
            ("https://example.org/bus/mcp", "https://example.org/bus/mcp"),
        ] {
            assert_eq!(at(text).as_deref(), Some(url));
        }
    }

    #[test]
    fn an_address_with_a_secret_in_it_or_of_another_kind_is_refused() {
        for text in [
            "file:///etc/passwd",
            "http://127.0.0.1:6070/mcp?token=x",
            "http://a:b@127.0.0.1:6070/mcp",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
