//! The only crate that knows a database. It has one [`Store`] and one text per query, for SQLite and PostgreSQL.
//!
//! [`Store::write`] runs a closure in a transaction and returns once the commit is durable (invariant I3). [`Store::read`] reads
//! committed state. [`Tx`] lends a handle for each entity: `tx.users().lock(..)`. The methods take and return the types of
//! `tessera-model`. What may succeed once is one conditional statement (invariant I1). A method that returns `bool` says
//! whether a row changed.
//!
//! There are no decisions here (the app makes them), and no secrets (only their digests). Every moment and every id that is
//! stored is an argument; the store itself only measures deadlines and draws the jitter of its retries.
#![expect(
    clippy::missing_errors_doc,
    reason = "every statement can fail in the ways that StoreError lists; a method says so where one of them has a meaning of its own"
)]

mod apis;
mod audit;
mod authenticators;
mod backup;
mod catalog;
mod claim;
mod clients;
mod clock;
mod committed_rules;
mod consents;
mod dialect;
mod document;
mod ended;
mod error;
mod fobs;
mod grants;
mod groups;
mod installation;
mod jobs;
mod keys;
mod location;
mod logins;
mod migrate;
mod new_file;
mod outbox;
mod postgres;
mod private_file;
mod recovery_codes;
mod revocations;
mod row;
mod sessions;
mod sole;
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
pub use audit::{Audit, AuditFilter, AuditPage, AuditPlace, STRETCH};
pub use authenticators::Authenticators;
pub use backup::{Part, PartSummary, Restore, Snapshot};
pub use catalog::{Catalog, Listing, Unreadable};
pub use claim::ServerClaim;
pub use clients::Clients;
pub use clock::Clock;
pub use consents::{Access, Consents};
pub use error::StoreError;
pub use fobs::Fobs;
pub use grants::Grants;
pub use groups::Groups;
pub use installation::{Installation, InstallationId};
pub use jobs::Jobs;
pub use keys::Keys;
pub use location::Location;
pub use logins::Logins;
pub use migrate::newest as newest_schema_version;
pub use new_file::NewFile;
pub use outbox::Outbox;
pub use postgres::{ConnectError, check_ca as check_postgres_ca, check_url as check_postgres_url};
pub use recovery_codes::RecoveryCodes;
pub use revocations::Revocations;
pub use sessions::Sessions;
pub use spent::Spent;
pub use store::Store;
pub use throttles::Throttles;
pub use tx::Tx;
pub use users::{GrantUser, PasswordCost, Users};
