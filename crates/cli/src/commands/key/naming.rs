//! Which key is meant.

use husting_wire::errors::{Error, ErrorCode};
use husting_wire::keys::KeyView;

use crate::exit::Failure;

/// Fewer characters of an id are a slip of the hand rather than a name.
const FEWEST: usize = 6;

/// The live key of this name, id, or beginning of an id.
///
/// # Errors
/// `not_found` when there is none; wrong usage when several are meant.
pub(super) fn find<'a>(keys: &'a [KeyView], name: &str) -> Result<&'a KeyView, Failure> {
    let digits = name.replace('-', "").to_ascii_lowercase();
    let begins_so = |key: &KeyView| {
        let id = key.key_id.to_string().replace('-', "");
        digits.len() >= FEWEST && id.starts_with(&digits)
    };
    let live = || keys.iter().filter(|key| key.revoked_at.is_none());
    let mut meant: Vec<&KeyView> = live().filter(|key| key.name == name).collect();
    if meant.is_empty() {
        meant = live().filter(|key| begins_so(key)).collect();
    }
    match meant[..] {
        [] => Err(unknown(keys, name).into()),
        [key] => Ok(key),
        _ => Err(ambiguous(name, &meant)),
    }
}

fn unknown(keys: &[KeyView], name: &str) -> Error {
    let was_there = keys.iter().any(|key| key.name == name);
    let told = if was_there {
        format!("The key of {name} is revoked already.")
    } else {
        format!("No live key is called {name}. `husting key list` shows them all.")
    };
    Error::new(ErrorCode::NotFound, told)
}

fn ambiguous(name: &str, keys: &[&KeyView]) -> Failure {
    let line = |key: &&KeyView| format!("\n  {}  {} of {}", key.key_id, key.name, key.tenant_id);
    Failure::Usage(format!(
        "{name} means {} keys; write an id:{}",
        keys.len(),
        keys.iter().map(line).collect::<String>()
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(id: &str, name: &str, revoked: bool) -> KeyView {
        let revoked_at = revoked.then_some("2026-11-20T10:00:00Z");
        serde_json::from_value(json!({
            "key_id": id, "tenant_id": "local", "name": name, "tail": "k3Qz81aB", "daily_rounds": null,
            "created_at": "2026-11-20T09:00:00Z", "last_used_at": null, "revoked_at": revoked_at,
        }))
        .unwrap()
    }

    #[test]
    fn a_key_is_meant_by_its_name_before_an_ids_beginning_and_never_a_revoked_one() {
        let keys = [
            key("0199d1f0-0000-7000-8000-000000000001", "laptop", false),
            key("0199d1f0-0000-7000-8000-000000000002", "laptop", true),
            key("0199aaaa-0000-7000-8000-000000000003", "script", false),
        ];
        let found = |name: &str| find(&keys, name).ok().map(|key| key.name.as_str());
        assert_eq!(found("laptop"), Some("laptop"));
        assert_eq!(found("0199aa"), Some("script"));
        assert_eq!(found("0199D1F0-0000"), Some("laptop"));
        assert_eq!(found("0199d1f0-0000-7000-8000-000000000002"), None);
        assert_eq!(found("0199d"), None, "too short");
        assert_eq!(found("lap"), None, "names are whole");
    }

    #[test]
    fn what_means_no_key_is_told_from_one_that_is_revoked() {
        let keys = [key("0199d1f0-0000-7000-8000-000000000002", "laptop", true)];
        for (name, told) in [
            ("laptop", "The key of laptop is revoked already."),
            (
                "desk",
                "No live key is called desk. `husting key list` shows them all.",
            ),
        ] {
            let Err(Failure::Console(error)) = find(&keys, name) else {
                panic!("{name} is none")
            };
            assert_eq!(error.code, ErrorCode::NotFound);
            assert_eq!(error.message, told);
        }
    }

    #[test]
    fn what_means_two_keys_is_told_with_both() {
        let keys = [
            key("0199d1f0-0000-7000-8000-000000000001", "laptop", false),
            key("0199d1f0-0000-7000-8000-000000000002", "laptop", false),
        ];
        for name in ["laptop", "0199d1f0"] {
            let Err(Failure::Usage(told)) = find(&keys, name) else {
                panic!("{name} is not one key")
            };
            assert!(
                told.contains("000000000001") && told.contains("000000000002"),
                "{told}"
            );
        }
    }
}
