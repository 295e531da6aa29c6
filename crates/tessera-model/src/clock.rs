//! What the database remembers of the time, so that a wrong clock is noticed.

use crate::Timestamp;

/// The highest time that a server has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenTime {
    /// `None` before the first server has run.
    pub highest: Option<Timestamp>,
    /// How often an administrator has accepted a clock that differs. An instance that sees another number forgets what it knew.
    pub accepted: i64,
}
