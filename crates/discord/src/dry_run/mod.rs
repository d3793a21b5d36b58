//! A run without sockets: gateway frames in, decisions and the bus calls that would follow out.

mod frame;
mod known;
mod samples;
mod step;

use std::io::{self, BufRead};

use husting_domain::discord::RequestId;
use husting_domain::time::Timestamp;

use crate::settings::Settings;

pub use self::samples::samples;
pub use self::step::{Call, Outcome, Step};

use self::known::Known;

/// How many lines came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were no blank ones.
    pub lines: usize,
    /// Questions that would be asked.
    pub asked: usize,
    /// Lines that are no frames.
    pub faults: usize,
}

/// Reads frames, one a line, and tells what each would lead to. A line that is no frame is told, and the
/// next one is read. `now` and `ids` stand for the clock and for chance.
///
/// # Errors
/// When the lines cannot be read, or `told` fails.
pub fn run(
    settings: &Settings,
    now: Timestamp,
    mut ids: impl FnMut() -> RequestId,
    lines: impl BufRead,
    mut told: impl FnMut(&Step) -> io::Result<()>,
) -> io::Result<Tally> {
    let mut known = Known::new(settings);
    let mut tally = Tally::default();
    for (index, line) in lines.split(b'\n').enumerate() {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let step = known.step(index + 1, &line, now, &mut ids);
        tally.lines += 1;
        tally.asked += usize::from(matches!(step.outcome, Outcome::Ask { .. }));
        tally.faults += usize::from(matches!(step.outcome, Outcome::Fault { .. }));
        told(&step)?;
    }
    Ok(tally)
}

#[cfg(test)]
mod tests;
