//! A program that begins anew: because it was asked to, and where a second start met the first in the moment
//! of its end. The other window had its name on the session bus still then, and was gone when it was to be
//! shown: this start is the first.

use std::env;
use std::ffi::OsString;

use crate::window::HIDDEN;

/// The plugin that looks for another window.
const PLUGIN: &str = "single-instance";
/// What it says where the other one was there and did not answer.
const UNHEARD: &str = "failed to forward";
/// Set for a start that begins anew, which does so once.
const BEGUN_ANEW: &str = "HUSTING_BEGUN_ANEW";

/// Begins anew where nobody was left to show a window; where it cannot, or did so before, the fault.
pub(crate) fn unless_left_alone(fault: tauri::Error) -> tauri::Error {
    if is_left_alone(&fault) && env::var_os(BEGUN_ANEW).is_none() {
        begin_anew(env::args_os().skip(1), &[(BEGUN_ANEW, "1")]);
    }
    fault
}

fn is_left_alone(fault: &tauri::Error) -> bool {
    matches!(fault, tauri::Error::PluginInitialization(plugin, words) if plugin == PLUGIN && words.contains(UNHEARD))
}

/// Begins anew with these arguments. Returns where the system refuses.
pub(crate) fn begin_anew(
    arguments: impl IntoIterator<Item = OsString>,
    variables: &[(&str, &str)],
) {
    let refused = husting_home::begin_anew(arguments, variables);
    // The log may have ended by now.
    eprintln!("husting-desktop: it cannot begin anew: {refused}");
}

/// The arguments of this start, for one that follows it: behind the tray's icon where the window is there now, and
/// not where it was when this one began.
pub(crate) fn arguments(
    of_this: impl IntoIterator<Item = OsString>,
    is_behind_tray: bool,
) -> Vec<OsString> {
    let others = of_this.into_iter().filter(|argument| argument != HIDDEN);
    others
        .chain(is_behind_tray.then(|| HIDDEN.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::raised_since(&["--hidden"], false, &[])]
    #[case::hidden_still(&["--hidden"], true, &["--hidden"])]
    #[case::hidden_since(&[], true, &["--hidden"])]
    #[case::never_hidden(&["--other"], false, &["--other"])]
    fn a_window_that_is_seen_is_seen_again(
        #[case] of_this: &[&str],
        #[case] is_behind_tray: bool,
        #[case] next: &[&str],
    ) {
        let of_this = of_this.iter().map(OsString::from);
        assert_eq!(arguments(of_this, is_behind_tray), next);
    }

    #[test]
    fn only_another_window_that_is_gone_is_a_reason() {
        let of = |plugin: &str, words: &str| {
            is_left_alone(&tauri::Error::PluginInitialization(
                plugin.to_owned(),
                words.to_owned(),
            ))
        };
        let gone = "failed to forward arguments to the running instance: org.freedesktop.DBus.Error.ServiceUnknown";
        assert!(of(PLUGIN, gone));
        assert!(!of(PLUGIN, "no session bus"));
        assert!(!of("opener", gone));
        assert!(!is_left_alone(&tauri::Error::WindowNotFound));
    }
}
