//! Models added, priced, switched and removed by the operator, and what a provider offers.

use husting_domain::ids::TenantId;
use husting_domain::models::{Model, ModelId, SeatKind};
use husting_domain::money::MicroUsd;
use husting_domain::providers::Provider;
use husting_store::Write;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::models::{AddModel, EditModel, ModelList, OfferedModel, OfferedModels, SetPrice};
use husting_wire::ranges;

use super::entries::table_row;
use super::{DEFAULT_OUTPUT, DEFAULT_WINDOW};
use crate::Inner;
use crate::errors::Outward;

impl Inner {
    pub(crate) async fn add_model(
        &self,
        tenant: &TenantId,
        asked: AddModel,
    ) -> Result<ModelList, Error> {
        let Some(provider) = self
            .store
            .provider(tenant, &asked.provider)
            .await
            .outward()?
        else {
            return Err(Error::invalid(format!(
                "There is no provider named {}. Add it first.",
                asked.provider
            )));
        };
        let id = asked
            .id
            .clone()
            .or_else(|| ModelId::parse(&asked.provider_model));
        let id = id.ok_or_else(|| {
            Error::invalid("A model id has 1 to 200 printable characters without spaces.")
        })?;
        let there = self.store.model(tenant, &id).await.outward()?;
        if id.is_rehearsal() || there.is_some() {
            let others = there.filter(|model| model.provider != asked.provider);
            let told = others.map_or_else(
                || format!("{id} is on the list already."),
                |model| {
                    format!(
                        "{id} is on the list already, by {}. Another id for this one keeps both: `--as ID` on the \
                         command line.",
                        model.provider
                    )
                },
            );
            return Err(Error::new(ErrorCode::AlreadyExists, told));
        }
        let model = new_model(id, &provider, asked)?;
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn edit_model(
        &self,
        tenant: &TenantId,
        edit: EditModel,
    ) -> Result<ModelList, Error> {
        let mut model = self.stored_model(tenant, &edit.id).await?;
        model.enabled = edit.enabled.unwrap_or(model.enabled);
        if let Some(seconds) = edit.deadline_seconds {
            ranges::DEADLINE_SECONDS.check("deadline_seconds", seconds.into())?;
            model.deadline_seconds = Some(seconds);
        }
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn remove_model(
        &self,
        tenant: &TenantId,
        id: &ModelId,
    ) -> Result<ModelList, Error> {
        self.stored_model(tenant, id).await?;
        let remove = Write::RemoveModel {
            model: id.clone(),
            at: self.now(),
        };
        self.keep(tenant, [remove]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn restore_model(
        &self,
        tenant: &TenantId,
        id: &ModelId,
    ) -> Result<ModelList, Error> {
        if self.store.model(tenant, id).await.outward()?.is_some() {
            return Err(Error::new(
                ErrorCode::AlreadyExists,
                format!("{id} is on the list already."),
            ));
        }
        let removed = self.store.removed_models(tenant).await.outward()?;
        if removed.iter().all(|model| model.id != *id) {
            return Err(Error::new(
                ErrorCode::NotFound,
                format!("No model {id} was taken off the list. Add it as a new one."),
            ));
        }
        self.keep(tenant, [Write::RestoreModel(id.clone())]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn set_price(
        &self,
        tenant: &TenantId,
        asked: SetPrice,
    ) -> Result<ModelList, Error> {
        let mut model = self.priced_model(tenant, &asked.id).await?;
        if let Some(price) = &asked.price {
            if price.long.is_some() {
                return Err(Error::invalid(
                    "A price of your own is one for prompts of every length; leave `long` out.",
                ));
            }
            if price
                .rates()
                .any(|rate| rate < MicroUsd::ZERO || rate > MicroUsd::dollars(100_000))
            {
                return Err(Error::invalid(
                    "A price lies between $0 and $100,000 per million tokens.",
                ));
            }
        }
        model.price_override = asked.price;
        model.price_set_at = asked.price.map(|_| self.now());
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    /// What the provider says it has, beside what is on the list.
    pub(crate) async fn offered_models(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<OfferedModels, Error> {
        let provider = self.stored_provider(tenant, name).await?;
        let offered = self
            .look_at(tenant, &provider)
            .await?
            .map_err(|fault| crate::providers::provider_fault(&fault))?;
        if provider.kind.is_local() {
            self.changed_providers(tenant).await?;
        }
        let known = self.store.models(tenant).await.outward()?;
        let offered = offered.into_iter().map(|provider_model| {
            let on_list = known
                .iter()
                .find(|model| model.provider == name && model.provider_model == provider_model);
            OfferedModel {
                known_as: on_list.map(|model| model.id.clone()),
                table_price: table_row(&provider, &provider_model).map(|row| row.price),
                provider_model,
            }
        });
        Ok(OfferedModels {
            offered: offered.collect(),
        })
    }

    /// The model by this id; where none has it, the one that its provider calls so, under whatever id it is on the
    /// list.
    async fn priced_model(&self, tenant: &TenantId, id: &ModelId) -> Result<Model, Error> {
        let stored = self.stored_model(tenant, id).await;
        let (Err(absent), Some((provider, provider_model))) =
            (&stored, id.as_str().split_once('/'))
        else {
            return stored;
        };
        if absent.code != ErrorCode::NotFound {
            return stored;
        }
        let known = self.store.models(tenant).await.outward()?;
        let mut meant: Vec<Model> = known
            .into_iter()
            .filter(|model| model.provider == provider && model.provider_model == provider_model)
            .collect();
        if meant.len() > 1 {
            let ids: Vec<&str> = meant.iter().map(|model| model.id.as_str()).collect();
            return Err(Error::invalid(format!(
                "{id} is on the list as {}. Name one of these.",
                ids.join(" and as ")
            )));
        }
        meant.pop().map_or(stored, Ok)
    }

    async fn stored_model(&self, tenant: &TenantId, id: &ModelId) -> Result<Model, Error> {
        if id.is_rehearsal() {
            return Err(Error::invalid(
                "The rehearsal seats are built in and free; they cannot be changed.",
            ));
        }
        self.store
            .model(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::none_named("model", id.as_str(), "husting models list"))
    }
}

/// A model for the list, with the table's figures where nothing was said.
pub(crate) fn new_model(id: ModelId, provider: &Provider, asked: AddModel) -> Result<Model, Error> {
    let row = table_row(provider, &asked.provider_model);
    let window = asked
        .context_window
        .or_else(|| row?.context_window)
        .unwrap_or(DEFAULT_WINDOW);
    let output = asked
        .max_output_tokens
        .unwrap_or(DEFAULT_OUTPUT.max(window.min(32_768)));
    if !(1_024..=100_000_000).contains(&window) || !(512..=window).contains(&output) {
        return Err(Error::invalid(
            "A context window has at least 1,024 tokens, and an answer 512 up to the window.",
        ));
    }
    let display_name = asked
        .display_name
        .unwrap_or_else(|| display_name(&asked.provider_model));
    Ok(Model {
        id,
        provider: provider.name.clone(),
        provider_model: asked.provider_model,
        display_name: display_name.chars().take(80).collect(),
        kind: if provider.kind.is_local() {
            SeatKind::Local
        } else {
            SeatKind::Api
        },
        context_window: window,
        max_output_tokens: output,
        enabled: true,
        price_override: None,
        price_set_at: None,
        minimum: None,
        deadline_seconds: None,
    })
}

/// `claude-opus-4-7` as people say it: `Claude Opus 4.7`.
pub(super) fn display_name(provider_model: &str) -> String {
    let name = provider_model.rsplit('/').next().unwrap_or(provider_model);
    let mut words: Vec<String> = Vec::new();
    for part in name.split(['-', '_', ':']).filter(|part| !part.is_empty()) {
        let is_number = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        match words.last_mut() {
            Some(last) if is_number(part) && is_number(last) => *last = format!("{last}.{part}"),
            _ => words.push(capitalised(part)),
        }
    }
    words.join(" ")
}

fn capitalised(word: &str) -> String {
    if matches!(word, "gpt" | "glm" | "oss") {
        return word.to_uppercase();
    }
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::display_name;

    #[test]
    fn ids_read_as_people_say_them() {
        assert_eq!(display_name("claude-opus-4-7"), "Claude Opus 4.7");
        assert_eq!(display_name("qwen/qwen3-max"), "Qwen3 Max");
        assert_eq!(display_name("gpt-5.4"), "GPT 5.4");
        assert_eq!(display_name("gpt-oss:20b"), "GPT OSS 20b");
    }
}
