//! Another program to measure beside: its first line says where it listens, and it is killed when dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// A running one.
pub struct Peer {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Peer {
    /// Starts it and waits for its first line.
    pub fn start(program: &mut Command) -> anyhow::Result<Self> {
        let name = program.get_program().to_string_lossy().into_owned();
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let address = first_line(&mut child)
            .and_then(|line| Ok(line.trim().parse()?))
            .with_context(|| format!("{name} does not say where it listens"));
        // What has started is killed even when it is of no use.
        match address {
            Ok(address) => Ok(Self { child, address }),
            Err(fault) => {
                child.kill()?;
                child.wait()?;
                Err(fault)
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

fn first_line(child: &mut Child) -> anyhow::Result<String> {
    let output = child.stdout.take().context("its output is not ours")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line)
}
