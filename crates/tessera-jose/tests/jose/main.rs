//! The crate through its front door: published vectors, a second opinion, and what an attacker would send.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must stop at once and say why"
)]

mod cookbook;
mod ed25519;
mod edits;
mod forge;
mod headers;
mod json_and_sets;
mod keys;
mod oracle;
mod reader;
mod rfc;
mod vectors;
mod wycheproof;
