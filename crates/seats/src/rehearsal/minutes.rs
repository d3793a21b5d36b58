//! What a rehearsal seat finds in a request for a summary besides question and answers: the panel's
//! names, the claims, the recaps of earlier rounds.

use husting_domain::exchange::{Prompt, Role};

use super::fences::{Fence, fences};

/// A request for a summary, understood.
#[derive(Debug, Default)]
pub(super) struct Minutes<'a> {
    names: Vec<(&'a str, &'a str)>,
    pub claims: Vec<Claim<'a>>,
    /// Oldest first.
    pub past: Vec<Past<'a>>,
}

/// A claim of the round.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim<'a> {
    pub id: &'a str,
    pub group: &'a str,
    pub quote: &'a str,
}

/// An earlier round's recap.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Past<'a> {
    /// 0-based place of the round.
    pub index: u32,
    /// Headings with what stands below them.
    pub sections: Vec<(&'a str, &'a str)>,
}

impl<'a> Minutes<'a> {
    pub(super) fn of(prompt: &'a Prompt) -> Self {
        let mut minutes = Self::default();
        let users = prompt.messages.iter().filter(|one| one.role == Role::User);
        for fence in users.flat_map(|message| fences(&message.text).0) {
            minutes.take_in(&fence);
        }
        minutes
    }

    /// What the panel calls the seat of this letter.
    pub(super) fn name_of(&self, letter: &str) -> String {
        let mut names = self.names.iter();
        let name = names.find(|(known, _)| *known == letter);
        name.map_or_else(
            || format!("Panelist {letter}"),
            |(_, name)| (*name).to_owned(),
        )
    }

    fn take_in(&mut self, fence: &Fence<'a>) {
        match fence.kind {
            "panel" => self.names.extend(fence.body.lines().filter_map(seat)),
            "claims" => self.claims.extend(fence.body.lines().filter_map(claim)),
            "recap" => self.past.extend(past(fence)),
            _ => {}
        }
    }
}

/// `panelist A: Claude Opus`.
fn seat(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("panelist ")?.split_once(": ")
}

/// `c1 contested, panelist A: “Words.”`; the reactions below it are set in.
fn claim(line: &str) -> Option<Claim<'_>> {
    let (head, quote) = line.split_once(": “")?;
    let (id, rest) = head.split_once(' ')?;
    let (group, _) = rest.split_once(", ")?;
    Some(Claim {
        id: Some(id).filter(|id| !id.is_empty())?,
        group,
        quote: quote.strip_suffix('”')?,
    })
}

fn past<'a>(fence: &Fence<'a>) -> Option<Past<'a>> {
    let index = fence.about.first()?.parse().ok()?;
    let sections = fence.body.split("\n## ").skip(1);
    let sections = sections.filter_map(|section| section.split_once('\n'));
    Some(Past {
        index,
        sections: sections
            .map(|(heading, body)| (heading, body.trim()))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_claim_or_nothing() {
        let line = "c12 contested, panelist A: “It holds: “always”.”";
        let found = Claim {
            id: "c12",
            group: "contested",
            quote: "It holds: “always”.",
        };
        assert_eq!(claim(line), Some(found));
        for other in ["  panelist B KEEP: c1 open, so: “x”", "c1 open: “x”", ""] {
            assert_eq!(claim(other), None, "{other}");
        }
    }
}
