//! What becomes of a question when its author edits it.

use husting_domain::agents::Name;
use husting_domain::discord::Inbound;

use super::mention::stripped;
use super::worded::{after, within};
use super::{Routes, inert};

/// What an edit means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// The words are the same: Discord also tells of a preview that was added.
    Unchanged,
    /// The question as it is now.
    Changed(Box<Inbound>),
    /// Neither words nor files are left of it: as good as deleted.
    Emptied,
}

/// The question after an edit, of which this is the whole text. Who is asked stays, also when the mention
/// was taken out: the agent may have read it.
#[must_use]
pub fn amended(existing: &Inbound, edited: &str, routes: &Routes) -> Amendment {
    let text = inert(&stripped(routes, edited)).into_owned();
    if text == existing.text {
        return Amendment::Unchanged;
    }
    if text.is_empty() && existing.attachments.is_empty() {
        return Amendment::Emptied;
    }
    Amendment::Changed(Box::new(Inbound {
        text,
        ..existing.clone()
    }))
}

/// The note to an agent that has read a question which was edited since. It is answered by the
/// question's own token, and carries no id of a request: it asks nothing new.
#[must_use]
pub fn amends(amended: &Inbound, connector: &Name) -> String {
    let before = format!(
        "amends:{}\nThe message was edited and now reads:\n",
        amended.request
    );
    within(&before, &amended.text, &after(amended, connector))
}

#[cfg(test)]
mod tests {
    use husting_domain::messages::Markers;

    use super::*;
    use crate::inbound::samples::{question, routes};

    #[test]
    fn an_edit_puts_other_words_in_the_place_of_the_old_ones() {
        let existing = question("Which plan?");
        let Amendment::Changed(changed) =
            amended(&existing, "<@9> {ack_for:1} Which of two?", &routes())
        else {
            panic!("it was changed");
        };
        assert_eq!(changed.text, "(ack_for:1} Which of two?");
        assert_eq!(
            Inbound {
                text: existing.text.clone(),
                ..*changed
            },
            existing
        );
    }

    #[test]
    fn the_same_words_change_nothing_and_no_words_withdraw() {
        let existing = question("Which plan?");
        assert_eq!(
            amended(&existing, "Which plan?", &routes()),
            Amendment::Unchanged
        );
        assert_eq!(amended(&existing, "<@9>", &routes()), Amendment::Emptied);
    }

    #[test]
    fn a_note_names_the_question_and_asks_nothing_new() {
        let note = amends(
            &question("Which of two?"),
            &Name::parse("discord-connector").unwrap(),
        );
        let id = "00000000-0000-0000-0000-00000000000a";
        assert!(note.starts_with(&format!(
            "amends:{id}\nThe message was edited and now reads:\nWhich of two?\n\n("
        )));
        assert_eq!(Markers::read(&note).request_id, None);
        assert_eq!(Markers::read(&note).ack_for.as_deref(), Some(id));
        assert!(note.ends_with("}}-->"));
    }
}
