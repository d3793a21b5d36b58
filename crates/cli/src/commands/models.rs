//! Models: what can be seated, at which price.

use clap::{Args, Subcommand};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price};
use husting_wire::commands::{
    AskForModels, ChangeModel, ChangePanel, DropModel, FindModels, FindProviders, PriceModel,
    PutModel,
};
use husting_wire::models::{
    AddModel, DefaultPanel, EditModel, ModelList, ModelRef, ModelView, OfferedModel, RefreshModels,
    SetPrice,
};
use husting_wire::settings::Nothing;
use serde::Serialize;

use super::deliberate::model_id;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{dollars, word};

/// Models that can be seated, their prices, the default panel
#[derive(Debug, Subcommand)]
pub enum Models {
    /// List models with their prices per million tokens, and why one cannot be called
    List,
    /// Put a model on the list
    Add(Add),
    /// Offer a model on panels
    Enable {
        /// Which
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Do not offer a model on panels
    Disable {
        /// Which
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Set how long a call to a model may take
    Deadline {
        /// Which
        #[arg(value_parser = model_id)]
        id: ModelId,
        /// 30 to 1,800
        seconds: u32,
    },
    /// Take a model off the list
    Remove {
        /// Which
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Set a model's price in US dollars per million tokens; `<provider>/<id>` is put on the list
    Price(PriceOf),
    /// Ask providers which models they have
    Refresh {
        /// Whom [default: all]
        provider: Option<String>,
    },
    /// Choose the default panel: one bucket for each seat, its models in order of preference
    Panel {
        /// Buckets, such as a,b c,d [default: as the providers suggest]
        buckets: Vec<String>,
    },
}

/// A model for the list.
#[derive(Debug, Args)]
pub struct Add {
    /// The id that the provider's API takes
    id: String,
    /// Whose
    #[arg(long)]
    provider: String,
    /// Another id for it here
    #[arg(long = "as", value_parser = model_id, value_name = "ID")]
    here: Option<ModelId>,
    /// Its name for people
    #[arg(long)]
    name: Option<String>,
    /// Context window in tokens
    #[arg(long, value_name = "N")]
    context: Option<u64>,
    /// Most tokens of one answer
    #[arg(long, value_name = "N")]
    max_output: Option<u64>,
}

/// The operator's own price.
#[derive(Debug, Args)]
pub struct PriceOf {
    /// Which
    #[arg(value_parser = model_id)]
    id: ModelId,
    /// Tokens read
    #[arg(long = "in", value_name = "USD", value_parser = MicroUsd::parse_usd, required_unless_present = "reset")]
    input: Option<MicroUsd>,
    /// Tokens written
    #[arg(long = "out", value_name = "USD", value_parser = MicroUsd::parse_usd, required_unless_present = "reset")]
    output: Option<MicroUsd>,
    /// Tokens read from the provider's cache
    #[arg(long, value_name = "USD", value_parser = MicroUsd::parse_usd)]
    cache_read: Option<MicroUsd>,
    /// Tokens written to the provider's cache
    #[arg(long, value_name = "USD", value_parser = MicroUsd::parse_usd)]
    cache_write: Option<MicroUsd>,
    /// Go back to the price table
    #[arg(long, conflicts_with_all = ["input", "output", "cache_read", "cache_write"])]
    reset: bool,
}

/// What a provider says it has.
#[derive(Serialize)]
struct Offer {
    provider: String,
    offered: Vec<OfferedModel>,
}

impl Models {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| {
            let list = match self {
                Self::List => ask::<FindModels>(door, Nothing {}).await?,
                Self::Add(add) => ask::<PutModel>(door, add.into()).await?,
                Self::Enable { id } => edit(door, id, Some(true), None).await?,
                Self::Disable { id } => edit(door, id, Some(false), None).await?,
                Self::Deadline { id, seconds } => edit(door, id, None, Some(seconds)).await?,
                Self::Remove { id } => ask::<DropModel>(door, ModelRef { id }).await?,
                Self::Price(price) => price.set(door).await?,
                Self::Refresh { provider } => return refresh(door, provider, json).await,
                Self::Panel { buckets } => return panel(door, &buckets, json).await,
            };
            if json {
                output::json(&list)?
            } else {
                output::text(&listed(&list))?
            }
            Ok(Exit::Done)
        })
        .await
    }
}

impl From<Add> for AddModel {
    fn from(add: Add) -> Self {
        Self {
            id: add.here,
            provider: add.provider,
            provider_model: add.id,
            display_name: add.name,
            context_window: add.context,
            max_output_tokens: add.max_output,
        }
    }
}

async fn edit(
    door: &dyn Door,
    id: ModelId,
    enabled: Option<bool>,
    deadline_seconds: Option<u32>,
) -> Result<ModelList, Failure> {
    ask::<ChangeModel>(
        door,
        EditModel {
            id,
            enabled,
            deadline_seconds,
        },
    )
    .await
}

impl PriceOf {
    async fn set(self, door: &dyn Door) -> Result<ModelList, Failure> {
        let known = ask::<FindModels>(door, Nothing {}).await?;
        if !self.reset && known.models.iter().all(|model| model.id != self.id) {
            put_on_the_list(door, &self.id).await?;
        }
        let price = self.input.zip(self.output).map(|(input, output)| Price {
            input,
            output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
        });
        ask::<PriceModel>(door, SetPrice { id: self.id, price }).await
    }
}

/// A model named `<provider>/<id>` after a provider we have; others are left for the console to refuse.
async fn put_on_the_list(door: &dyn Door, id: &ModelId) -> Result<(), Failure> {
    let Some((provider, provider_model)) = id.as_str().split_once('/') else {
        return Ok(());
    };
    let known = ask::<FindProviders>(door, Nothing {}).await?;
    if known.providers.iter().any(|one| one.name == provider) {
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
    Ok(())
}

fn listed(list: &ModelList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("PROVIDER", Align::Left),
        ("IN", Align::Right),
        ("OUT", Align::Right),
        ("PRICE", Align::Left),
        ("STATE", Align::Left),
    ]);
    for model in &list.models {
        let figure =
            |pick: fn(&Price) -> MicroUsd| model.price.as_ref().map(|price| dollars(pick(price)));
        table.row([
            model.id.to_string(),
            model.provider.clone(),
            figure(|price| price.input).unwrap_or_default(),
            figure(|price| price.output).unwrap_or_default(),
            model.price_source.as_ref().map(word).unwrap_or_default(),
            state(model),
        ]);
    }
    format!("{table}Prices of the table are of {}.\n", list.table_as_of)
}

fn state(model: &ModelView) -> String {
    if model.available {
        return "available".to_owned();
    }
    let reason = model
        .unavailable_reason
        .as_ref()
        .map(word)
        .unwrap_or_default();
    model.unavailable_message.clone().unwrap_or(reason)
}

async fn refresh(door: &dyn Door, provider: Option<String>, json: bool) -> Result<Exit, Failure> {
    let providers = match provider {
        Some(provider) => vec![provider],
        None => {
            let list = ask::<FindProviders>(door, Nothing {}).await?;
            list.providers
                .into_iter()
                .map(|provider| provider.name)
                .collect()
        }
    };
    let mut offers = Vec::new();
    for provider in providers {
        let asked = RefreshModels {
            provider: provider.clone(),
        };
        offers.push(Offer {
            provider,
            offered: ask::<AskForModels>(door, asked).await?.offered,
        });
    }
    if json {
        output::json(&offers)?
    } else {
        output::text(&offered(&offers))?
    }
    Ok(Exit::Done)
}

fn offered(offers: &[Offer]) -> String {
    let mut table = Table::new(&[
        ("PROVIDER", Align::Left),
        ("MODEL", Align::Left),
        ("HERE AS", Align::Left),
        ("IN", Align::Right),
        ("OUT", Align::Right),
    ]);
    for offer in offers {
        for model in &offer.offered {
            let figure = |pick: fn(&Price) -> MicroUsd| {
                model.table_price.as_ref().map(|price| dollars(pick(price)))
            };
            table.row([
                offer.provider.clone(),
                model.provider_model.clone(),
                model
                    .known_as
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                figure(|price| price.input).unwrap_or_default(),
                figure(|price| price.output).unwrap_or_default(),
            ]);
        }
    }
    format!("{table}`husting models add MODEL --provider PROVIDER` puts one on the list.\n")
}

async fn panel(door: &dyn Door, buckets: &[String], json: bool) -> Result<Exit, Failure> {
    let ids = |bucket: &String| {
        bucket
            .split(',')
            .map(|id| model_id(id.trim()))
            .collect::<Result<Vec<_>, _>>()
    };
    let buckets = buckets
        .iter()
        .map(ids)
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::Usage)?;
    let panel = ask::<ChangePanel>(door, DefaultPanel { buckets }).await?;
    if json {
        output::json(&panel)?;
    } else {
        let seats: Vec<_> = panel.seats.iter().map(ToString::to_string).collect();
        let kind = if panel.rehearsal {
            " (rehearsal: fewer than two real models can be called)"
        } else {
            ""
        };
        output::line(&format!("The default panel is {}{kind}.", seats.join(", ")))?;
    }
    Ok(Exit::Done)
}
