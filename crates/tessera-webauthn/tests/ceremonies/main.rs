//! The ceremonies through the public interface, with an authenticator of our own on the other side.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod attestation;
mod authentication;
mod authenticator;
mod cbor;
mod certificates;
mod device_formats;
mod mutations;
mod registration;
