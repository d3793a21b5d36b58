//! How a provider answered, in its own words, and what mends it.

use husting_wire::providers::ProviderView;
use husting_wire::settings::Finding;

use super::{finding, subject};

/// None of one that was not asked.
pub(super) fn examined(provider: &ProviderView) -> Option<Finding> {
    let test = provider.last_test.as_ref()?;
    let subject = subject(&provider.name);
    if test.ok {
        let told = format!("answered in {} ms", test.millis);
        return Some(finding(&subject, true, told));
    }
    let said = test.message.as_deref().unwrap_or("did not answer");
    let (todo, command) = advice(provider).unzip();
    let message = match todo {
        Some(todo) => format!("{}. {todo}", said.trim_end_matches(['.', ' '])),
        None => said.to_owned(),
    };
    Some(Finding {
        command,
        ..finding(&subject, false, message)
    })
}

/// What is to be done in whichever shell, and the command that does it.
fn advice(provider: &ProviderView) -> Option<(&'static str, String)> {
    let name = &provider.name;
    let address = || format!("`husting provider address {name} URL` has it called elsewhere");
    if provider.refuses_key() {
        let key = format!("`husting provider key {name} --key-stdin` takes another key");
        return Some(match provider.key_tail {
            Some(_) => ("Its key was refused: replace it.", key),
            None => ("It wants a key: give it one.", key),
        });
    }
    if provider.misaddressed {
        return Some(("Is its address right?", address()));
    }
    provider
        .is_silent()
        .then(|| ("Is it running, and is its address right?", address()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(status: Option<u16>, said: &str, key_tail: Option<&str>) -> (String, String) {
        let misaddressed = matches!(status, Some(200 | 404 | 405));
        let view = serde_json::from_value(json!({
            "name": "rack", "misaddressed": misaddressed, "kind": "openai-compatible", "base_url": "http://127.0.0.1:4010/v1",
            "key_tail": key_tail, "kept_in": null, "key_readable": true, "models": 0, "created_at": "2026-11-24T10:00:00Z",
            "last_test": { "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": false, "status": status, "message": said },
        }));
        let found = examined(&view.expect("a provider as the core gives it"));
        let found = found.expect("it was asked");
        assert!(!found.ok);
        (found.message, found.command.unwrap_or_default())
    }

    #[test]
    fn what_a_provider_said_stands_with_what_mends_it() {
        let (message, command) = found(Some(401), "Incorrect API key.", Some("1234"));
        let replace = "Incorrect API key. Its key was refused: replace it.";
        assert_eq!(message, replace);
        assert!(command.contains("provider key rack"), "{command}");
        let (message, _) = found(Some(401), "Who are you?", None);
        assert!(
            message.ends_with("It wants a key: give it one."),
            "{message}"
        );
        let (message, command) = found(None, "not reached", Some("1234"));
        let look = "not reached. Is it running, and is its address right?";
        assert_eq!(message, look);
        assert!(command.contains("provider address rack URL"), "{command}");
        let (message, _) = found(Some(404), "Not Found", Some("1234"));
        assert_eq!(message, "Not Found. Is its address right?");
    }

    #[test]
    fn where_nothing_but_time_mends_it_nothing_is_advised() {
        let (message, command) = found(Some(503), "Overloaded.", Some("1234"));
        assert_eq!((message.as_str(), command.as_str()), ("Overloaded.", ""));
    }
}
