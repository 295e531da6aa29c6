//! Test tools: never part of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must stop at once and say why"
)]

pub mod postgres;
