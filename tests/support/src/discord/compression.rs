//! Transport compression with one zlib context for a whole connection, each message ended by a sync
//! flush: <https://docs.discord.com/developers/events/gateway#zlib-stream>.

use std::io;

use flate2::{Compress, Compression, FlushCompress};

pub(crate) struct ZlibStream(Compress);

impl ZlibStream {
    pub(crate) fn new() -> Self {
        ZlibStream(Compress::new(Compression::default(), true))
    }

    /// One message; it ends with `00 00 ff ff`.
    pub(crate) fn push(&mut self, mut plain: &[u8]) -> io::Result<Vec<u8>> {
        // More than the worst case takes, so that one turn nearly always does.
        let mut out = Vec::with_capacity(plain.len() + plain.len() / 8 + 128);
        loop {
            out.reserve(64);
            let before = self.0.total_in();
            self.0
                .compress_vec(plain, &mut out, FlushCompress::Sync)
                .map_err(io::Error::other)?;
            let taken = usize::try_from(self.0.total_in() - before).map_err(io::Error::other)?;
            plain = plain.get(taken..).unwrap_or_default();
            // Room that is left over means that the flush is complete.
            if plain.is_empty() && out.len() < out.capacity() {
                return Ok(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    #[test]
    fn every_message_ends_with_the_suffix_and_one_context_reads_them_all() {
        let (mut zlib, mut reader) = (ZlibStream::new(), Decompress::new(true));
        for length in [0, 1, 63, 64, 65, 5_000, 70_000] {
            let plain: Vec<u8> = (0..length).map(|n: usize| (n * n % 251) as u8).collect();
            let packed = zlib.push(&plain).unwrap();
            assert!(packed.ends_with(&[0, 0, 0xff, 0xff]), "{length}");
            let mut read = Vec::with_capacity(length + 64);
            reader
                .decompress_vec(&packed, &mut read, FlushDecompress::Sync)
                .unwrap();
            assert_eq!(read, plain);
        }
    }
}
