//! The settings in force and where they come from.

use husting_home::{SETTINGS, Setting, Source};
use husting_wire::commands::ReadSettings;
use husting_wire::settings::{Nothing, Settings};
use serde::Serialize;
use serde_json::{Value, json};

use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};

/// A setting as it stands.
#[derive(Serialize)]
struct InForce {
    name: &'static str,
    value: Value,
    from: &'static str,
    meaning: &'static str,
}

pub(super) async fn run(invocation: &Invocation) -> Result<Exit, Failure> {
    let settings = through(invocation, async |door| {
        ask::<ReadSettings>(door, Nothing {}).await
    })
    .await?;
    let (now, default) = (
        serde_json::to_value(settings)?,
        serde_json::to_value(Settings::default())?,
    );
    let rows: Vec<InForce> = SETTINGS
        .iter()
        .map(|setting| in_force(invocation, setting, &now, &default))
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

fn in_force(invocation: &Invocation, setting: &Setting, now: &Value, default: &Value) -> InForce {
    let given = invocation.configured.given(setting.name);
    let (name, meaning, field) = (setting.name, setting.meaning, setting.field());
    let Some(value) = now.get(&field) else {
        // Not the console's: it is what was set, or what is done without.
        let value = given.map_or_else(|| otherwise(name), |given| given.value.as_str());
        return InForce {
            name,
            value: value.into(),
            from: given.map_or("default", |given| place(given.source)),
            meaning,
        };
    };
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
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
        let value = row
            .value
            .as_str()
            .map_or_else(|| row.value.to_string(), str::to_owned);
        table.row([row.name.to_owned(), value, row.from.to_owned()]);
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
