//! What a person did, as the gateway tells it.

use std::fmt;
use std::str::FromStr;

use husting_domain::discord::{Author, Place, Snowflake};
use secrecy::SecretString;
use twilight_model::application::interaction::application_command::{
    CommandData, CommandOptionValue,
};
use twilight_model::application::interaction::modal::{
    ModalInteractionComponent, ModalInteractionData,
};
use twilight_model::application::interaction::{Interaction, InteractionData, InteractionType};
use twilight_model::channel::ChannelType;
use twilight_model::guild::Permissions;
use uuid::Uuid;

/// Under which circumstances.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Discord's id of it.
    pub id: Snowflake,
    /// Whose commands they are.
    pub application: Snowflake,
    /// By which it is answered, for a quarter of an hour. Never kept.
    pub token: SecretString,
    /// Where.
    pub place: Place,
    /// A thread can be made of a message there.
    pub has_threads: bool,
    /// Who.
    pub author: Author,
    /// Whether they may write there themselves.
    pub may_write: bool,
    /// The message whose button it was, or whose button opened the form.
    pub message: Option<Snowflake>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// `/ask agent text`.
    Ask {
        /// Who is to be asked, as typed.
        agent: String,
        /// What.
        text: String,
    },
    /// `/agents`.
    Agents,
    /// `/where [message]`.
    Where {
        /// A link or an id, as typed.
        message: Option<String>,
    },
    /// `/deliberate question`.
    Deliberate {
        /// What the panel is asked.
        question: String,
    },
    /// An agent's name is being typed.
    Complete {
        /// So far.
        typed: String,
    },
    /// A button was pressed.
    Press(Button),
    /// A form was sent.
    Send {
        /// The button that opened it.
        button: Button,
        /// The claim's number, as typed.
        claim: String,
        /// What else was typed.
        words: String,
    },
    /// A command or button that is none of this version's.
    Unknown,
}

/// A button of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it is for.
    pub verb: Verb,
    /// Which panel.
    pub panel: Uuid,
    /// The round after which it was shown, from one.
    pub round: u32,
    /// The claims that it was shown under, as [`shown`](crate::panels::shown) has them; none of a message of before.
    pub claims: Option<u32>,
}

/// What a panel's button is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Stands against a claim.
    Challenge,
    /// Stands with a claim.
    Keep,
    /// Takes back what whoever presses it said last.
    TakeBack,
    /// Begins the next round.
    Next,
}

impl Verb {
    /// All of them, as they are shown.
    pub const ALL: [Self; 4] = [Self::Challenge, Self::Keep, Self::TakeBack, Self::Next];

    const fn word(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Keep => "keep",
            Self::TakeBack => "back",
            Self::Next => "next",
        }
    }
}

/// The id that Discord gives back when it is pressed. It says nothing but where to look.
impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (panel, verb) = (self.panel.simple(), self.verb.word());
        write!(f, "panel:{panel}:{verb}:{}", self.round)?;
        self.claims
            .map_or(Ok(()), |claims| write!(f, ":{claims:08x}"))
    }
}

/// A text is no id of a button of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no button of a panel")]
pub struct NoButton;

impl FromStr for Button {
    type Err = NoButton;

    fn from_str(text: &str) -> Result<Self, NoButton> {
        let mut parts = text.split(':');
        let mut part = || parts.next().ok_or(NoButton);
        if part()? != "panel" {
            return Err(NoButton);
        }
        let panel = Uuid::try_parse(part()?).map_err(|_| NoButton)?;
        let word = part()?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.word() == word);
        let round = part()?.parse().map_err(|_| NoButton)?;
        let claims = parts.next().map(|claims| u32::from_str_radix(claims, 16));
        Ok(Self {
            verb: verb.ok_or(NoButton)?,
            panel,
            round,
            claims: claims.transpose().map_err(|_| NoButton)?,
        })
    }
}

/// Reads what the gateway tells; nothing for a ping, or for what lacks an id or a person.
#[must_use]
pub fn heard(interaction: Interaction) -> Option<(Occasion, Deed)> {
    let deed = deed(interaction.kind, interaction.data.as_ref()?)?;
    Some((occasion(&interaction)?, deed))
}

fn occasion(interaction: &Interaction) -> Option<Occasion> {
    let channel = interaction.channel.as_ref()?;
    let written_in = id(channel.id.get())?;
    let is_thread = channel.kind.is_thread();
    let parent = channel.parent_id.filter(|_| is_thread);
    let parent = parent.and_then(|parent| id(parent.get()));
    let user = interaction.author()?;
    let member = interaction.member.as_ref();
    let there = member.and_then(|member| member.nick.as_ref());
    let name = there.or(user.global_name.as_ref()).unwrap_or(&user.name);
    let needed = if is_thread {
        Permissions::SEND_MESSAGES_IN_THREADS
    } else {
        Permissions::SEND_MESSAGES
    };
    let held = member.and_then(|member| member.permissions);
    let of_message = interaction.message.as_ref();
    Some(Occasion {
        id: id(interaction.id.get())?,
        application: id(interaction.application_id.get())?,
        token: interaction.token.clone().into(),
        place: Place {
            guild: interaction.guild_id.and_then(|guild| id(guild.get())),
            channel: parent.unwrap_or(written_in),
            thread: parent.map(|_| written_in),
        },
        has_threads: matches!(
            channel.kind,
            ChannelType::GuildText | ChannelType::GuildAnnouncement
        ),
        author: Author {
            id: id(user.id.get())?,
            name: name.clone(),
        },
        may_write: held.is_none_or(|held| held.contains(needed)),
        message: of_message.and_then(|message| id(message.id.get())),
    })
}

fn deed(kind: InteractionType, data: &InteractionData) -> Option<Deed> {
    Some(match data {
        InteractionData::ApplicationCommand(command)
            if kind == InteractionType::ApplicationCommandAutocomplete =>
        {
            Deed::Complete {
                typed: focused(command),
            }
        }
        InteractionData::ApplicationCommand(command) => commanded(command),
        InteractionData::MessageComponent(component) => component
            .custom_id
            .parse()
            .map_or(Deed::Unknown, Deed::Press),
        InteractionData::ModalSubmit(form) => match form.custom_id.parse() {
            Ok(button) => Deed::Send {
                button,
                claim: typed(form, "claim"),
                words: typed(form, "words"),
            },
            Err(NoButton) => Deed::Unknown,
        },
        _ => return None,
    })
}

fn commanded(command: &CommandData) -> Deed {
    let option = |name: &str| {
        let mut options = command.options.iter();
        let found = options.find(|option| option.name == name)?;
        match &found.value {
            CommandOptionValue::String(text) => Some(text.trim().to_owned()),
            _ => None,
        }
    };
    match command.name.as_str() {
        "ask" => Deed::Ask {
            agent: option("agent").unwrap_or_default(),
            text: option("text").unwrap_or_default(),
        },
        "agents" => Deed::Agents,
        "where" => Deed::Where {
            message: option("message").filter(|message| !message.is_empty()),
        },
        "deliberate" => Deed::Deliberate {
            question: option("question").unwrap_or_default(),
        },
        _ => Deed::Unknown,
    }
}

fn focused(command: &CommandData) -> String {
    let typed = command
        .options
        .iter()
        .find_map(|option| match &option.value {
            CommandOptionValue::Focused(typed, _) => Some(typed.clone()),
            _ => None,
        });
    typed.unwrap_or_default()
}

/// What was typed in a field of a form, whichever of Discord's two layouts it came in.
fn typed(form: &ModalInteractionData, name: &str) -> String {
    let text = |component: &ModalInteractionComponent| match component {
        ModalInteractionComponent::TextInput(input) if input.custom_id == name => {
            Some(input.value.trim().to_owned())
        }
        _ => None,
    };
    let found = form
        .components
        .iter()
        .find_map(|component| match component {
            ModalInteractionComponent::ActionRow(row) => row.components.iter().find_map(text),
            ModalInteractionComponent::Label(label) => text(&label.component),
            other => text(other),
        });
    found.unwrap_or_default()
}

fn id(id: u64) -> Option<Snowflake> {
    Snowflake::new(id).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_button_is_known_by_its_id(panel in any::<u128>(), round in any::<u32>(), claims in any::<Option<u32>>(), verb in 0..4_usize) {
            let button = Button { verb: Verb::ALL[verb], panel: Uuid::from_u128(panel), round, claims };
            let id = button.to_string();
            prop_assert!(id.len() <= 100, "Discord takes 100 characters");
            prop_assert_eq!(id.parse(), Ok(button));
        }

        #[test]
        fn nothing_else_is_a_button(text in ".*") {
            prop_assume!(!text.starts_with("panel:"));
            prop_assert_eq!(text.parse::<Button>(), Err(NoButton));
        }
    }
}
