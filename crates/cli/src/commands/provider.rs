//! Providers and their keys. A key is read from standard input, a variable or a file, and goes
//! nowhere but to the key store.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use husting_domain::providers::ProviderKind;
use husting_wire::commands::{
    DropProvider, FindProviders, PutProvider, ReplaceProviderKey, TestProvider,
};
use husting_wire::providers::{AddProvider, ProviderList, ProviderRef, ProviderView, ReplaceKey};
use husting_wire::settings::Nothing;

use super::files::text_of;
use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::word;

/// Providers and their keys
#[derive(Debug, Subcommand)]
pub enum Provider {
    /// Add a provider
    Add(Add),
    /// Replace a provider's key
    Key {
        /// Whose
        name: String,
        /// Where the key is
        #[command(flatten)]
        key: KeySource,
    },
    /// Make a free call with the key
    Test {
        /// Which
        name: String,
    },
    /// List providers, and keys found in the environment
    List,
    /// Remove a provider, its key and its models
    Remove {
        /// Which
        name: String,
    },
}

/// A provider.
#[derive(Debug, Args)]
pub struct Add {
    /// A name for it: lower-case letters, digits and dashes
    name: String,
    /// What it speaks
    #[arg(long, value_enum)]
    kind: Kind,
    /// Where it is called [default: the vendor's own address]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where the key is; local servers need none
    #[command(flatten)]
    key: KeySource,
    /// Put its models in the price table on the list
    #[arg(long)]
    known_models: bool,
}

/// Where a key is read from. There is no flag for the key itself: arguments can be read by others.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct KeySource {
    /// Read the key from standard input
    #[arg(long)]
    key_stdin: bool,
    /// Read the key from this variable
    #[arg(long, value_name = "VAR")]
    key_env: Option<String>,
    /// Read the key from this file
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// Wires.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// OpenAI.
    Openai,
    /// Anthropic.
    Anthropic,
    /// Any other server that speaks chat completions.
    OpenaiCompatible,
    /// A local Ollama.
    Ollama,
}

impl From<Kind> for ProviderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Openai => Self::Openai,
            Kind::Anthropic => Self::Anthropic,
            Kind::OpenaiCompatible => Self::OpenaiCompatible,
            Kind::Ollama => Self::Ollama,
        }
    }
}

impl Provider {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let (json, tested) = (invocation.json, self.tested());
        let list = through(invocation, async |door| match self {
            Self::Add(add) => ask::<PutProvider>(door, add.request()?).await,
            Self::Key { name, key } => {
                let key = key.read()?.ok_or_else(no_key)?;
                ask::<ReplaceProviderKey>(door, ReplaceKey { name, key }).await
            }
            Self::Test { name } => ask::<TestProvider>(door, ProviderRef { name }).await,
            Self::List => ask::<FindProviders>(door, Nothing {}).await,
            Self::Remove { name } => ask::<DropProvider>(door, ProviderRef { name }).await,
        })
        .await?;
        if json {
            output::json(&list)?
        } else {
            output::text(&listed(&list))?
        }
        Ok(tested.map_or(Exit::Done, |name| exit_of_test(&list, &name)))
    }

    fn tested(&self) -> Option<String> {
        if let Self::Test { name } = self {
            Some(name.clone())
        } else {
            None
        }
    }
}

impl Add {
    fn request(self) -> Result<AddProvider, Failure> {
        Ok(AddProvider {
            name: self.name,
            kind: self.kind.into(),
            // A vendor's own models are known; what another address serves is not.
            add_known_models: self.known_models || self.base_url.is_none(),
            base_url: self.base_url,
            key: self.key.read()?,
            key_from_env: None,
        })
    }
}

impl KeySource {
    fn read(&self) -> Result<Option<String>, Failure> {
        let key = if self.key_stdin {
            text_of("-".as_ref())?
        } else if let Some(variable) = &self.key_env {
            std::env::var(variable).map_err(|_| Failure::Usage(format!("{variable} is not set")))?
        } else if let Some(file) = &self.key_file {
            text_of(file)?
        } else {
            return Ok(None);
        };
        let key = key.trim();
        if key.is_empty() {
            Err(Failure::Usage("the key is empty".to_owned()))
        } else {
            Ok(Some(key.to_owned()))
        }
    }
}

fn no_key() -> Failure {
    Failure::Usage("say where the new key is: --key-stdin, --key-env or --key-file".to_owned())
}

fn exit_of_test(list: &ProviderList, name: &str) -> Exit {
    let test = list
        .providers
        .iter()
        .find(|provider| provider.name == name)
        .and_then(|provider| provider.last_test.as_ref());
    if test.is_some_and(|test| test.ok) {
        Exit::Done
    } else {
        Exit::Failed
    }
}

fn listed(list: &ProviderList) -> String {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("KIND", Align::Left),
        ("ADDRESS", Align::Left),
        ("KEY", Align::Left),
        ("MODELS", Align::Right),
        ("LAST TEST", Align::Left),
    ]);
    for provider in &list.providers {
        table.row([
            provider.name.clone(),
            word(&provider.kind),
            provider.base_url.clone(),
            key(provider),
            provider.models.to_string(),
            test(provider),
        ]);
    }
    let offers = list.offers.iter().map(|offer| {
        format!(
            "{} was found; `husting provider add {} --kind {} --key-env {}` would use it.\n",
            offer.found,
            offer.name,
            word(&offer.kind),
            offer.found
        )
    });
    table.or("No provider yet: `husting provider add` adds one.") + &offers.collect::<String>()
}

fn key(provider: &ProviderView) -> String {
    match &provider.key_tail {
        None => "none".to_owned(),
        Some(tail) if provider.key_readable => format!("…{tail}"),
        Some(tail) => format!("…{tail} (cannot be read now)"),
    }
}

fn test(provider: &ProviderView) -> String {
    match &provider.last_test {
        None => "never".to_owned(),
        Some(test) if test.ok => format!("good, {} ms", test.millis),
        Some(test) => {
            let status = test
                .status
                .map(|status| format!("{status} "))
                .unwrap_or_default();
            format!(
                "failed: {status}{}",
                test.message.clone().unwrap_or_default()
            )
        }
    }
}
