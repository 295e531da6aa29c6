//! The use cases, a folder for each room: a test calls the verb as the command line does, and looks at the effect over HTTP, in the
//! feed and in the audit trail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must stop at once and say why"
)]

mod access;
mod apis;
mod audit;
mod backup;
mod clients;
mod clock;
mod fobs;
mod groups;
mod jobs;
mod keys;
mod login;
mod outbox;
mod passwords;
mod users;
