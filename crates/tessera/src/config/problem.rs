//! What is wrong with a configuration: every problem at once, each with its key and where its value was written.

use std::fmt;
use std::path::Path;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::text::for_terminal;

/// Where the value of a key was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ValueOrigin {
    /// On this line of the file, counted from 1.
    Line(usize),
    /// In this environment variable.
    Variable(String),
    /// Nowhere: the key is missing and its default holds, if it has one.
    Unset,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConfigProblem {
    pub(crate) origin: ValueOrigin,
    /// The key with its section, such as `tls.key_file`. Empty for a problem of the whole file.
    pub(crate) key: String,
    pub(crate) text: String,
}

impl ConfigProblem {
    /// A problem of the whole file.
    pub(crate) const fn of_file(text: String) -> Self {
        Self { origin: ValueOrigin::Unset, key: String::new(), text }
    }
}

/// The form that programs read. A problem without key, line or variable has `null` there.
impl Serialize for ConfigProblem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (line, variable) = match &self.origin {
            ValueOrigin::Line(line) => (Some(line), None),
            ValueOrigin::Variable(name) => (None, Some(name)),
            ValueOrigin::Unset => (None, None),
        };
        let mut problem = serializer.serialize_struct("ConfigProblem", 4)?;
        problem.serialize_field("key", &Some(&self.key).filter(|key| !key.is_empty()))?;
        problem.serialize_field("line", &line)?;
        problem.serialize_field("variable", &variable)?;
        problem.serialize_field("text", &self.text)?;
        problem.end()
    }
}

/// The problems in the order of the file, each once.
pub(super) fn in_order(problems: &[ConfigProblem]) -> Vec<ConfigProblem> {
    let mut sorted = problems.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// One line for each problem, in the order of the file: `tessera.toml:12: listen: …`.
pub(super) fn lines(file: Option<&Path>, problems: &[ConfigProblem]) -> Vec<String> {
    let file = file.map(|file| file.display().to_string());
    let line = |problem: &ConfigProblem| Line { file: file.as_deref(), problem }.to_string();
    // Keys and messages of the TOML parser repeat text of the file.
    in_order(problems).iter().map(|problem| for_terminal(&line(problem))).collect()
}

struct Line<'a> {
    file: Option<&'a str>,
    problem: &'a ConfigProblem,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigProblem { origin, key, text } = self.problem;
        match (origin, self.file) {
            (ValueOrigin::Line(line), file) => write!(f, "{}:{line}: ", file.unwrap_or("configuration"))?,
            (ValueOrigin::Variable(name), _) => write!(f, "environment {name}: ")?,
            (ValueOrigin::Unset, Some(file)) => write!(f, "{file}: ")?,
            (ValueOrigin::Unset, None) => {}
        }
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        f.write_str(text)
    }
}
