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
    /// A line of a case file that nobody wrote there.
    #[error("line {number} of the file was not written by Husting: {why}")]
    Line {
        /// From 1.
        number: usize,
        /// What is wrong.
        why: String,
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

#[cfg(test)]
mod tests {
    use husting_domain::audit::{Action, Entry};
    use husting_domain::time::Timestamp;

    use super::*;
    use crate::audit::signing::{SealKey, key};
    use crate::keys::Keys;

    type Log = Vec<(Vec<Row>, Link)>;

    fn entry(n: i64) -> Entry {
        Entry {
            at: Timestamp::from_micros(n),
            action: Action::Send,
            actor: "agent:kasra".to_owned(),
            agent: None,
            subject: None,
            body: Some([7; 32]),
            detail: "{}".to_owned(),
        }
    }

    /// A link of one row for each entry.
    fn log(entries: impl IntoIterator<Item = Entry>) -> Log {
        let mut head = Head::default();
        let links = entries
            .into_iter()
            .map(|entry| head.bind("local", vec![entry]));
        links.map(Option::unwrap).collect()
    }

    fn sealed_at(key: &SealKey, log: &Log, link: usize) -> Seal {
        let link = log[link - 1].1;
        let head = Head {
            link: link.number,
            row: link.last,
            hash: link.hash,
        };
        key.seal("local", &head, Timestamp::from_micros(99))
    }

    fn proved(log: &Log, key: &SealKey, seals: Vec<Seal>) -> Result<u64, Fault> {
        let keys = [key.public()];
        let mut proof = Proof::begin("local", &keys, seals)?;
        for (rows, link) in log {
            proof.take(link, rows)?;
        }
        proof.end()?;
        Ok(proof.unsealed_rows())
    }

    #[tokio::test]
    async fn what_was_written_fits_and_says_how_much_is_behind_the_seal() {
        let key = key(&Keys::in_memory()).await.unwrap();
        let log = log((1..=5).map(entry));
        let seals = vec![sealed_at(&key, &log, 4), sealed_at(&key, &log, 2)];
        assert_eq!(proved(&log, &key, seals), Ok(1));
        assert_eq!(proved(&log, &key, vec![sealed_at(&key, &log, 5)]), Ok(0));
        assert_eq!(proved(&log, &key, Vec::new()), Ok(5));
        assert_eq!(proved(&Vec::new(), &key, Vec::new()), Ok(0));
    }

    #[tokio::test]
    async fn a_log_made_anew_from_a_changed_row_on_is_found_by_the_seal_alone() {
        let key = key(&Keys::in_memory()).await.unwrap();
        let seals = vec![sealed_at(&key, &log((1..=5).map(entry)), 5)];
        let mut entries: Vec<Entry> = (1..=5).map(entry).collect();
        entries[2].actor = "agent:athena".to_owned();
        let anew = log(entries);
        assert_eq!(proved(&anew, &key, Vec::new()), Ok(5), "the chain is whole");
        assert_eq!(proved(&anew, &key, seals), Err(Fault::Remade(5)));
    }

    #[tokio::test]
    async fn a_cut_off_end_is_found_by_the_seal() {
        let key = key(&Keys::in_memory()).await.unwrap();
        let mut cut = log((1..=5).map(entry));
        let seals = vec![sealed_at(&key, &cut, 5)];
        cut.truncate(3);
        assert_eq!(proved(&cut, &key, Vec::new()), Ok(3), "the chain is whole");
        let fault = Fault::CutOff { sealed: 5, last: 3 };
        assert_eq!(proved(&cut, &key, seals.clone()), Err(fault));
        cut.clear();
        let fault = Fault::CutOff { sealed: 5, last: 0 };
        assert_eq!(proved(&cut, &key, seals), Err(fault));
    }

    #[tokio::test]
    async fn a_seal_of_another_key_or_of_another_link_is_none() {
        let keys = (Keys::in_memory(), Keys::in_memory());
        let ours = key(&keys.0).await.unwrap();
        let theirs = key(&keys.1).await.unwrap();
        let log = log((1..=3).map(entry));
        let seal = sealed_at(&theirs, &log, 3);
        assert_eq!(proved(&log, &ours, vec![seal]), Err(Fault::Seal(3)));
        let mut moved = sealed_at(&ours, &log, 3);
        moved.link = 2;
        assert_eq!(proved(&log, &ours, vec![moved]), Err(Fault::Seal(2)));
    }

    #[tokio::test]
    async fn a_changed_removed_inserted_or_reordered_row_is_found() {
        let key = key(&Keys::in_memory()).await.unwrap();
        let whole = log((1..=4).map(entry));
        let seals = || vec![sealed_at(&key, &whole, 4)];
        let spoil: [fn(&mut Log); 5] = [
            |log| log[1].0[0].entry.detail.push(' '),
            |log| log[1].0.clear(),
            |log| drop(log.remove(1)),
            |log| {
                let row = log[1].0[0].clone();
                log[1].0.push(row);
            },
            |log| log.swap(1, 2),
        ];
        for (number, spoil) in spoil.into_iter().enumerate() {
            let mut spoilt = whole.clone();
            spoil(&mut spoilt);
            let fault = proved(&spoilt, &key, seals()).unwrap_err();
            assert!(matches!(fault, Fault::Chain(_)), "{number}: {fault}");
        }
    }
}
