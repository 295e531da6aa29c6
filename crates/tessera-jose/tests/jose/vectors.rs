//! Reading the published vectors below `tests/data`. They are compiled in, so a missing file does not build.

use serde_json::Value;

/// A whole file.
pub(crate) fn read(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

/// A textual member.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
