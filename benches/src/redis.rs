//! Redis with `appendfsync always`: what a binary protocol and an append-only file do at the most.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, cmd};
use tempfile::TempDir;

/// How long a start or an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server with a folder of its own. It is killed when dropped.
pub struct Redis {
    child: Child,
    client: Client,
    _folder: TempDir,
}

impl Redis {
    /// Starts it on a free port and waits until it answers.
    pub async fn start(program: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        let child = Command::new(program)
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--save", "", "--dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let mut redis = Self {
            child,
            client: Client::open(format!("redis://{address}/"))?,
            _folder: folder,
        };
        redis.until_it_answers().await?;
        Ok(redis)
    }

    /// A connection of a writer's own.
    pub async fn connect(&self) -> anyhow::Result<MultiplexedConnection> {
        // Half a second, the library's own, is little where the machine is shared.
        let patient = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&patient);
        Ok(connection.await?)
    }

    async fn until_it_answers(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.connect().await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("Redis ended with {status}");
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "Redis does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

/// Adds a message to the stream of a mailbox; answered once it is flushed.
pub async fn add(
    connection: &mut MultiplexedConnection,
    mailbox: &str,
    text: &str,
) -> anyhow::Result<()> {
    let add = cmd("XADD")
        .arg(mailbox)
        .arg("*")
        .arg("text")
        .arg(text)
        .to_owned();
    let _id: String = add.query_async(connection).await?;
    Ok(())
}

fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}
