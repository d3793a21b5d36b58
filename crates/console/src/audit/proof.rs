//! Going through a chain from its beginning, link by link, against its seals.

use husting_domain::audit::{BrokenChain, Head, Link, Row, Seal};

use super::signing::PublicKey;

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// A row or link is not where or what it was.
    #[error(transparent)]
    Chain(#[from] BrokenChain),
    /// The chain is whole, and another one than was sealed.
    #[error(
        "link {0} is not the one that was sealed: the log was made anew from a row before its end on"
    )]
    Remade(u64),
    /// A seal that no key of this log made.
    #[error("the seal on link {0} was not made with a key of this log")]
    Seal(u64),
    /// The log ends too early.
    #[error("the log was sealed up to link {sealed} and ends at link {last}: its end was cut off")]
    CutOff {
        /// The newest seal's link.
        sealed: u64,
        /// The last link that is there.
        last: u64,
    },
}

/// A chain as far as it was gone through.
pub(crate) struct Proof<'a> {
    chain: &'a str,
    /// Genuine, by link, each with its key.
    seals: Vec<(Seal, PublicKey)>,
    /// Where the chain is.
    pub head: Head,
    /// The newest seal that was reached, with its last row.
    pub newest: Option<Sealed>,
    /// How many seals were reached.
    pub reached: usize,
}

/// A seal that fits.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub seal: Seal,
    pub row: u64,
    pub key: PublicKey,
}

impl<'a> Proof<'a> {
    /// Before the first link.
    ///
    /// # Errors
    /// [`Fault::Seal`] when none of the keys made one of the seals.
    pub fn begin(chain: &'a str, keys: &[PublicKey], seals: Vec<Seal>) -> Result<Self, Fault> {
        let genuine = |seal: Seal| {
            let key = keys.iter().find(|key| key.made(chain, &seal)).copied();
            key.map(|key| (seal.clone(), key))
                .ok_or(Fault::Seal(seal.link))
        };
        let mut seals = seals
            .into_iter()
            .map(genuine)
            .collect::<Result<Vec<_>, _>>()?;
        seals.sort_by_key(|(seal, _)| seal.link);
        Ok(Self {
            chain,
            seals,
            head: Head::default(),
            newest: None,
            reached: 0,
        })
    }

    /// Takes the next link.
    ///
    /// # Errors
    /// [`Fault`] when it does not fit what stands before it, or is not what was sealed.
    pub fn take(&mut self, link: &Link, rows: &[Row]) -> Result<(), Fault> {
        self.head.follow(self.chain, rows, link)?;
        while let Some((seal, key)) = self.seals.get(self.reached) {
            if seal.link > link.number {
                break;
            }
            if seal.link < link.number || seal.hash != link.hash {
                return Err(Fault::Remade(seal.link));
            }
            self.newest = Some(Sealed {
                seal: seal.clone(),
                row: link.last,
                key: *key,
            });
            self.reached += 1;
        }
        Ok(())
    }

    /// There is no further link.
    ///
    /// # Errors
    /// [`Fault::CutOff`] when more was sealed.
    pub fn end(&self) -> Result<(), Fault> {
        match self.seals.last() {
            Some((seal, _)) if self.reached < self.seals.len() => Err(Fault::CutOff {
                sealed: seal.link,
                last: self.head.link,
            }),
            _ => Ok(()),
        }
    }

    /// Rows behind the newest seal.
    pub fn unsealed_rows(&self) -> u64 {
        let sealed = self.newest.as_ref().map_or(0, |sealed| sealed.row);
        self.head.row.saturating_sub(sealed)
    }
}
