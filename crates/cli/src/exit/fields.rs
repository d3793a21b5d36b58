//! Members of a command's body as they are called on the line.

use husting_wire::errors::{Error, ErrorCode};

/// By the name that the wire has for it.
const CALLED: [(&str, &str); 13] = [
    ("agent_name", "the name"),
    ("batch_seconds", "`--batch`, in seconds,"),
    ("charter", "`--charter`"),
    ("directory", "`--directory`"),
    ("expires_at", "`--expires`"),
    ("for_seconds", "`--for`, in seconds,"),
    ("model", "`--model`"),
    ("overlap_seconds", "`--overlap`, in seconds (10m is 600),"),
    ("per_day", "`--per-day`"),
    ("prompt", "the prompt"),
    ("request_id", "`--request`"),
    ("summary", "`--for`"),
    ("tenant_id", "the id"),
];

/// What the console refused, for whoever wrote the line. A script is told the wire's names, as in `details`.
pub fn told(error: &Error) -> String {
    let is_of_the_body = matches!(
        error.code,
        ErrorCode::InvalidBody | ErrorCode::InvalidRequest
    );
    // The rest may have quotes of its own.
    let named = error
        .message
        .strip_prefix('`')
        .and_then(|rest| rest.split_once('`'));
    let called = named.and_then(|(field, rest)| {
        let (_, called) = CALLED.iter().find(|(name, _)| *name == field)?;
        Some(format!("{called}{rest}"))
    });
    called
        .filter(|_| is_of_the_body)
        .unwrap_or_else(|| error.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_wrote_the_line_is_told_what_they_wrote() {
        let said = |code, message: &str| told(&Error::new(code, message));
        let body = ErrorCode::InvalidBody;
        for (wire, line) in [
            (
                "`overlap_seconds` must be a whole number from 0 to 86400.",
                "`--overlap`, in seconds (10m is 600), must be a whole number from 0 to 86400.",
            ),
            (
                "`agent_name` must be one of kasra, athena.",
                "the name must be one of kasra, athena.",
            ),
            (
                "`model` must be a model of this machine, as `husting models list` gives them.",
                "`--model` must be a model of this machine, as `husting models list` gives them.",
            ),
            (
                "`tenant_id` must be 1 to 64 characters.",
                "the id must be 1 to 64 characters.",
            ),
            (
                "`kasra` is one of Husting's own names.",
                "`kasra` is one of Husting's own names.",
            ),
            ("No `model` is there.", "No `model` is there."),
        ] {
            assert_eq!(said(body, wire), line);
        }
        let other = "`model` of somebody.";
        assert_eq!(said(ErrorCode::NotFound, other), other);
    }
}
