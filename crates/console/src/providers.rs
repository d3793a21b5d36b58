//! Providers: added with a key, tested with a free call, removed with everything of theirs.

use std::collections::BTreeMap;

use husting_domain::ids::TenantId;
use husting_domain::models::ModelId;
use husting_domain::providers::{
    NAME_RULE, PRESETS, Preset, Provider, ProviderKind, ProviderTest, is_name,
};
use husting_domain::time::Timestamp;
use husting_seats::api::Endpoint;
use husting_seats::probe;
use husting_store::{Require, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::models::AddModel;
use husting_wire::providers::{
    AddProvider, ChangeAddress, NO_TAIL, ProviderList, ProviderOffer, ProviderPreset, ProviderView,
    ReplaceKey,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::Inner;
use crate::catalog::{new_model, table_row};
use crate::errors::Outward;
use crate::keys::{key_name, tail_of};

/// Most models that come with a provider by themselves.
const MOST_KNOWN_MODELS: usize = 12;

/// Variables under which keys are commonly found, and whose they are: each vendor's own, and Google's
/// other name for Gemini's.
pub(crate) fn known_variables() -> impl Iterator<Item = (&'static str, &'static Preset)> {
    let own = PRESETS
        .iter()
        .filter_map(|preset| Some((preset.key_variable?, preset)));
    let gemini = PRESETS
        .iter()
        .filter(|preset| preset.kind == ProviderKind::Gemini);
    own.chain(gemini.map(|preset| ("GOOGLE_API_KEY", preset)))
}

/// Whether calls there are refused without a key: at every vendor's, and at nobody's own server.
pub(crate) fn needs_key(kind: ProviderKind, base_url: &str) -> bool {
    match kind {
        ProviderKind::Openai | ProviderKind::Anthropic | ProviderKind::Gemini => true,
        ProviderKind::Ollama | ProviderKind::OpenaiLocal => false,
        ProviderKind::OpenaiCompatible => PRESETS
            .iter()
            .any(|preset| preset.base_url == base_url && preset.key_variable.is_some()),
    }
}

impl Inner {
    pub(crate) async fn provider_list(&self, tenant: &TenantId) -> Result<ProviderList, Error> {
        let providers = self.store.providers(tenant).await.outward()?;
        let models = self.store.models(tenant).await.outward()?;
        let offers = self.offers(&providers);
        let kept_in = self.keys.kept_in();
        let views = providers.into_iter().map(|provider| ProviderView {
            key_readable: self.keys.hold(&provider),
            kept_in: kept_in.filter(|_| provider.key_tail.is_some()),
            models: u32::try_from(
                models
                    .iter()
                    .filter(|model| model.provider == provider.name)
                    .count(),
            )
            .unwrap_or(u32::MAX),
            name: provider.name,
            kind: provider.kind,
            base_url: provider.base_url,
            key_tail: provider.key_tail,
            misaddressed: provider
                .last_test
                .as_ref()
                .is_some_and(ProviderTest::is_misaddressed),
            last_test: provider.last_test,
            created_at: provider.created_at,
        });
        Ok(ProviderList {
            providers: views.collect(),
            offers,
            presets: PRESETS.iter().map(ProviderPreset::from).collect(),
        })
    }

    /// One for each vendor whose key was found and who is no provider yet.
    fn offers(&self, providers: &[Provider]) -> Vec<ProviderOffer> {
        let mut offers: Vec<ProviderOffer> = Vec::new();
        for (variable, preset) in known_variables() {
            let found = self.found_keys.iter().find(|(found, _)| found == variable);
            let is_known = providers.iter().any(|known| known.name == preset.name)
                || offers.iter().any(|offer| offer.name == preset.name);
            if let Some((_, key)) = found
                && !is_known
            {
                offers.push(ProviderOffer {
                    name: preset.name.to_owned(),
                    kind: preset.kind,
                    found: variable.to_owned(),
                    key_tail: Some(tail_of(key)).filter(|tail| tail != NO_TAIL),
                });
            }
        }
        offers
    }

    pub(crate) async fn add_provider(
        &self,
        tenant: &TenantId,
        asked: AddProvider,
    ) -> Result<ProviderList, Error> {
        if !is_name(&asked.name) {
            return Err(Error::invalid(NAME_RULE));
        }
        // Of two who add one name, the second must not replace the first one's key.
        let turn = self.provider_turn.lock().await;
        if self
            .store
            .provider(tenant, &asked.name)
            .await
            .outward()?
            .is_some()
        {
            return Err(Error::new(
                ErrorCode::AlreadyExists,
                format!("There is a provider named {} already.", asked.name),
            ));
        }
        let has_key = asked.key.is_some() || asked.key_from_env.is_some();
        let base_url = base_url(&asked.name, asked.kind, asked.base_url.as_deref(), has_key)?;
        let key = self.key_given(&asked)?;
        // The key first: a provider without its key would be worse than a key without a provider.
        if let Some(key) = &key {
            self.keys.put(&key_name(&asked.name), key).await?;
        }
        let provider = Provider {
            name: asked.name.clone(),
            kind: asked.kind,
            base_url,
            key_tail: key.as_ref().map(tail_of),
            created_at: self.now(),
            last_test: None,
        };
        let unit = Unit::of(tenant.clone())
            .require(Require::NoProvider(asked.name.clone()))
            .write(Write::PutProvider(provider.clone()));
        if let Err(fault) = self.store.commit(unit).await.outward() {
            self.forget_key(&asked.name).await;
            return Err(fault);
        }
        // Whoever is asked for models may take long to answer.
        drop(turn);
        if asked.add_known_models {
            self.add_known_models(tenant, &provider).await?;
        }
        self.changed_providers(tenant).await
    }

    /// A key without its provider is nobody's.
    async fn forget_key(&self, provider: &str) {
        if let Err(fault) = self.keys.delete(&key_name(provider)).await {
            tracing::warn!(%fault, provider, "a key that nothing uses is still kept");
        }
    }

    /// Asks the provider what it has and lists the first models that the price table knows. A
    /// provider that does not answer is added all the same, with what it said as its test.
    async fn add_known_models(&self, tenant: &TenantId, provider: &Provider) -> Result<(), Error> {
        let Ok(offered) = self.look_at(tenant, provider).await? else {
            return Ok(());
        };
        let taken = self.store.models(tenant).await.outward()?;
        let known = offered
            .iter()
            .filter(|id| table_row(provider, id).is_some())
            .take(MOST_KNOWN_MODELS);
        let mut writes = Vec::new();
        for provider_model in known {
            let offered_elsewhere = taken
                .iter()
                .any(|model| model.id.as_str() == provider_model);
            let id = if offered_elsewhere {
                format!("{}/{provider_model}", provider.name)
            } else {
                provider_model.clone()
            };
            let Some(id) = ModelId::parse(&id) else {
                continue;
            };
            let asked = AddModel {
                id: None,
                provider: provider.name.clone(),
                provider_model: provider_model.clone(),
                display_name: None,
                context_window: None,
                max_output_tokens: None,
            };
            writes.push(Write::PutModel(new_model(id, provider, asked)?));
        }
        // It may have been removed while it was asked: models of nobody are kept by no one.
        let unit = Unit::of(tenant.clone())
            .require(Require::Provider(provider.name.clone()))
            .writes(writes);
        self.store.commit(unit).await.outward()?;
        Ok(())
    }

    pub(crate) async fn replace_key(
        &self,
        tenant: &TenantId,
        asked: ReplaceKey,
    ) -> Result<ProviderList, Error> {
        let _turn = self.provider_turn.lock().await;
        let provider = self.stored_provider(tenant, &asked.name).await?;
        refuse_in_clear(&provider.base_url)?;
        let key = checked_key(asked.key)?;
        self.keys.put(&key_name(&provider.name), &key).await?;
        let provider = Provider {
            key_tail: Some(tail_of(&key)),
            last_test: None,
            ..provider
        };
        self.keep(tenant, [Write::PutProvider(provider)]).await?;
        self.changed_providers(tenant).await
    }

    /// From the next call on it is asked there; a call that runs ends where it began. What a test found
    /// elsewhere tells nothing of the new address.
    pub(crate) async fn change_address(
        &self,
        tenant: &TenantId,
        asked: ChangeAddress,
    ) -> Result<ProviderList, Error> {
        let _turn = self.provider_turn.lock().await;
        let provider = self.stored_provider(tenant, &asked.name).await?;
        let has_key = provider.key_tail.is_some();
        let provider = Provider {
            base_url: base_url(
                &asked.name,
                provider.kind,
                asked.base_url.as_deref(),
                has_key,
            )?,
            last_test: None,
            ..provider
        };
        self.keep(tenant, [Write::PutProvider(provider)]).await?;
        self.changed_providers(tenant).await
    }

    /// Makes a free call and keeps what it found.
    pub(crate) async fn test_provider(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<ProviderList, Error> {
        let provider = self.stored_provider(tenant, name).await?;
        let listed = self.look_at(tenant, &provider).await?;
        if let Err(fault) = listed {
            tracing::debug!(%fault, provider = name, "a tested provider said no");
        }
        if provider.kind.is_local() {
            // What can be seated there is known anew.
            return self.changed_providers(tenant).await;
        }
        let list = self.provider_list(tenant).await?;
        self.tell(Event::ProvidersChanged {
            providers: list.clone(),
        });
        Ok(list)
    }

    /// Asks the provider which models it has, and keeps what that tells of it.
    pub(crate) async fn look_at(
        &self,
        tenant: &TenantId,
        provider: &Provider,
    ) -> Result<Result<Vec<String>, probe::ProbeError>, Error> {
        let key = self.key_of(provider).await?;
        let endpoint = Endpoint::new(provider.kind, &provider.base_url, key);
        let http = self.http.client().await?;
        let (test, listed) = probe::look(&endpoint, http, &self.clock).await;
        if let Ok(models) = &listed {
            self.servers.listed(provider, models);
        }
        self.keep(tenant, [set_test(provider, Some(test))]).await?;
        Ok(listed)
    }

    /// Forgets what failed tests found of providers that have answered since, each at its newest time.
    pub(crate) async fn have_answered(
        &self,
        tenant: &TenantId,
        answered: &BTreeMap<&str, Timestamp>,
    ) -> Result<(), Error> {
        let providers = self.store.providers(tenant).await.outward()?;
        let outdated = providers.iter().filter(|provider| {
            let failed = provider.last_test.as_ref().filter(|test| !test.ok);
            let since = answered.get(provider.name.as_str());
            failed.zip(since).is_some_and(|(test, at)| test.at < *at)
        });
        let forgotten: Vec<Write> = outdated.map(|provider| set_test(provider, None)).collect();
        if forgotten.is_empty() {
            return Ok(());
        }
        self.keep(tenant, forgotten).await?;
        self.changed_providers(tenant).await?;
        Ok(())
    }

    pub(crate) async fn remove_provider(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<ProviderList, Error> {
        let _turn = self.provider_turn.lock().await;
        let provider = self.stored_provider(tenant, name).await?;
        let models = self.store.models(tenant).await.outward()?;
        let removed = self.store.removed_models(tenant).await.outward()?;
        let of_provider = models
            .into_iter()
            .chain(removed)
            .filter(|model| model.provider == name)
            .map(|model| Write::DeleteModel(model.id));
        let writes: Vec<Write> = of_provider
            .chain([Write::DeleteProvider(name.to_owned())])
            .collect();
        self.keep(tenant, writes).await?;
        if provider.key_tail.is_some()
            && let Err(fault) = self.keys.delete(&key_name(name)).await
        {
            // A key nobody refers to; the next provider of this name replaces it.
            tracing::warn!(%fault, provider = name, "a removed provider's key stays in the key store");
        }
        self.changed_providers(tenant).await
    }

    pub(crate) async fn stored_provider(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Provider, Error> {
        self.store
            .provider(tenant, name)
            .await
            .outward()?
            .ok_or_else(|| Error::none_named("provider", name, "husting provider list"))
    }

    pub(crate) async fn changed_providers(&self, tenant: &TenantId) -> Result<ProviderList, Error> {
        let list = self.provider_list(tenant).await?;
        self.tell(Event::ProvidersChanged {
            providers: list.clone(),
        });
        self.tell_models(tenant).await?;
        Ok(list)
    }

    fn key_given(&self, asked: &AddProvider) -> Result<Option<SecretString>, Error> {
        match (&asked.key, &asked.key_from_env) {
            (Some(key), _) => checked_key(key.clone()).map(Some),
            (None, Some(variable)) => {
                let found = self.found_keys.iter().find(|(name, _)| name == variable);
                let (_, key) = found.ok_or_else(|| {
                    Error::invalid(format!("{variable} is not set in Husting's environment."))
                })?;
                Ok(Some(key.clone()))
            }
            (None, None) => Ok(None),
        }
    }
}

/// What a test found of a provider as it is now; `None` forgets it.
fn set_test(provider: &Provider, test: Option<ProviderTest>) -> Write {
    Write::SetProviderTest {
        name: provider.name.clone(),
        base_url: provider.base_url.clone(),
        key_tail: provider.key_tail.clone(),
        test,
    }
}

fn checked_key(key: String) -> Result<SecretString, Error> {
    let key = SecretString::from(key.trim().to_owned());
    let text = key.expose_secret();
    if text.is_empty() || text.len() > 4_096 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid(
            "A key is one line of at most 4,096 printable characters without spaces.",
        ));
    }
    Ok(key)
}

/// Where a provider is called, with or without a key: as it is `given`, else as its name or its kind says.
fn base_url(
    name: &str,
    kind: ProviderKind,
    given: Option<&str>,
    has_key: bool,
) -> Result<String, Error> {
    let known = PRESETS
        .iter()
        .find(|preset| preset.name == name && preset.kind == kind)
        .map(|preset| preset.base_url);
    let given = given.map(str::trim).filter(|url| !url.is_empty());
    let url = given.or(known).or_else(|| kind.default_base_url());
    let url = url.ok_or_else(|| {
        Error::invalid(format!(
            "{name} needs a base URL, such as http://127.0.0.1:4010/v1."
        ))
    })?;
    let parsed = reqwest::Url::parse(url).map_err(|fault| not_a_url(url, fault))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(Error::invalid(
            "A base URL begins with https:// or http:// and names a host.",
        ));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() || parsed.query().is_some() {
        return Err(Error::invalid(
            "A base URL carries no user, password or query. Paste the key as a key.",
        ));
    }
    let url = url.trim_end_matches('/');
    if has_key {
        refuse_in_clear(url)?;
    } else if needs_key(kind, url) {
        let lacks = Error::invalid(format!("{name} needs a key."));
        return Err(lacks.with(json!({ "lacks": "key" })));
    }
    Ok(url.to_owned())
}

fn not_a_url(url: &str, fault: impl std::fmt::Display) -> Error {
    Error::invalid(format!(
        "{url} is no base URL ({fault}). Write it whole, as https://host/v1."
    ))
}

/// A key goes over https, or stays on this machine.
fn refuse_in_clear(url: &str) -> Result<(), Error> {
    let parsed = reqwest::Url::parse(url).map_err(|fault| not_a_url(url, fault))?;
    let is_loopback = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if parsed.scheme() == "http" && !is_loopback {
        return Err(Error::invalid(
            "A key is never sent over plain http to another machine. Use https.",
        ));
    }
    Ok(())
}

/// A provider that refused or did not answer.
pub(crate) fn provider_fault(fault: &probe::ProbeError) -> Error {
    let said = fault.to_string();
    // A provider's own words end as they end.
    let stop = if said.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    Error::new(
        ErrorCode::ProviderError,
        format!("The provider's models could not be read: {said}{stop}"),
    )
    .with(json!({ "message": said }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_words_end_as_they_end() {
        let told = |message: &str| {
            provider_fault(&probe::ProbeError::Refused {
                status: 401,
                message: message.to_owned(),
            })
            .message
        };
        let address = "Find yours at https://keys.test/account/api-keys.";
        assert!(told(address).ends_with("/api-keys."));
        assert!(!told(address).ends_with(".."));
        assert!(told("HTTP 401").ends_with("HTTP 401."));
    }
}
