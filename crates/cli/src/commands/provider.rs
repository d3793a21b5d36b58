//! Providers and their keys. A key is read from standard input, a variable or a file, and goes
//! nowhere but to the key store.

mod removal;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use husting_console::KeyChoice;
use husting_domain::providers::{NAME_RULE, PRESETS, ProviderKind, is_name};
use husting_wire::commands::{
    Command, FindProviders, MoveProvider, PutProvider, ReplaceProviderKey, TestProvider,
};
use husting_wire::providers::{
    AddProvider, ChangeAddress, ProviderList, ProviderRef, ProviderView, ReplaceKey,
};
use husting_wire::settings::Nothing;

pub(super) use self::text::{advice, failure};
use self::text::{listed, mending, no_models, only, outcome};
use super::files::text_of;
use super::{through, typed};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Providers and their keys
#[derive(Debug, Subcommand)]
pub enum Provider {
    /// Add a provider, and make a free call to it; it is added whatever comes of that, which --json tells
    Add(Add),
    /// Replace a provider's key
    Key {
        /// The provider
        name: String,
        /// Where the key is
        #[command(flatten)]
        key: KeySource,
    },
    /// Have a provider called elsewhere; its key goes there from the next call on
    Address {
        /// The provider
        name: String,
        /// Where it is called [default: the vendor's own address]
        #[arg(value_name = "URL")]
        base_url: Option<String>,
    },
    /// Make a free call with the key
    Test {
        /// The provider
        name: String,
    },
    /// List providers, and keys found in the environment
    List,
    /// Remove a provider, its key and its models
    Remove {
        /// The provider
        name: String,
        /// Do not ask; needed by scripts where a key or models go with it
        #[arg(long)]
        yes: bool,
    },
}

/// A provider.
#[derive(Debug, Args)]
pub struct Add {
    /// A name for it: lower-case letters, digits and dashes. A vendor's own says kind and address:
    /// openai, anthropic, gemini, xai, mistral, deepseek, groq, openrouter, ollama
    name: String,
    /// What it speaks [default: what the vendor of that name speaks]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Where it is called [default: the vendor's own address]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Where the key is; local servers need none
    #[command(flatten)]
    key: KeySource,
    /// Put those of its models on the list that the price table knows
    #[arg(long)]
    known_models: bool,
}

/// Where a key is read from. There is no flag for the key itself: arguments can be read by others.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct KeySource {
    /// Read the key from standard input; at a terminal it is asked for, and not shown
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
    /// Google's Gemini.
    Gemini,
}

impl From<Kind> for ProviderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Openai => Self::Openai,
            Kind::Anthropic => Self::Anthropic,
            Kind::OpenaiCompatible => Self::OpenaiCompatible,
            Kind::Ollama => Self::Ollama,
            Kind::Gemini => Self::Gemini,
        }
    }
}

impl Provider {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(invocation).await,
            Self::Key { name, key } => {
                let key = key.read()?.ok_or_else(no_key)?;
                let asked = ReplaceKey {
                    name: name.clone(),
                    key,
                };
                let list = through(invocation, async |door| {
                    refuse_to_forget(door, invocation)?;
                    ask::<ReplaceProviderKey>(door, asked).await
                });
                told(invocation, &list.await?, &name, "")
            }
            Self::Address { name, base_url } => {
                let asked = ChangeAddress {
                    name: name.clone(),
                    base_url,
                };
                let list = asked_of::<MoveProvider>(invocation, asked).await?;
                told(invocation, &list, &name, "")
            }
            Self::Test { name } => {
                let asked = ProviderRef { name: name.clone() };
                let list = asked_of::<TestProvider>(invocation, asked).await?;
                let tested = list.providers.iter().find(|known| known.name == name);
                let way = tested.map(mending).unwrap_or_default();
                told(invocation, &list, &name, &way)?;
                Ok(exit_of_test(&list, &name))
            }
            Self::List => {
                let list = asked_of::<FindProviders>(invocation, Nothing {}).await?;
                output::answer(&list, invocation.json, &listed(&list))
            }
            Self::Remove { name, yes } => {
                through(invocation, async |door| {
                    removal::run(door, invocation, name, yes).await
                })
                .await
            }
        }
    }
}

/// What a command answers, through the way in.
async fn asked_of<C: Command>(
    invocation: &Invocation,
    asked: C::Request,
) -> Result<C::Response, Failure> {
    through(invocation, async |door| ask::<C>(door, asked).await).await
}

/// A key in memory lives as long as the process that keeps it.
fn refuse_to_forget(door: &dyn Door, invocation: &Invocation) -> Result<(), Failure> {
    if door.outlives_us() || !matches!(invocation.configured.keys, KeyChoice::Memory) {
        return Ok(());
    }
    Err(Failure::Usage(
        "a key in memory would be forgotten when this command ends; use HUSTING_SECRETS=keyring \
         or file, or add it while `husting serve` or the window runs"
            .to_owned(),
    ))
}

/// Prints the provider that something was done with, and below it what a person should know besides. A script is given
/// them all, as by `list`.
fn told(
    invocation: &Invocation,
    list: &ProviderList,
    name: &str,
    besides: &str,
) -> Result<Exit, Failure> {
    output::answer(list, invocation.json, &(only(list, name) + besides))
}

impl Add {
    async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let asked = self.request()?;
        let (name, for_models) = (asked.name.clone(), asked.add_known_models);
        let list = through(invocation, async |door| {
            if asked.key.is_some() {
                refuse_to_forget(door, invocation)?;
            }
            let list = ask::<PutProvider>(door, asked).await?;
            Ok(tested(door, list, &name).await)
        })
        .await?;
        let added = list.providers.iter().find(|provider| provider.name == name);
        let besides = added.map(|provider| match for_models && provider.models == 0 {
            true => no_models(provider),
            false => outcome(provider),
        });
        told(invocation, &list, &name, &besides.unwrap_or_default())
    }

    fn request(self) -> Result<AddProvider, Failure> {
        Ok(AddProvider {
            kind: self.kind()?,
            name: self.name,
            // A vendor's own models are known; what another address serves is not.
            add_known_models: self.known_models || self.base_url.is_none(),
            base_url: self.base_url,
            key: self.key.read()?,
            key_from_env: None,
        })
    }

    /// As it is said, else as the name says.
    fn kind(&self) -> Result<ProviderKind, Failure> {
        if let Some(kind) = self.kind {
            return Ok(kind.into());
        }
        let preset = PRESETS.iter().find(|preset| preset.name == self.name);
        preset.map(|preset| preset.kind).ok_or_else(|| {
            if !is_name(&self.name) {
                return Failure::Usage(NAME_RULE.to_owned());
            }
            let names = PRESETS.map(|preset| preset.name).join(", ");
            Failure::Usage(format!(
                "say what {} speaks with --kind; only these names say it themselves: {names}",
                self.name
            ))
        })
    }
}

impl KeySource {
    fn read(&self) -> Result<Option<String>, Failure> {
        let is_input = self.key_file.as_deref() == Some(Path::new("-"));
        let key = if self.key_stdin || is_input {
            typed::secret("the key")?
        } else if let Some(variable) = &self.key_env {
            std::env::var(variable)
                .map_err(|_| Failure::Usage(format!("The variable {variable} is not set")))?
        } else if let Some(file) = &self.key_file {
            text_of(file)?
        } else {
            return Ok(None);
        };
        let key = key.trim();
        if key.is_empty() {
            Err(Failure::Usage("The key is empty".to_owned()))
        } else {
            Ok(Some(key.to_owned()))
        }
    }
}

/// The list once the provider that was just added has been called, as the window calls it. It was added whatever comes
/// of that.
async fn tested(door: &dyn Door, list: ProviderList, name: &str) -> ProviderList {
    let is_untested =
        |provider: &ProviderView| provider.name == name && provider.last_test.is_none();
    if !list.providers.iter().any(is_untested) {
        return list;
    }
    let name = name.to_owned();
    let tested = ask::<TestProvider>(door, ProviderRef { name }).await;
    // What is said then is that it was not called yet, and how it is.
    tested.unwrap_or(list)
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
