//! The operator's own prices.

use clap::Args;
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price};
use husting_wire::commands::{FindProviders, PriceModel, PutModel};
use husting_wire::errors::ErrorCode;
use husting_wire::models::{AddModel, ModelList, SetPrice};
use husting_wire::settings::Nothing;

use crate::commands::amounts;
use crate::commands::deliberate::model_id;
use crate::door::{Door, ask};
use crate::exit::Failure;

/// The operator's own price.
#[derive(Debug, Args)]
pub struct PriceOf {
    /// The model
    #[arg(value_parser = model_id)]
    pub(super) id: ModelId,
    /// Tokens read
    #[arg(long = "in", value_name = "USD", value_parser = amounts::price, required_unless_present = "reset")]
    input: Option<MicroUsd>,
    /// Tokens written
    #[arg(long = "out", value_name = "USD", value_parser = amounts::price, required_unless_present = "reset")]
    output: Option<MicroUsd>,
    /// Tokens read from the provider's cache
    #[arg(long, value_name = "USD", value_parser = amounts::price)]
    cache_read: Option<MicroUsd>,
    /// Tokens written to the provider's cache
    #[arg(long, value_name = "USD", value_parser = amounts::price)]
    cache_write: Option<MicroUsd>,
    /// Go back to the price table
    #[arg(long, conflicts_with_all = ["input", "output", "cache_read", "cache_write"])]
    reset: bool,
}

impl PriceOf {
    /// Sets it; also gives the provider whose model was put on the list for it.
    pub(super) async fn set(self, door: &dyn Door) -> Result<(ModelList, Option<String>), Failure> {
        let price = self.input.zip(self.output).map(|(input, output)| Price {
            input,
            output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            long: None,
        });
        let asked = SetPrice { id: self.id, price };
        match ask::<PriceModel>(door, asked.clone()).await {
            Err(Failure::Console(absent)) if absent.code == ErrorCode::NotFound && !self.reset => {
                let put = put_on_the_list(door, &asked.id).await?;
                Ok((ask::<PriceModel>(door, asked).await?, put))
            }
            set => Ok((set?, None)),
        }
    }
}

/// A model named `<provider>/<id>` after a provider we have, which it gives; others are left for the console to refuse.
async fn put_on_the_list(door: &dyn Door, id: &ModelId) -> Result<Option<String>, Failure> {
    let Some((provider, provider_model)) = id.as_str().split_once('/') else {
        return Ok(None);
    };
    let known = ask::<FindProviders>(door, Nothing {}).await?;
    let is_ours = known.providers.iter().any(|one| one.name == provider);
    if is_ours {
        let add = AddModel {
            id: Some(id.clone()),
            provider: provider.to_owned(),
            provider_model: provider_model.to_owned(),
            display_name: None,
            context_window: None,
            max_output_tokens: None,
        };
        ask::<PutModel>(door, add).await?;
    }
    Ok(is_ours.then(|| provider.to_owned()))
}
