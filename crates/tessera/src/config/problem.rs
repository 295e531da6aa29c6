//! What is wrong with a configuration: every problem at once, each with its key and where it was written (fault F40).

use std::fmt;
use std::path::Path;

use crate::text::shown;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Line of the file, from 1.
    Line(usize),
    /// An environment variable.
    Variable(String),
    /// Nowhere: it is missing, or a default.
    Nowhere,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) place: Place,
    /// The key with its sections, such as `tls.key_file`; empty for a file that is not TOML.
    pub(crate) key: String,
    pub(crate) text: String,
}

/// Renders problems one a line, in the order of the file: `tessera.toml:12: listen: …`.
pub(crate) fn render(file: Option<&Path>, problems: &[Problem]) -> String {
    let mut sorted = problems.to_vec();
    sorted.sort();
    sorted.dedup();
    let file = file.map(|file| file.display().to_string());
    let lines: Vec<String> =
        sorted.iter().map(|problem| Line { file: file.as_deref(), problem }.to_string()).collect();
    // Keys and parser messages repeat what stands in the file.
    lines.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n")
}

struct Line<'a> {
    file: Option<&'a str>,
    problem: &'a Problem,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { place, key, text } = self.problem;
        match (place, self.file) {
            (Place::Line(line), file) => write!(f, "{}:{line}: ", file.unwrap_or("configuration"))?,
            (Place::Variable(name), _) => write!(f, "environment {name}: ")?,
            (Place::Nowhere, Some(file)) => write!(f, "{file}: ")?,
            (Place::Nowhere, None) => {}
        }
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        f.write_str(text)
    }
}
