//! Key fobs of the organisation: imported from the files of their vendors, given to people, taken back, lost.
//!
//! A fob that somebody has is an authenticator of theirs. It belongs to the organisation: its person may rename it, and not remove it. What
//! a fob has counted stays with it, whoever has it, so no code that was used counts for the next person.
//!
//! Tables: `fobs`, `authenticators`. CLI: `fob`. Tests: `tests/fobs`, and `fobs` in `crates/tessera-http/tests/people`.

mod assign;
mod batch;
mod delete;
mod error;
mod import;
mod lose;
mod resync;
mod returned;
mod view;
mod which;

pub use assign::assign;
pub use batch::{Bad, Batch, FileForm};
pub use delete::delete;
pub use error::FobError;
pub use import::{Imported, import};
pub use lose::lose;
pub use resync::resync;
pub use returned::take_back;
pub use tessera_otp::csv::{Format as CsvFormat, Kind as CsvKind, SecretText};
pub use tessera_otp::pskc::Unlock;
pub use tessera_otp::{EntryError, FileError, FileProblem};
pub use view::{Shown, find, list};
pub use which::WhichFob;
