//! Debian packages that the tests need. Root gets them installed; others are told which command installs them.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;

/// Installs `package` unless `program` (an absolute path) exists.
pub(crate) fn require(program: &str, package: &str) -> Result<()> {
    ensure(package, || Path::new(program).exists())
}

/// Installs `package` unless `is_there` holds, and fails if it does not hold afterwards.
pub(crate) fn ensure(package: &str, is_there: impl Fn() -> bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let command = format!("apt-get update && apt-get install -y --no-install-recommends {package}");
    if !is_root() {
        return Err(Failure::new(format!("the tests need the Debian package {package}; as root: {command}")));
    }
    println!("installing the Debian package {package}");
    process::check(apt_get().arg("update"))?;
    process::check(apt_get().args(["install", "-y", "--no-install-recommends", package]))?;
    if is_there() {
        Ok(())
    } else {
        Err(Failure::new(format!("{package} was installed, but lacks what the tests need")))
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .and_then(|ids| ids.split_whitespace().nth(1));
    effective == Some("0")
}
