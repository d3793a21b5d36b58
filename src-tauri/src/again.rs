//! A program that begins anew because it was asked to.

use std::ffi::OsString;

use crate::arguments::HIDDEN;

/// Begins anew with these arguments. Returns where the system refuses.
pub(crate) fn begin_anew(arguments: &[OsString]) {
    let refused = husting_home::begin_anew(arguments);
    // The log has ended by now.
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
}
