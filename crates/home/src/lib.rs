//! The data folder as every shell meets it, before and around the console: where it is, what its
//! `config.toml` and the environment say, where the logs go, and which instance runs on it.

mod anew;
mod config;
mod folder;
mod holder;
mod instance;
mod logs;
mod settings;

pub use crate::anew::begin_anew;
pub use crate::config::{ConfigError, Configured, Given, Source};
pub use crate::folder::{Home, HomeError};
pub use crate::holder::Holder;
pub use crate::instance::{Instance, InstanceError, InstanceFile};
pub use crate::logs::{LogError, Logs, Said};
pub use crate::settings::{SETTINGS, Setting};
