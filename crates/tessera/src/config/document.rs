//! One TOML file with the environment over it, read key by key.
//!
//! Which keys exist is what the reader asks for: everything else in the file is unknown and refused. A value that cannot be
//! used is a problem, never a default in silence. The environment variable of a key is `TESSERA_` and the key in capitals.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::duration;
use super::problem::{Place, Problem};

/// Variables whose names begin with `TESSERA_`, as `main` found them.
pub(crate) type Environment = BTreeMap<String, String>;

/// The one key whose variable has a shorter name.
const SHORT_NAMES: [(&str, &str); 1] = [("keys.kek_file", "TESSERA_KEK_FILE")];

/// A configuration being read.
pub(super) struct Document<'a> {
    entries: Vec<Entry>,
    environment: &'a Environment,
    /// What relative paths of the file are relative to.
    base: PathBuf,
    /// Keys that exist, as far as they have been read.
    pub(super) asked: Vec<&'static str>,
    /// Paths that were given, by key.
    pub(super) paths: Vec<(&'static str, PathBuf)>,
    broken: bool,
    pub(super) problems: Vec<Problem>,
    /// What may be but had better not.
    pub(super) warnings: Vec<Problem>,
}

/// One key of the file.
struct Entry {
    key: String,
    line: usize,
    value: Written,
}

enum Written {
    Text(String),
    Number(String),
    Table,
    Other(&'static str),
}

impl<'a> Document<'a> {
    /// Takes a file apart. Whatever of it can be read is looked at, so that one typing error does not hide the others.
    pub(super) fn parse(text: &str, base: &Path, environment: &'a Environment) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut entries = Vec::new();
        flatten("", table.get_ref(), text, &mut entries);
        let problems = errors.iter().map(|error| Problem {
            place: Place::Line(error.span().map_or(1, |span| line_of(text, span.start))),
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

    /// Where a key was written.
    pub(super) fn place(&self, key: &str) -> Place {
        let variable = variable_of(key);
        if self.environment.contains_key(&variable) {
            return Place::Variable(variable);
        }
        self.entry(key).map_or(Place::Nowhere, |entry| Place::Line(entry.line))
    }

    /// Notes that a key's value cannot be.
    pub(super) fn refuse(&mut self, key: &'static str, text: impl Display) {
        self.problems.push(Problem { place: self.place(key), key: key.to_owned(), text: text.to_string() });
    }

    /// Notes that two keys do not fit together: found at the first, or at the other where the first has its default.
    pub(super) fn clash(&mut self, key: &'static str, other: &str, text: impl Display) {
        let place = match self.place(key) {
            Place::Nowhere => self.place(other),
            place => place,
        };
        self.problems.push(Problem { place, key: key.to_owned(), text: text.to_string() });
    }

    /// Notes that a key is missing which another one needs, unless the file is broken and it may only look so.
    pub(super) fn miss(&mut self, key: &'static str, needed_by: &str, text: impl Display) {
        if !self.broken && !self.problems.iter().any(|problem| problem.key == key) {
            self.clash(key, needed_by, text);
        }
    }

    /// Notes what may be but had better not.
    pub(super) fn warn(&mut self, key: &'static str, text: impl Display) {
        self.warnings.push(Problem { place: self.place(key), key: key.to_owned(), text: text.to_string() });
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.given(key, "text in quotes", |written| match written {
            Written::Text(text) => Some(text.clone()),
            Written::Number(_) | Written::Table | Written::Other(_) => None,
        })
    }

    /// A text that `read` understands; otherwise its error is the problem.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match read(&self.text(key)?) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.refuse(key, problem);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.parsed(key, |text| {
            let known = || words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            let found = words.iter().find(|(word, _)| *word == text);
            found.map(|(_, value)| *value).ok_or_else(|| format!("use one of {}", known()))
        })
    }

    /// An address with a port.
    pub(super) fn address(&mut self, key: &'static str) -> Option<SocketAddr> {
        self.parsed(key, |text| {
            text.parse().map_err(|_| {
                "use an IP address with a port, such as \"127.0.0.1:8080\" or \"[::]:443\"".to_owned()
            })
        })
    }

    /// A path; in the file, relative to the file's directory.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let from_file = matches!(self.place(key), Place::Line(_));
        let path = PathBuf::from(self.text(key)?);
        let path = if from_file { self.base.join(path) } else { path };
        self.paths.push((key, path.clone()));
        Some(path)
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, key: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let number = self.given(key, "a whole number", |written| match written {
            Written::Number(text) | Written::Text(text) => Some(text.clone()),
            Written::Table | Written::Other(_) => None,
        })?;
        match number.parse() {
            Ok(number) if bounds.contains(&number) => Some(number),
            _ => {
                self.refuse(
                    key,
                    format_args!("use a whole number from {} to {}", bounds.start(), bounds.end()),
                );
                None
            }
        }
    }

    /// A duration within bounds, in seconds.
    pub(super) fn duration(&mut self, key: &'static str, bounds: RangeInclusive<u64>) -> Option<Duration> {
        let text =
            self.given(key, "a duration such as \"10m\", or a number of seconds", |written| match written {
                Written::Text(text) | Written::Number(text) => Some(text.clone()),
                Written::Table | Written::Other(_) => None,
            })?;
        let Some(span) = duration::parse(&text) else {
            self.refuse(
                key,
                "use a duration such as \"90s\", \"10m\", \"12h\" or \"30d\", or a number of seconds",
            );
            return None;
        };
        if bounds.contains(&span.as_secs()) {
            return Some(span);
        }
        let bound = |seconds: &u64| crate::text::span(*seconds);
        self.refuse(key, format_args!("use {} to {}", bound(bounds.start()), bound(bounds.end())));
        None
    }

    /// What is in the file that nobody asked for. Variables nobody asked for are only returned: a container platform may
    /// have put them there.
    pub(super) fn refuse_unknown(&mut self) -> Vec<String> {
        let known = |key: &str| self.asked.contains(&key);
        let section = |key: &str| {
            self.asked.iter().any(|asked| asked.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        };
        let unknown = self.entries.iter().filter(|entry| match entry.value {
            Written::Table => !section(&entry.key) && !known(&entry.key),
            _ => !known(&entry.key),
        });
        let problems: Vec<Problem> = unknown
            .map(|entry| Problem {
                place: Place::Line(entry.line),
                key: entry.key.clone(),
                text: format!("unknown key{}", self.suggestion(&entry.key)),
            })
            .collect();
        self.problems.extend(problems);
        let variables: Vec<String> = self.asked.iter().map(|key| variable_of(key)).collect();
        let ours = |name: &String| variables.contains(name) || name == super::locate::VARIABLE;
        self.environment.keys().filter(|name| !ours(name)).cloned().collect()
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

    fn given(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&Written) -> Option<String>,
    ) -> Option<String> {
        self.asked.push(key);
        let value = if let Some(text) = self.environment.get(&variable_of(key)) {
            text.clone()
        } else {
            let written = &self.entry(key)?.value;
            let found = written.kind();
            let value = read(written);
            if value.is_none() {
                self.refuse(key, format_args!("expected {expected}, found {found}"));
            }
            value?
        };
        if value.is_empty() {
            self.refuse(key, "must not be empty");
            return None;
        }
        Some(value)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Written {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.clone().into_owned()),
            DeValue::Integer(number) if number.radix() == 10 => Self::Number(number.as_str().to_owned()),
            DeValue::Integer(_) => Self::Other("a number that is not decimal"),
            DeValue::Float(_) => Self::Other("a number with a fraction"),
            DeValue::Boolean(_) => Self::Other("true or false"),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Array(_) => Self::Other("a list"),
            DeValue::Table(_) => Self::Table,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "a number",
            Self::Table => "a section",
            Self::Other(kind) => kind,
        }
    }
}

/// The variable that overrides a key.
pub(super) fn variable_of(key: &str) -> String {
    let short = SHORT_NAMES.iter().find(|(long, _)| *long == key);
    short.map_or_else(
        || format!("TESSERA_{}", key.replace('.', "_").to_uppercase()),
        |(_, name)| (*name).to_owned(),
    )
}

fn flatten(prefix: &str, table: &DeTable<'_>, text: &str, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let line = line_of(text, name.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(&format!("{key}."), inner, text, entries);
        }
        entries.push(Entry { key, line, value: Written::of(value.get_ref()) });
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Levenshtein's distance; keys are short.
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
