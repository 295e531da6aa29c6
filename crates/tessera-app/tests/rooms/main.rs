//! The rooms of the use cases, entered from the front: the verb is called as the command line calls it, and what came of it is
//! seen over HTTP, in the feed and in the audit trail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must stop at once and say why"
)]

mod apis;
mod audit;
mod clients;
mod keys;
mod users;
