//! The verifier of an API beside the issuer itself: what one signs and takes back, the other believes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod keys;
mod revocation;
mod support;
