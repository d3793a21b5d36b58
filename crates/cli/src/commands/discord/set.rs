//! How the console's bridge speaks, and of which application it is.

use clap::{Args, ValueEnum};
use husting_domain::discord::Snowflake;
use husting_wire::commands::ChangeDiscord;
use husting_wire::discord::{EditDiscord, Marks};

use super::ids;
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::word;

/// What is changed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Set {
    /// Marks on what people wrote: off, trouble (⚠️ where it rests) or on (👀 as well, once it is read)
    #[arg(long, value_enum, value_name = "WHICH", hide_possible_values = true)]
    marks: Option<Marked>,
    /// Agents speak under their own name, where the bot has Manage Webhooks: on or off
    #[arg(long, value_enum, value_name = "ON|OFF", hide_possible_values = true)]
    own_names: Option<Switch>,
    /// Rounds of panels that people in Discord may begin in a day, 0 to 1000
    #[arg(long, value_name = "N", value_parser = numbers::between(0, 1_000))]
    panels: Option<u32>,
    /// The application's id, for the invitation, as its General Information page has it
    #[arg(long, value_name = "ID", value_parser = ids::application)]
    application: Option<Snowflake>,
}

/// Which marks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Marked {
    Off,
    Trouble,
    On,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    Off,
    On,
}

impl Set {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let edit = EditDiscord {
            application_id: self.application,
            marks: self.marks.map(Marks::from),
            own_names: self.own_names.map(|switch| matches!(switch, Switch::On)),
            panels_per_day: self.panels,
            ..EditDiscord::default()
        };
        let said = said(&edit);
        let view = ask::<ChangeDiscord>(door, edit).await?;
        output::answer(&view, json, &said)
    }
}

/// A line for each.
fn said(edit: &EditDiscord) -> String {
    let marks = edit
        .marks
        .map(|marks| format!("Marks: {}.\n", word(&marks)));
    let own_names = edit.own_names.map(|own_names| match own_names {
        true => {
            "Agents speak under their own name, where the bot has Manage Webhooks.\n".to_owned()
        }
        false => "Agents speak as the bot.\n".to_owned(),
    });
    let panels = edit.panels_per_day.map(|panels| match panels {
        0 => "People in Discord begin no rounds of panels.\n".to_owned(),
        most => format!("People in Discord begin at most {most} rounds of panels a day.\n"),
    });
    let application = edit.application_id.map(|id| {
        format!("The application is {id}; husting discord invite prints its invitation.\n")
    });
    let lines = [marks, own_names, panels, application];
    lines.into_iter().flatten().collect()
}

impl From<Marked> for Marks {
    fn from(marks: Marked) -> Self {
        match marks {
            Marked::Off => Self::Off,
            Marked::Trouble => Self::Trouble,
            Marked::On => Self::On,
        }
    }
}
