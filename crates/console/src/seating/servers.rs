//! What was learned of the servers behind the seats since the program began.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::models::Model;
use husting_domain::providers::Provider;
use husting_seats::api::{Dialect, Endpoint};
use husting_seats::queue::Queue;

use super::machine::Machine;

/// Each by the server's address, so that two providers at one address share what was learned there;
/// queues by the machine, whose memory its servers share.
#[derive(Default)]
pub(crate) struct Servers {
    /// By the model too: of two models of one server, one may take what the other refuses.
    dialects: Mutex<HashMap<(String, String), Dialect>>,
    queues: Mutex<HashMap<Machine, Queue>>,
    /// The models that local servers listed when they were last asked.
    installed: Mutex<HashMap<String, Vec<String>>>,
}

impl Servers {
    pub fn dialect(&self, provider: &Provider, provider_model: &str) -> Dialect {
        let key = (address(provider), provider_model.to_owned());
        locked(&self.dialects).entry(key).or_default().clone()
    }

    pub fn queue(&self, provider: &Provider) -> Queue {
        let machine = Machine::of(provider);
        locked(&self.queues).entry(machine).or_default().clone()
    }

    /// Keeps what a local server has listed; others list what they offer, which is another thing.
    pub fn listed(&self, provider: &Provider, models: &[String]) {
        if provider.kind.is_local() {
            locked(&self.installed).insert(address(provider), models.to_vec());
        }
    }

    /// Whether `model` is there; `None` where nobody has asked yet.
    pub fn has(&self, provider: &Provider, model: &Model) -> Option<bool> {
        let installed = locked(&self.installed);
        let listed = installed.get(&address(provider))?;
        let wanted = tagged(&model.provider_model);
        Some(listed.iter().any(|listed| tagged(listed) == wanted))
    }
}

/// The same for every spelling of one address.
fn address(provider: &Provider) -> String {
    Endpoint::new(provider.kind, &provider.base_url, None)
        .base_url()
        .to_owned()
}

/// Ollama's name of a model that is written without a tag (<https://docs.ollama.com/api/introduction>).
fn tagged(model: &str) -> String {
    let name = model.rsplit('/').next().unwrap_or(model);
    if name.contains(':') {
        model.to_owned()
    } else {
        format!("{model}:latest")
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_is_the_latest() {
        assert_eq!(tagged("llama3"), "llama3:latest");
        assert_eq!(tagged("llama3:8b"), "llama3:8b");
        assert_eq!(
            tagged("registry:5000/me/llama3"),
            "registry:5000/me/llama3:latest"
        );
    }
}
