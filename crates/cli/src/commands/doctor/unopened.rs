//! What is seen where nobody can open the store: why, and what lies around it.

use husting_console::{Surroundings, Unopened, finding};
use husting_home::ConfigError;
use husting_server::{ListenAddress, Listener};
use husting_wire::settings::Finding;

use crate::exit::Failure;
use crate::invocation::Invocation;

/// What hinders anybody to open the store.
pub(super) struct Hindered(Finding);

impl Hindered {
    /// # Errors
    /// A failure that is not for want of the store, and that of a folder which somebody else has.
    pub(super) fn by(fault: Failure) -> Result<Self, Failure> {
        let subject = match &fault {
            Failure::Open(hindrance) if !hindrance.is_owned() => "store",
            Failure::Instance(_) => "instance",
            _ => return Err(fault),
        };
        Ok(Self(finding(subject, false, fault.to_string())))
    }

    /// How it is opened is a matter of settings that cannot be used.
    pub(super) fn by_settings() -> Self {
        Self(untested(
            "store",
            "was not opened before settings are right",
        ))
    }

    /// Looks at what lies around it.
    pub(super) async fn look(self, invocation: &Invocation) -> Unopened {
        let surroundings = Surroundings::own();
        let misconfigured = invocation.misconfigured.as_ref();
        let mut seen = vec![self.0];
        seen.extend(misconfigured.map(settings));
        seen.push(port(invocation).await);
        seen.extend(disk(invocation.home.path()));
        seen.extend(display(&surroundings));
        Unopened {
            home: invocation.home.path().to_owned(),
            seen,
            keys: misconfigured
                .is_none()
                .then(|| invocation.configured.keys.clone()),
            surroundings,
        }
    }
}

pub(super) fn settings(fault: &ConfigError) -> Finding {
    finding("settings", false, fault.to_string())
}

/// Whether an instance could listen. Nobody is answered there: the socket is closed at once.
async fn port(invocation: &Invocation) -> Finding {
    const PORT: &str = "port";
    let given = invocation.configured.given("listen");
    if given.is_none() && invocation.misconfigured.is_some() {
        return untested(PORT, "was not tried: the address is a setting");
    }
    let given = given.map(|given| given.value.as_str());
    let at = match ListenAddress::from_setting(given) {
        Ok(at) => at,
        Err(fault) => return finding(PORT, false, format!("listen: {fault}")),
    };
    match Listener::bind(at).await {
        Ok(listener) => finding(PORT, true, format!("{} is free", listener.address())),
        Err(fault) => finding(PORT, false, fault.to_string()),
    }
}

/// How much room is left where the data folder is.
#[cfg(unix)]
fn disk(home: &std::path::Path) -> Option<Finding> {
    const DISK: &str = "disk";
    const MEBIBYTE: u64 = 1024 * 1024;
    Some(match rustix::fs::statvfs(home) {
        Ok(system) => {
            let free = system.f_bavail.saturating_mul(system.f_frsize);
            match free / MEBIBYTE {
                0 => finding(DISK, false, "it is full: free some space"),
                room => finding(DISK, true, format!("{room} MiB are free")),
            }
        }
        Err(fault) => finding(DISK, false, format!("cannot be asked for room: {fault}")),
    })
}

#[cfg(not(unix))]
fn disk(_: &std::path::Path) -> Option<Finding> {
    None
}

/// Whether there is a screen for the window, where systems have none.
fn display(surroundings: &Surroundings) -> Option<Finding> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut names = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter();
    let message = match names.find(|name| surroundings.variable(name).is_some()) {
        Some(name) => format!("named in {name}"),
        None => "none: the window cannot open from here, and `husting serve` needs none".to_owned(),
    };
    Some(finding("display", true, message))
}

fn untested(subject: &str, message: &str) -> Finding {
    Finding {
        untested: true,
        ..finding(subject, true, message)
    }
}
