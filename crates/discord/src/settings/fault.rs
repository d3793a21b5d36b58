//! What is wrong with a setting.

/// A setting that cannot be taken. No value of a secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {rule}; {remedy}")]
pub struct SettingFault {
    /// Which variable.
    pub variable: &'static str,
    /// The rule that it breaks.
    pub rule: String,
    /// What to do.
    pub remedy: String,
}
