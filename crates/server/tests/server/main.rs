//! The server from outside, over real sockets, with a stand-in for the program behind it.

mod doors;
mod events;
mod fixture;
mod login;
mod pages;
mod rpc;
mod shutdown;
