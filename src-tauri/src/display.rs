//! Whether there is a screen. GTK panics without one, so it is asked before the window is
//! built and the answer is a sentence.

/// Why no window can be shown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// Neither X11 nor Wayland is announced in the environment.
    #[error(
        "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). \
         Run `husting serve` and open the link it prints in a browser."
    )]
    Missing,
    /// A display is announced, but it does not answer.
    #[error(
        "the display named by DISPLAY or WAYLAND_DISPLAY does not answer. \
         Run `husting serve` and open the link it prints in a browser."
    )]
    Unreachable,
}

/// Makes sure that a window can be opened.
pub(crate) fn require() -> Result<(), DisplayError> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    announced(|name| std::env::var(name).ok())?;
    reachable()
}

/// An empty value counts as unset, as it does for the window systems themselves.
fn announced(variable: impl Fn(&str) -> Option<String>) -> Result<(), DisplayError> {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    if set("DISPLAY") || set("WAYLAND_DISPLAY") {
        Ok(())
    } else {
        Err(DisplayError::Missing)
    }
}

#[cfg(target_os = "linux")]
fn reachable() -> Result<(), DisplayError> {
    gtk::init().map_err(|_| DisplayError::Unreachable)
}

#[cfg(not(target_os = "linux"))]
fn reachable() -> Result<(), DisplayError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&str, &str)]) -> Result<(), DisplayError> {
        announced(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn either_window_system_will_do() {
        assert_eq!(with(&[("DISPLAY", ":0")]), Ok(()));
        assert_eq!(with(&[("WAYLAND_DISPLAY", "wayland-0")]), Ok(()));
    }

    #[test]
    fn an_empty_variable_is_no_display() {
        assert_eq!(with(&[]), Err(DisplayError::Missing));
        assert_eq!(
            with(&[("DISPLAY", ""), ("WAYLAND_DISPLAY", "")]),
            Err(DisplayError::Missing)
        );
    }

    #[test]
    fn the_refusal_names_the_way_out() {
        for refusal in [DisplayError::Missing, DisplayError::Unreachable] {
            assert!(refusal.to_string().contains("husting serve"));
        }
    }
}
