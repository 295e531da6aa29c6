//! Why a task stopped, in words for the person who started it.

use std::fmt;
use std::path::Path;

/// Every task ends in this.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A message; nobody branches on what kind of failure it was.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A list of findings under one heading; `Ok` when there are none.
    pub(crate) fn unless_empty(heading: &str, findings: &[String]) -> Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        Err(Self(format!("{heading}:\n  {}", findings.join("\n  "))))
    }
}

/// A file that has to be there.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("unexpected JSON: {error}"))
    }
}
