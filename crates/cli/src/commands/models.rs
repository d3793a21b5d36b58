//! Models: what can be seated, at which price.

mod offers;
mod panel;
mod price;

use clap::{Args, Subcommand};
use husting_domain::models::{ModelId, PriceSource, UnavailableReason};
use husting_domain::money::{MicroUsd, Price};
use husting_wire::commands::{
    ChangeModel, DropModel, FindModels, FindProviders, PutModel, PutModelBack,
};
use husting_wire::models::{AddModel, EditModel, ModelList, ModelRef, ModelView, RemovedModel};
use husting_wire::providers::ProviderView;
use husting_wire::ranges;
use husting_wire::settings::Nothing;

use super::deliberate::model_id;
use super::through;
use crate::commands::numbers;
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
        /// The model
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Do not offer a model on panels
    Disable {
        /// The model
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Set how long a call to a model may take
    Deadline {
        /// The model
        #[arg(value_parser = model_id)]
        id: ModelId,
        /// 30 to 1,800
        #[arg(value_parser = numbers::within(ranges::DEADLINE_SECONDS))]
        seconds: u32,
    },
    /// Take a model off the list; `husting models restore` puts it back
    Remove {
        /// The model
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Put a model back on the list as it was when it was taken off
    Restore {
        /// The model
        #[arg(value_parser = model_id)]
        id: ModelId,
    },
    /// Set a model's price in US dollars per million tokens; `<provider>/<id>` is put on the list
    Price(price::PriceOf),
    /// Ask providers which models they have
    Refresh {
        /// Whom [default: all]
        provider: Option<String>,
    },
    /// Print the default panel, or choose it
    Panel(panel::Panel),
}

/// A model for the list.
#[derive(Debug, Args)]
pub struct Add {
    /// The id that the provider's API takes
    id: String,
    /// The provider that has it
    #[arg(long)]
    provider: String,
    /// Another id for it here
    #[arg(long = "as", value_parser = model_id, value_name = "ID")]
    here: Option<ModelId>,
    /// Its name for people
    #[arg(long)]
    name: Option<String>,
    /// Context window in tokens
    #[arg(long, value_name = "N", value_parser = numbers::whole)]
    context: Option<u64>,
    /// Most tokens of one answer
    #[arg(long, value_name = "N", value_parser = numbers::whole)]
    max_output: Option<u64>,
}

impl Models {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| {
            let mut besides = String::new();
            // A person is told of the model that something was done with; a script is given them all, as by `list`.
            let (list, told) = match self {
                Self::List => (ask::<FindModels>(door, Nothing {}).await?, Told::All),
                Self::Add(add) => {
                    let id = add.here.as_ref().map_or(add.id.as_str(), ModelId::as_str);
                    let id = id.to_owned();
                    besides = by_name(&id, &add.provider);
                    let list = ask::<PutModel>(door, add.into()).await?;
                    besides += &pricing(&list, &id);
                    (list, Told::Of(id))
                }
                Self::Enable { id } => edited(door, id, Some(true), None).await?,
                Self::Disable { id } => edited(door, id, Some(false), None).await?,
                Self::Deadline { id, seconds } => edited(door, id, None, Some(seconds)).await?,
                Self::Remove { id } => {
                    let told = format!(
                        "{id} is off the list; `husting models restore {id}` puts it back.\n"
                    );
                    let list = ask::<DropModel>(door, ModelRef { id }).await?;
                    (list, Told::Words(told))
                }
                Self::Restore { id } => {
                    let told = Told::Of(id.to_string());
                    (ask::<PutModelBack>(door, ModelRef { id }).await?, told)
                }
                Self::Price(price) => {
                    let id = price.id.clone();
                    let (list, put) = price.set(door).await?;
                    if let Some(provider) = put {
                        besides = by_name(id.as_str(), &provider);
                    }
                    (list, Told::Of(id.to_string()))
                }
                Self::Refresh { provider } => return offers::refresh(door, provider, json).await,
                Self::Panel(panel) => return panel.run(door, json).await,
            };
            if json {
                output::json(&list)?;
            } else {
                output::text(&(told.text(door, &list).await? + &besides))?;
            }
            Ok(Exit::Done)
        })
        .await
    }
}

/// What a person is told of the list.
enum Told {
    /// Each of its models.
    All,
    /// The model of this id, as it was given.
    Of(String),
    /// None of them.
    Words(String),
}

impl Told {
    async fn text(self, door: &dyn Door, list: &ModelList) -> Result<String, Failure> {
        let id = match self {
            Self::Words(words) => return Ok(words),
            Self::All => None,
            Self::Of(id) => Some(id),
        };
        // How the provider of a model did when it was tried last stands with what the model lacks.
        let known = ask::<FindProviders>(door, Nothing {}).await?.providers;
        Ok(match id {
            None => listed(list, &known),
            Some(id) => only(list, &known, &id),
        })
    }
}

/// What is said of a model that was put on the list: nobody was asked for it.
fn by_name(model: &str, provider: &str) -> String {
    format!(
        "{model} was put on the list by its name; `husting models refresh {provider}` says what {provider} has.\n"
    )
}

/// What gives a model its price that the table does not know.
fn pricing(list: &ModelList, id: &str) -> String {
    let mut added = list.models.iter().filter(|model| model.id.as_str() == id);
    let lacks = added.any(|model| model.unavailable_reason == Some(UnavailableReason::NoPrice));
    if lacks {
        format!(
            "`husting models price {id} --in USD --out USD` says what a million tokens cost; 0 is a price.\n"
        )
    } else {
        String::new()
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

async fn edited(
    door: &dyn Door,
    id: ModelId,
    enabled: Option<bool>,
    deadline_seconds: Option<u32>,
) -> Result<(ModelList, Told), Failure> {
    let told = Told::Of(id.to_string());
    let edit = EditModel {
        id,
        enabled,
        deadline_seconds,
    };
    Ok((ask::<ChangeModel>(door, edit).await?, told))
}

/// The row of one model of the list. One that was named as its provider calls it, `provider/model`, may have any
/// id on the list: the rows of that provider are shown.
fn only(list: &ModelList, known: &[ProviderView], id: &str) -> String {
    let of = |is_meant: &dyn Fn(&ModelView) -> bool| {
        let rows: Vec<_> = list.models.iter().filter(|row| is_meant(row)).collect();
        (!rows.is_empty()).then(|| table(rows.into_iter(), known).to_string())
    };
    let (provider, _) = id.split_once('/').unwrap_or_default();
    let row =
        of(&|model| model.id.as_str() == id).or_else(|| of(&|model| model.provider == provider));
    row.unwrap_or_default()
}

fn listed(list: &ModelList, known: &[ProviderView]) -> String {
    format!(
        "{}Prices of the table are of {}.\n{}",
        table(list.models.iter(), known),
        list.table_as_of,
        off_the_list(&list.removed)
    )
}

fn table<'a>(models: impl Iterator<Item = &'a ModelView>, known: &[ProviderView]) -> Table {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("PROVIDER", Align::Left),
        ("IN", Align::Money),
        ("OUT", Align::Money),
        ("PRICE", Align::Left),
        ("STATE", Align::Left),
    ]);
    for model in models {
        let figure =
            |pick: fn(&Price) -> MicroUsd| model.price.as_ref().map(|price| dollars(pick(price)));
        table.row([
            model.id.to_string(),
            model.provider.clone(),
            figure(|price| price.input).unwrap_or_default(),
            figure(|price| price.output).unwrap_or_default(),
            price_of(model),
            state(model, known),
        ]);
    }
    table
}

/// What can be put back, in a line; nothing where nothing was taken off.
fn off_the_list(removed: &[RemovedModel]) -> String {
    if removed.is_empty() {
        return String::new();
    }
    let ids: Vec<_> = removed.iter().map(|model| model.id.as_str()).collect();
    format!(
        "Off the list: {}. `husting models restore ID` puts one back.\n",
        ids.join(", ")
    )
}

/// Where its price comes from, and what long prompts cost where they cost more.
fn price_of(model: &ModelView) -> String {
    let source = match &model.price_source {
        Some(PriceSource::Operator) => "yours".to_owned(),
        other => other.as_ref().map(word).unwrap_or_default(),
    };
    match model.price.and_then(|price| price.long) {
        Some(long) => format!(
            "{source}; above {} tokens {} / {}",
            long.above,
            dollars(long.input),
            dollars(long.output)
        ),
        None => source,
    }
}

/// Why it cannot be called, and what only a call would tell: that its key is refused, or that nothing answers there.
fn state(model: &ModelView, known: &[ProviderView]) -> String {
    let provider = known.iter().find(|known| known.name == model.provider);
    let tried = match provider {
        Some(provider) if provider.refuses_key() && provider.key_tail.is_none() => {
            Some("wants a key")
        }
        Some(provider) if provider.refuses_key() => Some("key refused"),
        Some(provider) if provider.is_silent() => Some("did not answer"),
        _ => None,
    };
    if model.available {
        return tried.unwrap_or("available").to_owned();
    }
    let reason = model
        .unavailable_reason
        .as_ref()
        .map(word)
        .unwrap_or_default();
    let why = model.unavailable_message.clone().unwrap_or(reason);
    // That it did not answer is told already.
    let told = model.unavailable_reason == Some(UnavailableReason::Unreachable);
    match tried.filter(|_| !told) {
        Some(tried) => format!("{}; {tried}", why.trim_end_matches('.')),
        None => why,
    }
}
