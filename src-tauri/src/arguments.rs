//! What the program is started with.

use std::path::PathBuf;

use clap::Parser;

/// Given at a start that shows no window where the tray shows the way to it: at login.
pub(crate) const HIDDEN: &str = "--hidden";

/// Husting's window: agents, deliberations, wallet and Discord on this machine
#[derive(Debug, Default, Parser)]
#[command(name = "husting-desktop", version)]
pub(crate) struct Arguments {
    /// The data folder [default: husting in the folder where programs keep data; `HUSTING_HOME`]
    #[arg(long, value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Address to listen on, which commands and browsers reach the window at
    /// [default: as `config.toml` or `HUSTING_LISTEN` say; 127.0.0.1:6070]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Begin behind the tray's icon, where there is one
    #[arg(long)]
    pub hidden: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_at_login_is_hidden_and_a_mistyped_word_is_no_start() {
        let parsed =
            |words: &[&str]| Arguments::try_parse_from([&["husting-desktop"], words].concat());
        let elsewhere = parsed(&["--listen", "127.0.0.1:0"]).unwrap();
        assert_eq!(elsewhere.listen.as_deref(), Some("127.0.0.1:0"));
        let login = parsed(&[HIDDEN, "--home", "there"]).unwrap();
        assert!(login.hidden);
        assert_eq!(login.home, Some(PathBuf::from("there")));
        assert_eq!(parsed(&["--hiden"]).unwrap_err().exit_code(), 2);
        assert_eq!(parsed(&["--home"]).unwrap_err().exit_code(), 2);
        assert_eq!(parsed(&["there"]).unwrap_err().exit_code(), 2);
    }
}
