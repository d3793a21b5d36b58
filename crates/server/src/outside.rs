//! Being reached from other machines, under a name of the operator's. Husting speaks no TLS itself:
//! what stands before it does, and keeps logs of addresses.

use std::net::SocketAddr;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Scheme;

/// How others reach the listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Where they do.
    pub url: PublicUrl,
    /// An address to listen on besides this machine's own; none where a proxy on this machine passes
    /// requests on.
    pub listen: Option<SocketAddr>,
    /// A token may stand in the path of a legacy stream all the same.
    pub allow_path_tokens: bool,
}

/// `https://husting.example.org`: a scheme and a host, with its port where it is another than usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    is_https: bool,
    host: String,
}

/// Why a text is no public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePublicUrlError {
    /// More or less than scheme and host.
    #[error("write a scheme and a host, such as https://husting.example.org")]
    Form,
}

impl PublicUrl {
    /// Whether tokens are hidden on their way.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.is_https
    }

    /// What stands in `Host`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for PublicUrl {
    type Err = ParsePublicUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| ParsePublicUrlError::Form)?;
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let is_bare = uri.path() == "/" && uri.query().is_none() && !text.contains('#');
        let authority = uri.authority().filter(|authority| {
            is_bare && !authority.as_str().contains('@') && !authority.host().is_empty()
        });
        let authority = authority.ok_or(ParsePublicUrlError::Form)?;
        if !is_https && uri.scheme() != Some(&Scheme::HTTP) {
            return Err(ParsePublicUrlError::Form);
        }
        // Browsers leave the usual port out, and write names small.
        let usual = if is_https { 443 } else { 80 };
        let name = authority.host().to_ascii_lowercase();
        let host = match authority.port_u16().filter(|port| *port != usual) {
            Some(port) => format!("{name}:{port}"),
            None => name,
        };
        Ok(Self { is_https, host })
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host() {
        for (text, shown) in [
            ("https://husting.example.org", "https://husting.example.org"),
            (
                "https://Husting.Example.org:443/",
                "https://husting.example.org",
            ),
            ("https://example.org:8443", "https://example.org:8443"),
            ("http://[fd00::1]:80", "http://[fd00::1]"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(url.is_https(), shown.starts_with("https"));
        }
        for text in [
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "https://example.org/bus",
            "https://example.org/?a=b",
            "https://example.org#a",
            "https://ana:secret@example.org",
        ] {
            assert_eq!(
                text.parse::<PublicUrl>(),
                Err(ParsePublicUrlError::Form),
                "{text}"
            );
        }
    }
}
