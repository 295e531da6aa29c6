//! The folder of published test vectors: data that is never copied into the project.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder, or `None` after saying that `what` was skipped.
pub(crate) fn folder(what: &str) -> Option<PathBuf> {
    let folder = location();
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the harness, which keeps the output of passing tests to itself.
    let notice = format!("SKIPPED {what}: no test vectors at {}; set TESSERA_VECTORS\n", folder.display());
    std::io::stderr().write_all(notice.as_bytes()).unwrap();
    None
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the vectors are is a matter of the machine the tests run on"
)]
fn location() -> PathBuf {
    std::env::var_os("TESSERA_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from)
}

/// One file of the folder.
pub(crate) fn read(folder: &Path, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap()
}

/// Every test of a Wycheproof file with the group it belongs to.
pub(crate) fn cases(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let groups = file["testGroups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |test| (group, test)))
}

/// A hexadecimal member.
pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A textual member.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
