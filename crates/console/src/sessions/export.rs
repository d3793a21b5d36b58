//! A session written out.

use husting_domain::ids::{SessionId, TenantId};
use husting_wire::errors::Error;
use husting_wire::sessions::{ExportFormat, Exported};

use crate::{Inner, records, transcript};

impl Inner {
    pub(crate) async fn export_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
        format: ExportFormat,
    ) -> Result<Exported, Error> {
        let view = self.get_session(tenant, id).await?;
        let stem: String = view
            .summary
            .title
            .chars()
            .map(|c| {
                if c.is_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(60)
            .collect();
        let stem = stem
            .split('-')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        let stem = if stem.is_empty() {
            format!("session-{id}")
        } else {
            stem
        };
        Ok(match format {
            ExportFormat::Md => Exported {
                file_name: format!("{stem}.md"),
                text: transcript::markdown(&view),
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
