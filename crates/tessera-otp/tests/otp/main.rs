//! One-time codes and seed files, through the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop at once and say why"
)]

mod any_bytes;
mod codes;
mod csv_files;
mod figures;
mod forge;
mod hostile_files;
mod pskc_files;
mod qr_codes;
