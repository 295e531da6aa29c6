//! Client certificates through the public interface, with CAs of our own on the other side.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod any_bytes;
mod authority;
mod chains;
mod crls;
mod interoperability;
mod lists;
mod mappings;
mod mutations;
mod ocsp;
mod policies;
mod responses;
mod verdicts;
