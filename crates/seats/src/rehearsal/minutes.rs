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
    /// Whose words: a letter, or what else the one who said them is called.
    pub author: &'a str,
    pub quote: &'a str,
    /// Who reacted, called likewise, and how.
    pub reactions: Vec<(&'a str, &'a str)>,
}

/// An earlier round's recap.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Past<'a> {
    /// 0-based place of the round.
    pub index: u32,
    /// Headings with what stands below them.
    pub sections: Vec<(&'a str, &'a str)>,
}

impl<'a> Past<'a> {
    /// What stands below this heading.
    pub(super) fn under(&self, heading: &str) -> Option<&'a str> {
        let mut sections = self.sections.iter();
        let found = sections.find(|(known, _)| *known == heading);
        found.map(|(_, body)| *body).filter(|body| !body.is_empty())
    }
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

    /// What the panel calls the seat of this letter; others are called what they are called here.
    pub(super) fn name_of(&self, who: &str) -> String {
        let mut names = self.names.iter();
        let name = names.find(|(known, _)| *known == who);
        match name {
            Some((_, name)) => (*name).to_owned(),
            None if is_letter(who) => format!("Panelist {who}"),
            None => who.to_owned(),
        }
    }

    fn take_in_claim(&mut self, line: &'a str) {
        match (line.strip_prefix("  "), self.claims.last_mut()) {
            (Some(line), Some(newest)) => newest.reactions.extend(reaction(line)),
            _ => self.claims.extend(claim(line)),
        }
    }

    fn take_in(&mut self, fence: &Fence<'a>) {
        match fence.kind {
            "panel" => self.names.extend(fence.body.lines().filter_map(seat)),
            "claims" => fence.body.lines().for_each(|line| self.take_in_claim(line)),
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
    let (group, author) = rest.split_once(", ")?;
    Some(Claim {
        id: Some(id).filter(|id| !id.is_empty())?,
        group,
        author: called(author),
        quote: quote.strip_suffix('”')?,
        reactions: Vec::new(),
    })
}

/// `panelist B KEEP: It holds.`
fn reaction(line: &str) -> Option<(&str, &str)> {
    let (head, _) = line.split_once(':')?;
    let (who, kind) = head.rsplit_once(' ')?;
    Some((called(who), kind))
}

/// The letter of `panelist B`, or what else somebody is called.
fn called(who: &str) -> &str {
    who.strip_prefix("panelist ").unwrap_or(who)
}

fn is_letter(who: &str) -> bool {
    who.len() == 1 && who.starts_with(|c: char| c.is_ascii_uppercase())
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
            author: "A",
            reactions: Vec::new(),
            quote: "It holds: “always”.",
        };
        assert_eq!(claim(line), Some(found));
        for other in ["  panelist B KEEP: c1 open, so: “x”", "c1 open: “x”", ""] {
            assert_eq!(claim(other), None, "{other}");
        }
    }

    #[test]
    fn a_line_set_in_is_a_reaction_to_the_claim_above_it() {
        let mut minutes = Minutes::default();
        for line in [
            "  panelist B KEEP: to nothing",
            "c1 open, panelist A: “One.”",
            "  panelist B CHALLENGE: c2 open, so: “no”",
            "  the moderator KEEP: yes",
        ] {
            minutes.take_in_claim(line);
        }
        let [one] = &minutes.claims[..] else {
            panic!("{:?}", minutes.claims)
        };
        assert_eq!(
            one.reactions,
            [("B", "CHALLENGE"), ("the moderator", "KEEP")]
        );
        assert_eq!(minutes.name_of("the moderator"), "the moderator");
        assert_eq!(minutes.name_of("B"), "Panelist B");
    }
}
