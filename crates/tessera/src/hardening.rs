//! What the operating system is told about this process: a crash leaves nothing behind (attack S04), and as many files may be
//! open as there may be connections (invariant I8).

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// No core dumps, and no reading of our memory by other processes of the same account.
pub(crate) fn keep_memory_private() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps stay possible");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of this account may read our memory");
    }
    if rustix::process::geteuid().is_root() {
        tracing::warn!("running as root; an account of its own is enough");
    }
}

/// Lets this process hold `wanted` files open, or as many as the system's hard limit allows; returns how many it may.
pub(crate) fn allow_open_files(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let count = |limit: Option<u64>| limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let (soft, raised) = (count(limit.current), count(limit.maximum).min(wanted));
    let raise = Rlimit { current: u64::try_from(raised).ok(), maximum: limit.maximum };
    if soft < raised && setrlimit(Resource::Nofile, raise).is_ok() { raised } else { soft }
}
