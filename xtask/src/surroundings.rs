//! The clock, and the environment of whoever runs a task.

use std::ffi::OsString;
use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "a task measures its own time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a task is told by its caller's environment")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
