//! Where the event stream is cut into pieces for the socket. Each piece becomes one HTTP chunk and
//! one flush, so a client sees exactly these borders.

use serde::{Deserialize, Serialize};

/// The borders of the pieces a client receives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slicing {
    /// One piece for each event.
    #[default]
    Events,
    /// Pieces of these sizes in bytes, used in turn, across the borders of events.
    Bytes(Vec<usize>),
    /// A cut inside every character of more than one byte.
    InsideCharacters,
    /// A cut inside every line end: between CR and LF, and between the two line ends of a blank line.
    InsideLineEnds,
}

pub(crate) struct Slicer {
    slicing: Slicing,
    carry: Vec<u8>,
    turn: usize,
}

impl Slicer {
    pub(crate) fn new(slicing: Slicing) -> Self {
        Slicer {
            slicing,
            carry: Vec::new(),
            turn: 0,
        }
    }

    /// The pieces that are complete once `event` has been added.
    pub(crate) fn push(&mut self, event: &[u8]) -> Vec<Vec<u8>> {
        match &self.slicing {
            Slicing::Events => vec![event.to_vec()],
            Slicing::Bytes(sizes) => {
                let sizes: Vec<usize> = sizes.iter().copied().filter(|size| *size > 0).collect();
                self.carry.extend_from_slice(event);
                self.take_sizes(&sizes)
            }
            Slicing::InsideCharacters => {
                cut_before(event, |at| event[at] & 0b1100_0000 == 0b1000_0000)
            }
            Slicing::InsideLineEnds => cut_before(event, |at| {
                event[at] == b'\n' && matches!(event[at - 1], b'\r' | b'\n')
            }),
        }
    }

    /// What is left over, because the script wants to wait or to stop here.
    pub(crate) fn flush(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.carry)).filter(|rest| !rest.is_empty())
    }

    fn take_sizes(&mut self, sizes: &[usize]) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        if sizes.is_empty() {
            return self.flush().into_iter().collect();
        }
        while self.carry.len() >= sizes[self.turn % sizes.len()] {
            let rest = self.carry.split_off(sizes[self.turn % sizes.len()]);
            pieces.push(std::mem::replace(&mut self.carry, rest));
            self.turn += 1;
        }
        pieces
    }
}

fn cut_before(event: &[u8], is_cut: impl Fn(usize) -> bool) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..event.len() {
        if is_cut(at) {
            pieces.push(event[from..at].to_vec());
            from = at;
        }
    }
    pieces.push(event[from..].to_vec());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(slicing: Slicing, events: &[&str]) -> Vec<Vec<u8>> {
        let mut slicer = Slicer::new(slicing);
        let mut pieces: Vec<Vec<u8>> = events
            .iter()
            .flat_map(|event| slicer.push(event.as_bytes()))
            .collect();
        pieces.extend(slicer.flush());
        pieces
    }

    #[test]
    fn sizes_run_across_events_and_lose_nothing() {
        let pieces = slice(Slicing::Bytes(vec![2, 3]), &["abc", "defg"]);
        assert_eq!(pieces, [b"ab".to_vec(), b"cde".to_vec(), b"fg".to_vec()]);
    }

    #[test]
    fn characters_and_line_ends_are_cut_inside() {
        assert_eq!(
            slice(Slicing::InsideCharacters, &["aé"]),
            [b"a\xc3".to_vec(), b"\xa9".to_vec()]
        );
        let ends = slice(Slicing::InsideLineEnds, &["x\r\n\r\n"]);
        assert_eq!(ends, [b"x\r".to_vec(), b"\n\r".to_vec(), b"\n".to_vec()]);
    }
}
