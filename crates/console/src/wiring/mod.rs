//! Clients' files: what they would say, writing them for an agent or a key, and what became of those
//! that were written. What a file looks like is known by `husting_wiring`.
//!
//! A token is seen here only on its way from whoever was shown it into the file: it comes with the
//! request, is looked up like any other, and what is kept of the file is its hash.

mod clients;
mod places;
mod rewiring;
mod showing;
mod standing;
mod unwiring;
mod writing;

pub(crate) use self::clients::clients;
