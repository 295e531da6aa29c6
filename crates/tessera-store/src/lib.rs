//! The only crate that knows a database: one [`Store`], one text per query, SQLite and PostgreSQL behind it.
//!
//! [`Store::write`] runs a closure in a transaction and returns once the commit is durable (invariant I3); [`Store::read`] reads
//! committed state. [`Tx`] lends a handle per entity: `tx.users().lock(..)`. Its methods take and give the types of
//! `tessera-model`; everything that may succeed once is one conditional statement (invariant I1). A method that answers `bool`
//! says whether a row changed.
//!
//! What is not here: decisions (they are the app's), secrets (only their digests arrive), clocks and randomness.
#![expect(
    clippy::missing_errors_doc,
    reason = "every statement can fail in the ways that StoreError lists; a method says so where one of them has a meaning of its own"
)]

mod apis;
mod audit;
mod catalog;
mod claim;
mod clients;
mod consents;
mod dialect;
mod ended;
mod error;
mod grants;
mod jobs;
mod keys;
mod migrate;
mod postgres;
mod private_file;
mod revocations;
mod row;
mod sessions;
mod spent;
mod sql;
mod sqlite;
mod status;
mod store;
mod throttles;
mod tx;
mod users;
mod value;

#[cfg(test)]
mod tests;

pub use apis::Apis;
pub use audit::{Audit, AuditFilter};
pub use catalog::{Catalog, Listing, Unreadable};
pub use claim::ServerClaim;
pub use clients::Clients;
pub use consents::{Access, Consents};
pub use error::StoreError;
pub use grants::Grants;
pub use jobs::Jobs;
pub use keys::Keys;
pub use postgres::{ConnectError, check_ca as check_postgres_ca, check_url as check_postgres_url};
pub use revocations::Revocations;
pub use sessions::Sessions;
pub use spent::Spent;
pub use store::{Location, Store};
pub use throttles::Throttles;
pub use tx::Tx;
pub use users::Users;
