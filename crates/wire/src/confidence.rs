//! Self-reported scores on the wire: decimals between 0 and 1, and the sentence that goes with them.

/// Shown wherever a score is shown.
pub const CONFIDENCE_DISCLAIMER: &str =
    "Confidence scores are self-reported by each model and not calibrated across models.";
