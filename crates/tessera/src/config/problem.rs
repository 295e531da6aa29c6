//! What is wrong with a configuration: every problem at once, each with its key and where it was written (fault F40).

use std::fmt;
use std::path::Path;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

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
    /// The key with its sections, such as `tls.key_file`; empty where it is about the whole file.
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Problem {
    /// About the file as a whole.
    pub(crate) const fn of_file(text: String) -> Self {
        Self { place: Place::Nowhere, key: String::new(), text }
    }
}

/// As programs read it: what has no key, line or variable has `null` there.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (line, variable) = match &self.place {
            Place::Line(line) => (Some(line), None),
            Place::Variable(name) => (None, Some(name)),
            Place::Nowhere => (None, None),
        };
        let mut problem = serializer.serialize_struct("Problem", 4)?;
        problem.serialize_field("key", &Some(&self.key).filter(|key| !key.is_empty()))?;
        problem.serialize_field("line", &line)?;
        problem.serialize_field("variable", &variable)?;
        problem.serialize_field("text", &self.text)?;
        problem.end()
    }
}

/// In the order of the file, each once.
pub(super) fn in_order(problems: &[Problem]) -> Vec<Problem> {
    let mut sorted = problems.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// One line each, in the order of the file: `tessera.toml:12: listen: …`.
pub(super) fn lines(file: Option<&Path>, problems: &[Problem]) -> Vec<String> {
    let file = file.map(|file| file.display().to_string());
    let line = |problem: &Problem| Line { file: file.as_deref(), problem }.to_string();
    // Keys and parser messages repeat what stands in the file.
    in_order(problems).iter().map(|problem| shown(&line(problem))).collect()
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
