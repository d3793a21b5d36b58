//! A client's file for a token or key that a command makes: looked at before anything is made, written
//! or shown once there is a secret for it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use husting_domain::clients::Client;
use husting_domain::ids::TenantId;
use husting_wire::agents::AgentView;
use husting_wire::commands::{PutWiring, ReadWiring};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{
    GitStanding, ShowWiring, WiringFormat, WiringOf, WiringTransport, WiringView, WriteWiring,
    WrittenWiring,
};
use serde::Serialize;

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::count;

/// What stands in a shown configuration for the secret.
pub const PLACEHOLDER: &str = "<your-token>";

/// For which client, and where.
#[derive(Debug, Default, Args)]
pub struct ForClient {
    /// Show the configuration of this client: claude-code, codex, gemini-cli, cursor, vscode, windsurf,
    /// cline, claude-desktop, zed, hermes, openclaw or json (any other)
    #[arg(long, value_name = "CLIENT")]
    client: Option<Client>,
    #[command(flatten)]
    file: IntoFile,
}

/// A file, and how it is written.
#[derive(Debug, Default, Args)]
pub struct IntoFile {
    /// Write it: a file, or a folder in which the client's own file name is used. Other servers in it
    /// stay, and what stood there is kept beside it
    #[arg(long, value_name = "PATH", requires = "client")]
    write: Option<PathBuf>,
    /// How the client reaches the bus: http, or sse for one that knows nothing newer
    #[arg(long, value_enum, hide_possible_values = true, requires = "client")]
    transport: Option<Transport>,
    /// In a work tree, have Git leave the file out (by its own info/exclude)
    #[arg(long, requires = "write")]
    git_exclude: bool,
}

/// How a client reaches the bus.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// Server-sent events, for clients that know nothing newer.
    Sse,
}

/// A client's configuration that is about to get its secret.
pub struct Planned {
    pub view: WiringView,
    file: IntoFile,
}

impl ForClient {
    /// Looks at what would be shown or written, and refuses what could not be.
    ///
    /// # Errors
    /// Where the client cannot be wired so, or its file cannot be written as it stands.
    pub async fn plan(self, door: &dyn Door, of: WiringOf) -> Result<Option<Planned>, Failure> {
        match self.client {
            None => Ok(None),
            Some(client) => self.file.plan(door, of, client).await.map(Some),
        }
    }
}

impl IntoFile {
    /// See [`ForClient::plan`].
    ///
    /// # Errors
    /// As there.
    pub async fn plan(
        self,
        door: &dyn Door,
        of: WiringOf,
        client: Client,
    ) -> Result<Planned, Failure> {
        let asked = ShowWiring {
            of,
            client,
            transport: self.transport(),
            path: self.path()?,
        };
        let view = ask::<ReadWiring>(door, asked).await?;
        Ok(Planned { view, file: self })
    }

    /// Where it goes, whole: the program that writes it may stand in another folder.
    pub fn path(&self) -> Result<Option<String>, Failure> {
        self.write.as_deref().map(absolute).transpose()
    }

    pub fn transport(&self) -> WiringTransport {
        match self.transport {
            None | Some(Transport::Http) => WiringTransport::Http,
            Some(Transport::Sse) => WiringTransport::Sse,
        }
    }

    pub const fn git_exclude(&self) -> bool {
        self.git_exclude
    }
}

impl Planned {
    /// Writes the file, where that was asked.
    ///
    /// # Errors
    /// Where it cannot be written; nothing was changed then.
    pub async fn write(
        &self,
        door: &dyn Door,
        of: WiringOf,
        secret: &str,
    ) -> Result<Option<WrittenWiring>, Failure> {
        let Some(path) = self.file.path()? else {
            return Ok(None);
        };
        let asked = WriteWiring {
            of,
            client: self.view.client,
            transport: self.file.transport(),
            path,
            secret: secret.to_owned(),
            git_exclude: self.file.git_exclude(),
        };
        ask::<PutWiring>(door, asked).await.map(Some)
    }

    /// The configuration with its secret.
    pub fn text(&self, secret: &str) -> String {
        let text = self.view.text.replace(PLACEHOLDER, secret);
        let title = &self.view.title;
        if self.view.format == WiringFormat::Command {
            return format!("{title} is wired by this command:\n\n{text}\n");
        }
        let place = match (&self.view.user_file, &self.view.project_file) {
            (Some(user), Some(project)) => format!("{user}, or {project} in a project's folder"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "its own configuration".to_owned(),
        };
        let started = self.view.user_file.as_deref();
        let started = started.and_then(|file| codex_start(self.view.client, file));
        format!(
            "{title} takes it like this, in {place}:\n\n{}\n{}",
            text.trim_end(),
            started.map_or_else(String::new, |line| format!("\n{line}\n"))
        )
    }
}

/// What was written, for people, with a warning where Git has the secret; `agent` is whose token it is, none for a
/// key.
pub fn said(written: &WrittenWiring, agent: Option<&AgentView>) -> String {
    let mut lines = vec![format!(
        "The configuration of {} is in {}, which only you can read.",
        written.client.title(),
        written.path
    )];
    if written.made_folder {
        lines.push("Its folder was not there, and was made for you alone.".to_owned());
    }
    if written.passing_address {
        let words = "The address in it holds until Husting ends: the system chose the port. Start Husting with a port of \
                     its own (--listen), and write the file anew.";
        lines.push(words.to_owned());
    }
    lines.extend(kept(written.other_servers, written.backup.as_deref()));
    if written.replaced_anothers {
        let words = "A server of the same name that was not Husting's was replaced; it stands in that file.";
        lines.push(words.to_owned());
    }
    if written.git == Some(GitStanding::Ignored) {
        lines.push("Git leaves it out, and its backups too.".to_owned());
    }
    lines.extend(codex_start(written.client, &written.path));
    lines.extend(git_warning(written, agent));
    lines.join("\n") + "\n"
}

/// What of a file that was changed is as it was, and where it stands as it was.
pub fn kept(other_servers: u32, backup: Option<&str>) -> impl Iterator<Item = String> {
    let others = (other_servers > 0).then(|| {
        let others = count(other_servers.into(), "other server");
        let was = if other_servers == 1 {
            "it was"
        } else {
            "they were"
        };
        format!("{others} in it stayed as {was}.")
    });
    let backup = backup.map(|backup| {
        format!("What stood there before is in {backup}, without tokens of Husting's.")
    });
    others.into_iter().chain(backup)
}

/// How Codex is started with a file that is one of its profiles.
fn codex_start(client: Client, file: &str) -> Option<String> {
    let home = client.home_of(file)?;
    let profile = file.get(home.len() + 1..)?.strip_suffix(".config.toml")?;
    Some(format!(
        "Codex reads it when it is started with CODEX_HOME={home} as `codex -p {profile}`."
    ))
}

/// A secret that was made, with what became of its configuration: as JSON, or for people.
#[derive(Serialize)]
pub struct Handed<'a, T: Serialize> {
    #[serde(flatten)]
    pub made: &'a T,
    /// What the client reads, where it was asked for and not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wired: Option<WrittenWiring>,
    /// Why it was not, although it was asked for: the secret is in this answer alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_written: Option<Error>,
}

/// Writes or shows what was planned, now that there is a secret. A file that cannot be written any more
/// does not lose the secret: it is shown, and the command ends as done in part. `agent` is whose it is, none for a key.
///
/// # Errors
/// When standard output cannot be written.
pub async fn hand_out<T: Serialize>(
    door: &dyn Door,
    (planned, of, agent): (Planned, WiringOf, Option<&AgentView>),
    (made, secret): (&T, &str),
    json: bool,
) -> Result<Exit, Failure> {
    let mut handed = Handed {
        made,
        configuration: None,
        wired: None,
        not_written: None,
    };
    match planned.write(door, of, secret).await {
        Ok(Some(written)) => handed.wired = Some(written),
        Ok(None) => handed.configuration = Some(planned.text(secret)),
        Err(Failure::Console(fault)) => handed.not_written = Some(fault),
        Err(fault) => {
            let words = fault.to_string();
            handed.not_written = Some(Error::new(ErrorCode::ClientFile, words));
        }
    }
    if json {
        output::json(&handed)?;
    } else {
        output::text(&text_of(&handed, secret, agent))?;
    }
    let failed = handed.not_written.is_some();
    Ok(if failed { Exit::Partial } else { Exit::Done })
}

fn text_of<T: Serialize>(
    handed: &Handed<'_, T>,
    secret: &str,
    agent: Option<&AgentView>,
) -> String {
    if let Some(fault) = &handed.not_written {
        return format!(
            "{secret}\n\nThe file was not written: {}\nThis is the only time that the token above is shown.\n",
            fault.message
        );
    }
    if let Some(written) = &handed.wired {
        return said(written, agent);
    }
    let configuration = handed.configuration.as_deref().unwrap_or_default();
    format!(
        "{configuration}\nThis is the only time that it is shown with its token: keep it in a file that only you \
         can read (mode 0600).\n"
    )
}

/// Where a commit would carry the secret away.
fn git_warning(written: &WrittenWiring, agent: Option<&AgentView>) -> Option<String> {
    let (path, client) = (&written.path, written.client);
    match written.git {
        None | Some(GitStanding::Ignored) => None,
        Some(GitStanding::Tracked) => Some(format!(
            "WARNING: Git keeps {path}, and its next commit would carry the token away: `git rm --cached {path}`."
        )),
        Some(GitStanding::Untracked | GitStanding::Unknown) => {
            let way = match agent {
                // By a name only the operator's own are found.
                Some(agent) => {
                    let of = match agent.tenant_id == TenantId::local() {
                        true => agent.agent_name.to_string(),
                        false => agent.id.to_string(),
                    };
                    format!(
                        "`husting wire {of} --client {client} --write {path} --rotate --git-exclude` writes it anew and \
                         has Git leave it out."
                    )
                }
                // A key is written once, when it is made.
                None => "Name it in .git/info/exclude, as --git-exclude does for the next key."
                    .to_owned(),
            };
            Some(format!(
                "WARNING: {path} lies in a Git work tree, and a commit of everything would carry the token away. {way}"
            ))
        }
    }
}

/// A path as the program that is asked reads it, which may stand in another folder.
///
/// # Errors
/// Where it is no text.
pub fn absolute(path: &Path) -> Result<String, Failure> {
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let whole = if path.starts_with("~") {
        // Whoever writes it knows the home folder.
        path.to_owned()
    } else {
        std::path::absolute(path).map_err(Failure::Stream)?
    };
    let Ok(mut whole) = whole.into_os_string().into_string() else {
        let words = format!("{} cannot be written as text", path.display());
        return Err(Failure::Usage(words));
    };
    if is_folder && !whole.ends_with('/') {
        whole.push('/');
    }
    Ok(whole)
}
