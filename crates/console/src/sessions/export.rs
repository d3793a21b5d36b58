//! A session written out.

use husting_domain::ids::{SessionId, TenantId};
use husting_wire::errors::Error;
use husting_wire::sessions::{ExportFormat, Exported};

use crate::{Inner, records, transcript};

/// Most letters of a file's name before its ending.
const MOST_LETTERS: usize = 60;

impl Inner {
    pub(crate) async fn export_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
        format: ExportFormat,
    ) -> Result<Exported, Error> {
        let view = self.get_session(tenant, id).await?;
        let stem = stem(&view.summary.title).unwrap_or_else(|| format!("session-{id}"));
        Ok(match format {
            ExportFormat::Md => Exported {
                file_name: format!("{stem}.md"),
                text: transcript::with_tags(&view),
            },
            ExportFormat::Outcome => Exported {
                file_name: format!("{stem}.md"),
                text: transcript::outcome(&view),
            },
            ExportFormat::Json => Exported {
                file_name: format!("{stem}.json"),
                text: records::session_json(&view)?,
            },
        })
    }
}

/// A title as a file's name, of as many whole words as it has room for; `None` where it has no letter.
fn stem(title: &str) -> Option<String> {
    let words = title.split(|c: char| !c.is_alphanumeric());
    let mut left = MOST_LETTERS;
    let mut kept: Vec<String> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let letters = word.chars().count();
        if letters > left {
            if kept.is_empty() {
                kept.push(word.chars().take(left).collect());
            }
            break;
        }
        kept.push(word.to_ascii_lowercase());
        left = left.saturating_sub(letters + 1);
    }
    (!kept.is_empty()).then(|| kept.join("-"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_question(
        "Should we use Postgres, or wait?",
        Some("should-we-use-postgres-or-wait")
    )]
    #[case::at_the_end_of_a_word(
        "Should the next release of our event store be moved to Postgres or wait for a quarter",
        Some("should-the-next-release-of-our-event-store-be-moved-to")
    )]
    #[case::another_script("هل نحتفظ؟", Some("هل-نحتفظ"))]
    #[case::no_letter("?!", None)]
    fn a_title_names_a_file(#[case] title: &str, #[case] named: Option<&str>) {
        assert_eq!(stem(title).as_deref(), named);
    }

    #[test]
    fn one_long_word_is_cut() {
        assert_eq!(stem(&"a".repeat(200)), Some("a".repeat(MOST_LETTERS)));
    }
}
