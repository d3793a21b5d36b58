//! The window's listener: the door of `husting` commands and of a browser into this program. A
//! window without one works as well, so what is wrong with it is told and never ends the start.

use husting_console::Console;
use husting_home::{Home, InstanceFile};
use husting_server::{ListenAddress, Serving};

/// The listener at work, and the file that tells commands of it.
pub(crate) struct Hosting {
    serving: Serving,
    /// `None` where it could not be written: commands then find the folder in use.
    instance: Option<InstanceFile>,
}

impl Hosting {
    /// Listens for `console`, at another port where the given one is taken; `None` when nothing
    /// can be listened on. The folder must be locked by this process.
    pub(crate) async fn start(console: &Console, home: &Home, at: ListenAddress) -> Option<Self> {
        let serving = Serving::start_anywhere(console, at)
            .await
            .inspect_err(|fault| tracing::error!(%fault, "the window is not listened for"))
            .ok()?;
        let instance = InstanceFile::write(home, serving.http(), serving.token())
            .inspect_err(|fault| tracing::error!(%fault, "commands cannot find this window"))
            .ok();
        Some(Self { serving, instance })
    }

    /// Takes nothing new and ends. The file goes at once, while the folder is still ours: the next
    /// instance's must not be taken for this one's.
    pub(crate) async fn end(self) {
        drop(self.instance);
        self.serving.end().await;
    }
}
