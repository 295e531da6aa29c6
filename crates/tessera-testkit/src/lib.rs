//! Test tools. They are never part of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must stop at once and say why"
)]

#[cfg(feature = "server")]
pub mod browser;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod counted;
#[cfg(feature = "server")]
mod database;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod evidence;
#[cfg(feature = "server")]
mod faults;
#[cfg(feature = "server")]
pub mod inspect;
#[cfg(feature = "server")]
mod instance;
#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
pub mod logged;
#[cfg(feature = "server")]
pub mod mailbox;
pub mod mann_whitney;
#[cfg(feature = "server")]
pub mod network;
#[cfg(feature = "server")]
mod passing_time;
#[cfg(feature = "server")]
pub mod passwords;
pub mod postgres;
pub mod proxy;
#[cfg(feature = "server")]
pub mod relying_party;
#[cfg(feature = "server")]
pub mod restart;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod soft_authenticator;
pub mod wire;
