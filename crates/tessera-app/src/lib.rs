//! Use cases: one function per verb, one room per feature. Every decision is made here. Nothing here serves HTTP or knows SQL.
//!
//! Every function takes a [`Cx`] (time, actor and origin of the request) and a command. It opens the transaction, lets the
//! model decide, and returns the outcome. Errors roll back. Outcomes commit.

pub mod access;
pub mod apis;
mod app;
pub mod audit;
pub mod authenticators;
pub mod backup;
pub mod catalog;
pub mod clients;
pub mod clock;
pub mod config;
pub mod context;
pub mod fobs;
mod form;
mod grant_tokens;
pub mod groups;
pub mod hasher;
mod hashing_pool;
mod id_source;
pub mod jobs;
pub mod keys;
mod leaky_bucket;
pub mod login;
mod minute_counter;
pub mod network;
pub mod oauth;
mod one_time_codes;
pub mod outbox;
mod pace;
pub mod passkeys;
pub mod passwords;
pub mod ports;
pub mod probe;
pub mod problem;
pub mod recovery_codes;
mod rules;
mod sealed;
pub mod sessions;
mod sid;
pub mod totp;
pub mod users;

pub use tessera_store::{ServerClaim, StoreError as Fault};

pub use app::{App, Parts};
pub use config::Config;
pub use context::{Actor, Cx, RequestId};
