//! Every setting with where it comes from, and what is wrong with them.

use std::sync::Arc;

use husting_clock::SystemClock;
use husting_discord::examination::{Finding, Verdict, examine};
use husting_discord::opening::GreetError;
use husting_discord::settings::{
    SETTINGS, Setting, SettingFault, Settings, Variables, Warning, redacted,
};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use super::mailboxes::{self, Unknown};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::plain;

/// A setting as it stands.
#[derive(Serialize)]
struct Row {
    variable: &'static str,
    /// Nothing where the value is wrong: it may be a secret in the wrong place.
    value: Option<String>,
    from: String,
    meaning: &'static str,
}

/// What was found.
struct Report {
    rows: Vec<Row>,
    settings: Result<Settings, Vec<SettingFault>>,
    warnings: Vec<Warning>,
    /// Why nobody here knows whether the agents read mail, where they were to be looked at.
    unknown: Option<Unknown>,
}

/// Looks at the settings; with `live` also at what Discord and the bus say of them, where they are well.
///
/// # Errors
/// When nothing can be printed, or no connection can be made.
pub(super) async fn run(
    variables: &Variables,
    live: bool,
    invocation: &Invocation,
) -> Result<Exit, Failure> {
    let mut report = Report::of(variables);
    let findings = match &report.settings {
        Ok(settings) if live => Some(found(settings).await?),
        _ => None,
    };
    if !live {
        report.look_at_agents(invocation).await;
    }
    if invocation.json {
        let mut document = report.document();
        if let Some(findings) = &findings {
            document["live"] = json!(findings);
        }
        output::json(&document)?;
    } else {
        output::text(&report.text(variables, findings.as_deref()))?;
    }
    let is_well = |finding: &Finding| finding.verdict < Verdict::Fault;
    Ok(match (&report.settings, findings) {
        (Err(_), _) => Exit::Usage,
        (Ok(_), Some(findings)) if !findings.iter().all(is_well) => Exit::Refused,
        _ => Exit::Done,
    })
}

async fn found(settings: &Settings) -> Result<Vec<Finding>, Failure> {
    let findings = examine(settings, Arc::new(SystemClock)).await;
    findings.map_err(|fault| Failure::Bridge(Box::new(GreetError::from(fault).into())))
}

impl Report {
    fn of(variables: &Variables) -> Self {
        let settings = Settings::read(variables);
        let faults = settings.as_ref().err().map_or(&[][..], Vec::as_slice);
        let rows = SETTINGS
            .iter()
            .map(|setting| row(setting, variables, faults))
            .collect();
        let warnings = Settings::warnings_of(settings.as_ref().ok(), variables);
        Self {
            rows,
            settings,
            warnings,
            unknown: None,
        }
    }

    /// Whether those who are asked read mail, which the bus of this machine knows.
    async fn look_at_agents(&mut self, invocation: &Invocation) {
        let Ok(settings) = &self.settings else {
            return;
        };
        match mailboxes::warnings(settings, invocation).await {
            Ok(warnings) => self.warnings.extend(warnings),
            Err(unknown) => self.unknown = Some(unknown),
        }
    }

    fn faults(&self) -> &[SettingFault] {
        self.settings.as_ref().err().map_or(&[], Vec::as_slice)
    }

    fn document(&self) -> serde_json::Value {
        let fault = |fault: &SettingFault| json!({ "variable": fault.variable, "rule": fault.rule, "remedy": fault.remedy });
        let warning =
            |warning: &Warning| json!({ "subject": warning.subject, "text": warning.text });
        json!({
            "ok": self.settings.is_ok(),
            "settings": self.rows,
            "agent_map": self.settings.as_ref().ok().map(|settings| &settings.agent_map),
            "faults": self.faults().iter().map(fault).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(warning).collect::<Vec<_>>(),
            "agents_unknown": self.unknown.as_ref().map(ToString::to_string),
        })
    }

    fn text(&self, variables: &Variables, live: Option<&[Finding]>) -> String {
        let file = variables
            .file()
            .map(|file| format!("Env file  {}\n\n", file.display()));
        let mut text = file.unwrap_or_default() + &table(&self.rows);
        if let Ok(settings) = &self.settings {
            text += &routes(settings);
        }
        for warning in &self.warnings {
            text += &format!("\nWarning: {}", plain(&warning.to_string()));
        }
        for fault in self.faults() {
            text += &format!("\nWRONG: {}", plain(&fault.to_string()));
        }
        if let Some(unknown) = &self.unknown {
            text += &format!(
                "\nAgents could not be checked: {}. husting discord --check --live asks the bus.",
                plain(&unknown.to_string())
            );
        }
        text += match (self.faults().len(), live) {
            (0, None) => "\nThe settings are well. Nobody outside this machine was asked.\n",
            _ => "\n",
        };
        for finding in live.unwrap_or_default() {
            text += &format!("{}\n", plain(&finding.to_string()));
        }
        text
    }
}

fn row(setting: &Setting, variables: &Variables, faults: &[SettingFault]) -> Row {
    let variable = setting.variable;
    let is_wrong = faults.iter().any(|fault| fault.variable == variable);
    let value = variables.get(variable).map(|value| {
        if setting.is_secret {
            redacted(&SecretString::from(value))
        } else {
            value.to_owned()
        }
    });
    let source = variables.source(variable).map(ToString::to_string);
    Row {
        variable,
        value: value
            .or_else(|| setting.default.map(str::to_owned))
            .filter(|_| !is_wrong),
        from: source.unwrap_or_else(|| "default".to_owned()),
        meaning: setting.meaning,
    }
}

fn table(rows: &[Row]) -> String {
    let columns = ["VARIABLE", "VALUE", "FROM", "MEANING"];
    let mut table = Table::new(&columns.map(|column| (column, Align::Left)));
    for row in rows {
        let value = row
            .value
            .as_deref()
            .map_or_else(|| "WRONG".to_owned(), plain);
        let cells = [
            row.variable.to_owned(),
            value,
            plain(&row.from),
            row.meaning.to_owned(),
        ];
        table.row(cells);
    }
    table.to_string()
}

/// Who is asked where.
fn routes(settings: &Settings) -> String {
    let mut text = String::new();
    for (channel, agent) in &settings.agent_map {
        text += &format!("\nChannel {channel} asks {agent}.");
    }
    text + &format!("\nEverything else asks {}.\n", settings.default_agent)
}
