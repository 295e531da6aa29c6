//! One file for each noun of the command line. A verb reads its arguments, calls one use case, and prints the result.

pub(crate) mod api;
pub(crate) mod args;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod fob;
pub(crate) mod group;
pub(crate) mod init;
pub(crate) mod job;
pub(crate) mod key;
pub(crate) mod mail;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod user;
mod verifier_hints;
mod views;
