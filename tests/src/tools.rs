//! Programs of the system that a suite cannot do without. A suite whose tool is missing fails and
//! says so; it is never left out in silence.

use std::process::{Command, Stdio};

/// What stands before a command that runs without any network, not even a loopback that is up.
pub const NO_NETWORK: &[&str] = &["unshare", "--map-root-user", "--net"];

/// What stands before a command that may mount what nobody else sees.
pub const OWN_MOUNTS: &[&str] = &["unshare", "--map-root-user", "--mount"];

/// Ends the test unless `command` works here.
pub fn require(command: &[&str], why: &str) {
    let (program, arguments) = command.split_first().expect("a command has a name");
    let tried = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let refused = match tried {
        Ok(done) if done.status.success() => return,
        Ok(done) => String::from_utf8_lossy(&done.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    panic!(
        "`{}` does not work here, and is needed {why}: {refused}",
        command.join(" ")
    );
}

/// Ends the test unless `unshare` can do what stands in `wrapper`.
pub fn require_namespace(wrapper: &[&str], why: &str) {
    require(&[wrapper, &["true"]].concat(), why);
}
