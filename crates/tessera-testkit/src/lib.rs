//! Test tools: never part of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must stop at once and say why"
)]

#[cfg(feature = "server")]
pub mod browser;
#[cfg(feature = "server")]
pub mod clock;
pub mod postgres;
#[cfg(feature = "server")]
pub mod server;
