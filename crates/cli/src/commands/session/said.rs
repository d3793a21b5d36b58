//! What people in Discord have said for a session's next round.

use husting_wire::commands::FindSaid;
use husting_wire::discord::SaidInDiscord;
use husting_wire::sessions::SessionRef;

use super::Named;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::{indented, plain};

pub(super) async fn run(door: &dyn Door, id: Named, json: bool) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let list = ask::<FindSaid>(door, SessionRef { session_id }).await?;
    output::answer(&list, json, &text(&list.said))
}

/// Who said what, each with the claim that it is about.
fn text(all: &[SaidInDiscord]) -> String {
    if all.is_empty() {
        return "Nothing that people said in Discord waits for its next round.\n".to_owned();
    }
    let one = |said: &SaidInDiscord| {
        let (who, whose) = (plain(&said.author), &said.quoted_model);
        let comment = match said.comment.trim() {
            "" => String::new(),
            comment => format!("\n{}", indented(comment)),
        };
        format!(
            "{who}  {} of {whose}\n{}{comment}\n",
            said.stance.word(),
            indented(&format!("“{}”", said.quote))
        )
    };
    all.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_said_of_a_claim_stands_with_who_said_it_and_of_what() {
        let told = |author: &str, comment: &str| {
            text(&[serde_json::from_value(json!({
                "author": author, "stance": "CHALLENGE", "quote": "One table.", "quoted_model": "gpt-5.4", "comment": comment,
            }))
            .unwrap()])
        };
        let head = "Ana  CHALLENGE of gpt-5.4\n  “One table.”\n";
        assert_eq!(
            told("Ana\u{1b}", "Is it?\nWhy?"),
            format!("{head}  Is it?\n  Why?\n")
        );
        assert_eq!(told("Ana", " "), head);
        assert_eq!(
            text(&[]),
            "Nothing that people said in Discord waits for its next round.\n"
        );
    }
}
