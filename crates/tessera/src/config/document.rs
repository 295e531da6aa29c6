//! One TOML file with the environment over it, and the problems found in them.
//!
//! A key exists if a section asks for it. The reader refuses every other key of the file. A value that cannot be used is a
//! problem; the reader never takes the default for it in silence.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::{CONFIG_VARIABLE, Environment, variable_of};
use super::problem::{ConfigProblem, ValueOrigin};

/// A configuration while it is read.
pub(super) struct Document<'a> {
    entries: Vec<Entry>,
    environment: &'a Environment,
    /// The directory that paths of the file are relative to.
    base: PathBuf,
    /// The keys that sections have asked for.
    pub(super) asked: Vec<&'static str>,
    /// The paths that were given, with their keys.
    pub(super) paths: Vec<(&'static str, PathBuf)>,
    /// Whether the file is not TOML. Keys may then be missing only because their lines could not be read.
    broken: bool,
    pub(super) problems: Vec<ConfigProblem>,
    /// What the server accepts and advises against.
    pub(super) warnings: Vec<ConfigProblem>,
}

/// One key of the file.
struct Entry {
    key: String,
    line: usize,
    value: TomlValue,
}

enum TomlValue {
    Text(String),
    Number(String),
    /// Texts with their lines. `None` if an element is no text.
    List(Option<Vec<(usize, String)>>),
    Table,
    Other(&'static str),
}

impl<'a> Document<'a> {
    /// Parses a file. After an error it goes on with the next line, so that one typing error does not hide the others.
    pub(super) fn parse(text: &str, base: &Path, environment: &'a Environment) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut entries = Vec::new();
        flatten("", table.get_ref(), text, &mut entries);
        let problems = errors.iter().map(|error| ConfigProblem {
            origin: ValueOrigin::Line(error.span().map_or(1, |span| line_of(text, span.start))),
            key: String::new(),
            text: error.message().to_owned(),
        });
        let broken = !errors.is_empty();
        Self {
            entries,
            environment,
            base: base.to_owned(),
            asked: Vec::new(),
            paths: Vec::new(),
            broken,
            problems: problems.collect(),
            warnings: Vec::new(),
        }
    }

    /// The value of a key as text, or `None` if nobody set it or its type is wrong. `expected` describes the right type.
    pub(super) fn value(&mut self, key: &'static str, numbers: bool, expected: &str) -> Option<String> {
        self.asked.push(key);
        let value = if let Some(text) = self.environment.get(&variable_of(key)) {
            text.clone()
        } else {
            match &self.entry(key)?.value {
                TomlValue::Text(text) => text.clone(),
                TomlValue::Number(text) if numbers => text.clone(),
                other => {
                    let problem = format!("expected {expected}, found {}", other.type_name());
                    self.refuse(key, problem);
                    return None;
                }
            }
        };
        if value.is_empty() {
            self.refuse(key, "must not be empty");
            return None;
        }
        Some(value)
    }

    /// The elements of a list, each with where it was written. Empty if nobody set the key or its type is wrong.
    pub(super) fn list(&mut self, key: &'static str) -> Vec<(ValueOrigin, String)> {
        self.asked.push(key);
        let variable = variable_of(key);
        let elements = if let Some(text) = self.environment.get(&variable) {
            let origin = |text: &str| (ValueOrigin::Variable(variable.clone()), text.trim().to_owned());
            text.split(',').map(origin).collect()
        } else {
            match self.entry(key).map(|entry| &entry.value) {
                None => return Vec::new(),
                Some(TomlValue::List(Some(elements))) => {
                    let origin = |(line, text): &(usize, String)| (ValueOrigin::Line(*line), text.clone());
                    elements.iter().map(origin).collect()
                }
                Some(other) => {
                    let problem = format!("expected a list of texts in quotes, found {}", other.type_name());
                    self.refuse(key, problem);
                    return Vec::new();
                }
            }
        };
        let elements: Vec<_> = elements;
        if elements.iter().all(|(_, text)| text.is_empty()) {
            self.refuse(key, "must not be empty");
            return Vec::new();
        }
        elements
    }

    /// The path that a key names. A path of the file is relative to the file's directory.
    pub(super) fn path(&mut self, key: &'static str, text: &str) -> PathBuf {
        let path = match self.origin(key) {
            // The components leave out what `data_dir = "."` would add.
            ValueOrigin::Line(_) => self.base.join(text).components().collect(),
            ValueOrigin::Variable(_) | ValueOrigin::Unset => PathBuf::from(text),
        };
        self.paths.push((key, path.clone()));
        path
    }

    /// Where the value of a key was written.
    pub(super) fn origin(&self, key: &str) -> ValueOrigin {
        let variable = variable_of(key);
        if self.environment.contains_key(&variable) {
            return ValueOrigin::Variable(variable);
        }
        self.entry(key).map_or(ValueOrigin::Unset, |entry| ValueOrigin::Line(entry.line))
    }

    /// Whether somebody set the key.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.origin(key) != ValueOrigin::Unset
    }

    /// Whether a problem of this key is known already.
    pub(super) fn is_refused(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    /// Refuses the value of a key.
    pub(super) fn refuse(&mut self, key: &'static str, text: impl Display) {
        self.problems.push(ConfigProblem {
            origin: self.origin(key),
            key: key.to_owned(),
            text: text.to_string(),
        });
    }

    /// Refuses an element of a list.
    pub(super) fn refuse_at(&mut self, origin: ValueOrigin, key: &'static str, text: impl Display) {
        self.problems.push(ConfigProblem { origin, key: key.to_owned(), text: text.to_string() });
    }

    /// Refuses two keys that do not fit together. The problem stands at the first, or at the other if the first is not set.
    pub(super) fn conflict(&mut self, key: &'static str, other: &str, text: impl Display) {
        let origin = if self.is_set(key) { self.origin(key) } else { self.origin(other) };
        self.problems.push(ConfigProblem { origin, key: key.to_owned(), text: text.to_string() });
    }

    /// Says that a key is missing which another one needs. Says nothing if the key has a problem already, or if the file is
    /// broken, because the key may then stand in a line that could not be read.
    pub(super) fn missing(&mut self, key: &'static str, needed_by: &str, text: impl Display) {
        if !self.broken && !self.is_refused(key) {
            self.conflict(key, needed_by, text);
        }
    }

    /// Advises against the value of a key.
    pub(super) fn warn(&mut self, key: &'static str, text: impl Display) {
        self.warnings.push(ConfigProblem {
            origin: self.origin(key),
            key: key.to_owned(),
            text: text.to_string(),
        });
    }

    /// Refuses the keys of the file that no section asked for. Returns the variables that no section asked for: they are no
    /// problem, because container platforms set some.
    pub(super) fn refuse_unknown(&mut self) -> Vec<String> {
        let known = |key: &str| self.asked.contains(&key);
        let section = |key: &str| {
            self.asked.iter().any(|asked| asked.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        };
        let unknown = self.entries.iter().filter(|entry| match entry.value {
            TomlValue::Table => !section(&entry.key) && !known(&entry.key),
            TomlValue::Text(_) | TomlValue::Number(_) | TomlValue::List(_) | TomlValue::Other(_) => {
                !known(&entry.key)
            }
        });
        let problems: Vec<ConfigProblem> = unknown
            .map(|entry| ConfigProblem {
                origin: ValueOrigin::Line(entry.line),
                key: entry.key.clone(),
                text: format!("unknown key{}", self.suggestion(&entry.key)),
            })
            .collect();
        self.problems.extend(problems);
        let variables: Vec<String> = self.asked.iter().map(|key| variable_of(key)).collect();
        let known = |name: &String| variables.contains(name) || name == CONFIG_VARIABLE;
        self.environment.keys().filter(|name| !known(name)).cloned().collect()
    }

    fn suggestion(&self, key: &str) -> String {
        let leaf = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let near = self.asked.iter().find(|known| {
            known.strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', '_']))
                || leaf(known) == leaf(key)
                || distance(known, key) <= 2
        });
        near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl TomlValue {
    fn of(value: &DeValue<'_>, text: &str) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.clone().into_owned()),
            DeValue::Integer(number) if number.radix() == 10 => Self::Number(number.as_str().to_owned()),
            DeValue::Integer(_) => Self::Other("a number that is not decimal"),
            DeValue::Float(_) => Self::Other("a number with a fraction"),
            DeValue::Boolean(_) => Self::Other("true or false"),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Array(elements) => {
                let element = |element: &Spanned<DeValue<'_>>| match element.get_ref() {
                    DeValue::String(value) => {
                        Some((line_of(text, element.span().start), value.clone().into_owned()))
                    }
                    _ => None,
                };
                Self::List(elements.iter().map(element).collect())
            }
            DeValue::Table(_) => Self::Table,
        }
    }

    const fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "a number",
            Self::List(_) => "a list",
            Self::Table => "a section",
            Self::Other(name) => name,
        }
    }
}

fn flatten(prefix: &str, table: &DeTable<'_>, text: &str, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let line = line_of(text, name.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(&format!("{key}."), inner, text, entries);
        }
        entries.push(Entry { key, line, value: TomlValue::of(value.get_ref(), text) });
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The Levenshtein distance of two keys.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
