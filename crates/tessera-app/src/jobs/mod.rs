//! Work that nobody asks for: purges and the rotation of keys. Of several instances one does a job at a time, because it holds
//! the lease of the job in the database (`docs/adr/0014`).
//!
//! A server asks every second which jobs of [`table`] are due, and runs them with [`run_due`]. A run extends its lease and reports its progress with each step. An
//! instance that died keeps a job until its lease ends. An instance that lost its lease notices at its next step and stops.
//! What each process needs for itself (the catalog, the audit batch, certificates) is no job of this room.
//! Tables: `jobs`. CLI: `job list`. Tests: `tests/jobs`.

mod claimed_job;
mod list;
mod run;
mod sweep;
mod table;

pub use claimed_job::{ClaimedJob, JobError, Run};
pub use list::list;
pub use run::{Outcome, PollError, run_due, run_if_due};
pub use table::table;
