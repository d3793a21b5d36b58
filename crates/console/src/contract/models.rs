//! Models that a key may name.

use husting_domain::money::LongPrice;
use husting_wire::contract::models::{
    LongPromptRecord, ModelListRecord, ModelRecord, PricingRecord,
};
use husting_wire::contract::numbers::Usd;
use husting_wire::errors::Error;
use husting_wire::models::ModelView;

use crate::Console;
use crate::caller::Caller;

impl Console {
    /// Models with prices and availability.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn model_records(&self, caller: &Caller) -> Result<ModelListRecord, Error> {
        let list = self.0.models(&caller.tenant()).await?;
        Ok(ModelListRecord {
            models: list.models.into_iter().map(model).collect(),
        })
    }

    /// Most models on a panel, as the schema of requests says it.
    #[must_use]
    pub fn most_seats(&self) -> u32 {
        self.0.settings().panel_max_seats
    }
}

fn model(view: ModelView) -> ModelRecord {
    let price = view.price;
    ModelRecord {
        id: view.id,
        provider: view.provider,
        display_name: view.display_name,
        kind: view.kind,
        context_window: view.context_window,
        max_output_tokens: view.max_output_tokens,
        pricing: PricingRecord {
            input_per_million_usd: price.map(|price| Usd(price.input)),
            output_per_million_usd: price.map(|price| Usd(price.output)),
            cache_read_per_million_usd: price.and_then(|price| price.cache_read).map(Usd),
            cache_write_per_million_usd: price.and_then(|price| price.cache_write).map(Usd),
            long_prompt: price.and_then(|price| price.long).map(long_prompt),
            minimum_usd: Usd(view.minimum),
            source: view.price_source,
            as_of: view.price_as_of,
        },
        available: view.available,
        unavailable_reason: view.unavailable_reason,
    }
}

fn long_prompt(long: LongPrice) -> LongPromptRecord {
    LongPromptRecord {
        above_tokens: long.above,
        input_per_million_usd: Usd(long.input),
        output_per_million_usd: Usd(long.output),
        cache_read_per_million_usd: long.cache_read.map(Usd),
        cache_write_per_million_usd: long.cache_write.map(Usd),
    }
}
