//! The time, and what is done about a clock that is wrong.
//!
//! The clock of a machine is an input: somebody can set it to anything. So:
//!
//! * **Time never goes back.** The time of an instance is what its clock says, but never less than what it was. After the clock
//!   was put back, time runs at half speed until the clock has caught up. So what had expired stays expired (invariant I4).
//! * **The highest time seen** is in the database. A server raises it every few seconds, but not while the clock is in doubt. A server that starts far from it is
//!   refused, and commands only read, until an administrator accepts the clock. Accepting is the one way to lower it.
//! * **A gap is not trusted at once.** After a jump, a sleep or a downtime of more than an hour there are ten minutes without claimed
//!   jobs (purges, rotation) and without long blocks, in which the clock can be put right before anything is lost. So it is while time
//!   is a minute or more ahead of a clock that was put back.
//! * **The database's clock counts.** An instance that differs from the clock of PostgreSQL by more than policy P6 allows is not ready,
//!   runs no claimed job, and does not raise the highest time seen. Nobody can accept such a clock.
//!
//! Tables: `counters`. CLI: `clock show|accept`. Tests: `tests/clock`.

mod accept;
mod timekeeper;
mod watch;

pub use accept::{AcceptError, Accepted, ClockState, accept, accept_beside, show};
pub use timekeeper::ClockRefused;
pub(crate) use timekeeper::Timekeeper;
pub use watch::{watch, watch_beside};
