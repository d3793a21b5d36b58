//! The settings in force, where they come from, and their change.

use clap::Args;
use husting_home::{SETTINGS, Setting, Source};
use husting_wire::commands::{ChangeSettings, ReadSettings};
use husting_wire::settings::{EditSettings, Nothing, Settings};
use serde::Serialize;
use serde_json::{Value, json};

use super::through;
use crate::door::{RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};

/// Which setting becomes what.
#[derive(Debug, Args)]
pub struct Config {
    /// A setting, such as panel.max_seats [default: print all of them]
    name: Option<String>,
    /// What it becomes, at once and from now on [default: print how it stands]
    value: Option<String>,
}

/// A setting as it stands.
#[derive(Serialize)]
struct InForce {
    name: &'static str,
    value: Value,
    from: &'static str,
    meaning: &'static str,
}

impl Config {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match (self.name, self.value) {
            (Some(name), Some(value)) => change(invocation, &name, &value).await,
            (Some(name), None) => print_one(invocation, &name).await,
            _ => print(invocation).await,
        }
    }
}

/// Keeps a setting, and says so where something else than what was kept is in force.
async fn change(invocation: &Invocation, name: &str, value: &str) -> Result<Exit, Failure> {
    let setting = named(name)?;
    let field = setting.field();
    if serde_json::to_value(Settings::default())?
        .get(&field)
        .is_none()
    {
        return Err(Failure::Usage(format!(
            "{name} is read when Husting starts: set it in {}, or with {}",
            invocation.home.config_file().display(),
            setting.variable(),
        )));
    }
    let wanted = setting.read(value).ok_or_else(|| {
        Failure::Usage(format!(
            "{name} cannot be {value}: it is {}",
            setting.rule()
        ))
    })?;
    let asked: EditSettings = serde_json::from_value(json!({ field: wanted }))?;
    let settings = through(invocation, async |door| {
        ask::<ChangeSettings>(door, asked).await
    });
    let now = serde_json::to_value(settings.await?)?;
    let default = serde_json::to_value(Settings::default())?;
    let row = in_force(invocation, setting, &now, &default, None);
    let stands = row.value == wanted;
    let (value, from) = (shown(&row.value), row.from);
    if invocation.json {
        output::json(&row)?;
    } else if stands {
        output::line(&format!("{name} is {value}."))?;
    } else {
        output::line(&format!(
            "It is kept, but {value} stays in force while the {from} says so."
        ))?;
    }
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<&'static Setting, Failure> {
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    setting.ok_or_else(|| {
        Failure::Usage(format!(
            "There is no setting “{name}”: `husting config` lists them"
        ))
    })
}

/// The settings that the console has, as they are and as they would be.
async fn read(invocation: &Invocation) -> Result<(Value, Value), Failure> {
    let settings = through(invocation, async |door| {
        ask::<ReadSettings>(door, Nothing {}).await
    })
    .await?;
    Ok((
        serde_json::to_value(settings)?,
        serde_json::to_value(Settings::default())?,
    ))
}

async fn print_one(invocation: &Invocation, name: &str) -> Result<Exit, Failure> {
    let setting = named(name)?;
    let (now, default) = read(invocation).await?;
    let running = listens(invocation).await?;
    let row = in_force(invocation, setting, &now, &default, running.as_deref());
    output::answer(&row, invocation.json, &format!("{}\n", shown(&row.value)))
}

async fn print(invocation: &Invocation) -> Result<Exit, Failure> {
    let (now, default) = read(invocation).await?;
    let running = listens(invocation).await?;
    let rows: Vec<InForce> = SETTINGS
        .iter()
        .map(|setting| in_force(invocation, setting, &now, &default, running.as_deref()))
        .collect();
    if invocation.json {
        let home = invocation.home.path();
        output::json(
            &json!({ "home": home, "config_file": invocation.home.config_file(), "settings": rows }),
        )?;
    } else {
        output::text(&written(invocation, &rows))?;
    }
    Ok(Exit::Done)
}

/// Where the instance that runs on the folder listens, if one does: it may have been started with flags and variables
/// of its own.
async fn listens(invocation: &Invocation) -> Result<Option<String>, Failure> {
    let running = RemoteDoor::find(&invocation.home).await?;
    Ok(running.map(|running| {
        let http = running.http();
        http.strip_prefix("http://").unwrap_or(http).to_owned()
    }))
}

fn in_force(
    invocation: &Invocation,
    setting: &Setting,
    now: &Value,
    default: &Value,
    listens: Option<&str>,
) -> InForce {
    let given = invocation.configured.given(setting.name);
    let (name, meaning, field) = (setting.name, setting.meaning, setting.field());
    let Some(value) = now.get(&field) else {
        // Not the console's: it is what was set, or what is done without.
        let value = given.map_or_else(|| otherwise(name), |given| given.value.as_str());
        if let Some(at) = listens.filter(|at| name == "listen" && *at != value) {
            return InForce {
                name,
                value: at.into(),
                from: "running Husting",
                meaning,
            };
        }
        return InForce {
            name,
            value: value.into(),
            from: given.map_or("default", |given| place(given.source)),
            meaning,
        };
    };
    let text = shown(value);
    let from = match given {
        Some(given) if given.value == text => place(given.source),
        _ if default.get(&field) == Some(value) => "default",
        // Changed in the window, or by how the running instance was started.
        _ => "console",
    };
    InForce {
        name,
        value: value.clone(),
        from,
        meaning,
    }
}

/// A value as `config.toml` has it, without quotes.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What is done when nobody set it.
fn otherwise(name: &str) -> &'static str {
    match name {
        "listen" => "127.0.0.1:6070",
        "secrets" => "the sealed file if any, else the keyring",
        _ => "",
    }
}

const fn place(source: Source) -> &'static str {
    match source {
        Source::File => "config.toml",
        Source::Environment => "environment",
        Source::Flag => "flag",
    }
}

fn written(invocation: &Invocation, rows: &[InForce]) -> String {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("VALUE", Align::Left),
        ("FROM", Align::Left),
    ]);
    for row in rows {
        table.row([row.name.to_owned(), shown(&row.value), row.from.to_owned()]);
    }
    let (home, file) = (
        invocation.home.path().display(),
        invocation.home.config_file(),
    );
    format!(
        "Data folder  {home}\nSettings     {}\n\n{table}\n`husting --help` says what each means.\n",
        file.display()
    )
}
