//! Backups: one consistent reading of the rows that a restore gives back, and a database that is made from them
//! (`docs/adr/0016`).
//!
//! The rows travel as [`Part`]s, which either engine writes and reads. Columns are those of the schema, so a new column needs no
//! change here. A new table needs a line in `tables.rs`.

mod part;
mod restore;
mod snapshot;
mod tables;

pub use part::{Part, PartSummary};
pub use restore::Restore;
pub use snapshot::Snapshot;
