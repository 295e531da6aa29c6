//! Backup and restore (`docs/adr/0016`, `docs/backup.md`).
//!
//! A backup holds people, clients with their secrets, APIs and the audit trail, as one state of the database. A backup cannot know
//! what came after it. So a restore ends every session, grant, code and token and replaces every key; only the key of client
//! secrets stays, because the secrets depend on it. Verifiers learn that from the epoch of the revocation feed.
//!
//! No backup holds the key-encryption key. A restore needs the one that the issuer had.
//! Tables: all (`store/backup/tables.rs`). CLI: `backup`, `restore`. Tests: `tests/backup`.

mod error;
mod format;
mod make;
mod restore;
mod review;
mod seal;

pub use error::{BackupError, FormatError};
pub use make::{Made, make};
pub use restore::{Restored, Source, Target, promoted, restore};
pub use review::Change;
pub use tessera_store::PartSummary;

/// How far a backup or a restore is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many rows are there in all.
    Begun(u64),
    /// So many more rows of a table are done.
    Rows(PartSummary),
}
