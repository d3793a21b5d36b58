//! Slash commands, buttons and forms: what people do with them, what they are told, and the commands that
//! are registered for that. Rules without any I/O.

mod answers;
mod commands;
mod heard;
mod life;

pub use self::answers::{
    choices, deferred, hidden, plain_message, round_form, shown, shown_question, steering_form,
    updated,
};
pub(crate) use self::answers::{cut, named, quoted};
pub use self::commands::{is_registered, registered};
pub use self::heard::{Button, Deed, NoButton, Occasion, Verb, heard};
pub use self::life::life;
