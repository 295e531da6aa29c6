//! Limits and protections that the process asks of the operating system: no core dump with secrets in it, and enough open files
//! for the connections that the configuration allows (invariant I8).

use crate::stderr;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Switches core dumps off, and keeps other processes of the same account from reading our memory.
pub(crate) fn keep_memory_private() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        stderr::write_line(&format!("core dumps cannot be switched off: {error}"));
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        stderr::write_line(&format!("other processes of this account may read our memory: {error}"));
    }
}

/// Tells the operator of a server that runs with more rights than it needs.
pub(crate) fn warn_as_root() {
    if rustix::process::geteuid().is_root() {
        tracing::warn!("running as root; the server needs no more than an account of its own");
    }
}

/// Raises the limit of open files to `wanted`, or to the system's hard limit. Returns the limit that then holds.
pub(crate) fn allow_open_files(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let count = |limit: Option<u64>| limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let (soft, raised) = (count(limit.current), count(limit.maximum).min(wanted));
    let raise = Rlimit { current: u64::try_from(raised).ok(), maximum: limit.maximum };
    if soft < raised && setrlimit(Resource::Nofile, raise).is_ok() { raised } else { soft }
}
