//! Writing a case file.

use std::path::Path;

use husting_domain::ids::{AgentId, TenantId};
use husting_wire::audit::ExportAudit;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::Exported;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::case_file::{About, FORMAT, Header, Line, LinkLine, SealLine};
use super::sealing::PAGE;
use super::signing::machine_key;
use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Takes a chain away: into a new file, or as the answer.
    pub(crate) async fn export_audit(
        &self,
        tenant: &TenantId,
        asked: ExportAudit,
    ) -> Result<Exported, Error> {
        let about = asked
            .agent_id
            .map(|id| self.named(tenant, id))
            .transpose()?;
        match asked.path {
            None => {
                let mut text = Vec::new();
                self.write_case(tenant, about, &mut text).await?;
                let text = String::from_utf8(text)
                    .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
                let day = self.now().to_string();
                Ok(Exported {
                    file_name: format!("husting-case-{tenant}-{}.jsonl", &day[..10]),
                    text,
                })
            }
            Some(path) => {
                let path = self.surroundings.file(&path, "A case file", "case.jsonl")?;
                self.write_case_to(&path, tenant, about).await?;
                Ok(Exported {
                    file_name: path.display().to_string(),
                    text: String::new(),
                })
            }
        }
    }

    fn named(&self, tenant: &TenantId, id: AgentId) -> Result<About, Error> {
        let standing = self.agents.standing(id);
        let standing = standing.filter(|standing| standing.tenant == *tenant);
        let standing = standing.ok_or_else(|| {
            Error::new(
                ErrorCode::AgentNotFound,
                "There is no agent by that id here.",
            )
        })?;
        Ok(About {
            agent_id: id,
            agent_name: standing.agent.name.clone(),
            receipt: standing.agent.receipt.clone(),
        })
    }

    async fn write_case_to(
        &self,
        path: &Path,
        tenant: &TenantId,
        about: Option<About>,
    ) -> Result<(), Error> {
        let file = new_file(path)
            .await
            .map_err(|fault| unwritten(path, &fault))?;
        let mut out = BufWriter::new(file);
        let written = self.write_case(tenant, about, &mut out).await;
        let written = match written {
            Ok(()) => out
                .get_ref()
                .sync_all()
                .await
                .map_err(|fault| unwritten(path, &fault)),
            fault => fault,
        };
        if written.is_err()
            && let Err(fault) = tokio::fs::remove_file(path).await
        {
            tracing::warn!(%fault, "half a case file was left behind");
        }
        written
    }

    /// Writes a chain as it is, also where it is broken: that is evidence.
    async fn write_case(
        &self,
        tenant: &TenantId,
        about: Option<About>,
        out: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), Error> {
        self.seal_heads().await;
        let machine = machine_key(&self.keys).await.ok().flatten();
        let known = self.known_keys().await?;
        let former = known.iter().filter(|key| Some(**key) != machine);
        let header = Header {
            format: FORMAT.to_owned(),
            chain: tenant.to_string(),
            about,
            public_key: machine.map(|key| key.to_string()),
            former_keys: former.map(ToString::to_string).collect(),
            written_at: self.now(),
        };
        put(out, &Line::Header(Box::new(header))).await?;
        // Seals before the head: none of them is behind it then.
        for seal in self.store.audit_seals(tenant).await.outward()? {
            put(out, &Line::Seal(SealLine::of(&seal))).await?;
        }
        let head = self.store.audit_head(tenant).await.outward()?;
        let mut from = 1;
        while from <= head.link {
            let left = u32::try_from(head.link - from + 1).unwrap_or(u32::MAX);
            let links = self
                .store
                .audit_links(tenant, from, left.min(PAGE))
                .await
                .outward()?;
            let Some((last, _)) = links.last() else { break };
            from = last.number + 1;
            for (link, rows) in &links {
                put(out, &Line::Link(LinkLine::of(link, rows))).await?;
            }
        }
        out.flush().await.map_err(|fault| unfinished(&fault))
    }
}

async fn put(out: &mut (impl AsyncWrite + Unpin), line: &Line) -> Result<(), Error> {
    let mut text = serde_json::to_vec(line)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    text.push(b'\n');
    out.write_all(&text)
        .await
        .map_err(|fault| unfinished(&fault))
}

/// A file of nobody else's.
async fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

fn unwritten(path: &Path, fault: &std::io::Error) -> Error {
    let code = match fault.kind() {
        std::io::ErrorKind::AlreadyExists => ErrorCode::AlreadyExists,
        _ => ErrorCode::StoreUnavailable,
    };
    Error::new(
        code,
        format!("{} cannot be written: {fault}.", path.display()),
    )
}

fn unfinished(fault: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::StoreUnavailable,
        format!("The case file was not written: {fault}."),
    )
}
