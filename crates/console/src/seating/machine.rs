//! The machine behind a local server: what its seats share, and so wait for.

use std::net::{Ipv4Addr, Ipv6Addr};

use husting_domain::models::{ModelId, SeatKind};
use husting_domain::providers::Provider;

use crate::catalog::Catalog;

/// Where a server runs, whatever its port: servers beside each other share one graphics card.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Machine {
    /// By any of its names for itself.
    This,
    /// By its name in the address.
    Other(String),
}

impl Machine {
    /// Where a local seat's server runs; `None` for every other seat.
    pub fn of_local(catalog: &Catalog, model: &ModelId) -> Option<Self> {
        let entry = catalog.entry(model)?;
        let is_local = entry.model.kind == SeatKind::Local;
        let provider = catalog.provider(&entry.model.provider)?;
        is_local.then(|| Self::of(provider))
    }

    pub fn of(provider: &Provider) -> Self {
        let url = reqwest::Url::parse(&provider.base_url).ok();
        // An address without a host calls nobody; it is like no other.
        let Some(host) = url.as_ref().and_then(reqwest::Url::host_str) else {
            return Self::Other(provider.base_url.clone());
        };
        let host = host.trim_end_matches('.');
        if is_this_machine(host) {
            Self::This
        } else {
            Self::Other(host.to_owned())
        }
    }
}

/// `localhost` and the names below it (RFC 6761, 6.3), every loopback address, and the address that
/// means all of one's own.
fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_unspecified();
    }
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use husting_domain::providers::ProviderKind;
    use husting_domain::time::Timestamp;

    use super::*;

    fn machine(kind: ProviderKind, base_url: &str) -> Machine {
        Machine::of(&Provider {
            name: "local".to_owned(),
            kind,
            base_url: base_url.to_owned(),
            key_tail: None,
            last_test: None,
            created_at: Timestamp::from_micros(0),
        })
    }

    #[test]
    fn this_machine_is_one_by_all_its_names_and_ports() {
        for (kind, base_url) in [
            (ProviderKind::Ollama, "http://127.0.0.1:11434"),
            (ProviderKind::OpenaiLocal, "http://localhost:8080/v1"),
            (ProviderKind::OpenaiLocal, "http://LOCALHOST.:1234/v1"),
            (ProviderKind::OpenaiLocal, "http://gpu.localhost/v1"),
            (ProviderKind::Ollama, "http://127.8.9.10"),
            (ProviderKind::Ollama, "http://[::1]:11434/v1"),
            (ProviderKind::Ollama, "http://[::ffff:127.0.0.1]:11434"),
            (ProviderKind::Ollama, "http://0.0.0.0:11434"),
        ] {
            assert_eq!(machine(kind, base_url), Machine::This, "{base_url}");
        }
    }

    #[test]
    fn another_machine_is_one_on_all_its_ports() {
        let (ollama, openai) = (ProviderKind::Ollama, ProviderKind::OpenaiLocal);
        let shed = machine(ollama, "http://shed.lan:11434");
        assert_eq!(shed, machine(openai, "https://Shed.lan:8080/v1"));
        for other in [
            "http://localhost.lan:11434",
            "http://attic.lan:11434",
            "http://192.168.0.7:11434",
        ] {
            assert_ne!(machine(ollama, other), shed);
            assert_ne!(machine(ollama, other), Machine::This, "{other}");
        }
    }
}
