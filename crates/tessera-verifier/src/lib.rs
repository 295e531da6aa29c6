#![cfg_attr(feature = "tower", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "tower"),
    doc = "Verifies OAuth 2.0 access tokens in the resource server (RFC 9068, RFC 6750)."
)]

mod builder;
mod cache;
mod checks;
pub mod claims;
pub mod clock;
pub mod error;
mod fetch;
mod keys;
pub mod revocation;
#[cfg(feature = "tower")]
pub mod tower;
mod verifier;

pub use builder::{BuildError, NoAudience, VerifierBuilder, WithAudience};
pub use claims::Claims;
pub use error::VerifyError;
pub use fetch::FetchError;
pub use verifier::Verifier;

pub use tessera_jose::Algorithm;
pub use tessera_oauth::scope::ScopeSet;

/// What the repository's documents show compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/quickstart.md")]
mod documented {}
