//! The table of keys. One entry says everything about a key: what it accepts, its default, its documentation, and the field
//! that it fills. The parser, the template of `tessera init` and `docs/configuration.md` all come from it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::document::Document;
use super::duration;

/// A section of the file. Its keys fill fields of `S`.
pub(super) struct Section<S: 'static> {
    /// Empty for the keys before the first section.
    pub(super) name: &'static str,
    /// What the section is about, in one sentence.
    pub(super) doc: &'static str,
    pub(super) keys: &'static [Key<S>],
}

/// One key.
pub(super) struct Key<S: 'static> {
    /// With its section, such as `lifetimes.code`.
    pub(super) name: &'static str,
    pub(super) kind: ValueKind<S>,
    pub(super) default: Fallback,
    /// One or two sentences for the operator. Markdown, because it also stands in `docs/configuration.md`.
    pub(super) doc: &'static str,
}

/// What a key accepts, and the field of `S` that it fills.
pub(super) enum ValueKind<S: 'static> {
    /// Text that `set` understands. `values` describes it; an error of `set` is the problem that the operator reads.
    Text { values: &'static str, set: fn(&mut S, &str) -> Result<(), String> },
    /// Any number of texts that `add` understands. In a variable they are separated by commas.
    List { values: &'static str, add: fn(&mut S, &str) -> Result<(), String> },
    /// One of these words.
    Choice(&'static [Word<S>]),
    /// An IP address with a port.
    Address(fn(&mut S, SocketAddr)),
    /// A path. One of the file is relative to the file's directory.
    Path(fn(&mut S, PathBuf)),
    /// A whole number within bounds.
    Number { from: u32, to: u32, set: fn(&mut S, u32) },
    /// How many: at least one.
    Count { most: usize, set: fn(&mut S, usize) },
    /// A duration within bounds, both in seconds.
    Duration { from: u64, to: u64, set: fn(&mut S, Duration) },
}

/// A word of a [`ValueKind::Choice`], and what it does to the field.
pub(super) type Word<S> = (&'static str, fn(&mut S));

/// What holds if nobody sets a key.
#[derive(Clone, Copy)]
pub(super) enum Fallback {
    /// This value, without the quotes that it would have in the file.
    Value(&'static str),
    /// No value.
    Unset {
        /// What happens then; Markdown, for the column of defaults. May be empty.
        means: &'static str,
        /// A value for the template, without quotes.
        example: &'static str,
    },
}

impl<S> Section<S> {
    /// Reads the keys into `values`. A key that is not set or cannot be used gets its default.
    pub(super) fn read(&self, document: &mut Document<'_>, mut values: S) -> S {
        for key in self.keys {
            if let Fallback::Value(text) = key.default
                && let Err(problem) = key.kind.fill(&mut values, text)
            {
                document.refuse(key.name, problem);
            }
            if let ValueKind::List { add, .. } = key.kind {
                for (origin, text) in document.list(key.name) {
                    if let Err(problem) = add(&mut values, &text) {
                        document.refuse_at(origin, key.name, problem);
                    }
                }
                continue;
            }
            let Some(text) = document.value(key.name, key.kind.takes_numbers(), key.kind.toml_type()) else {
                continue;
            };
            if let ValueKind::Path(set) = key.kind {
                set(&mut values, document.path(key.name, &text));
            } else if let Err(problem) = key.kind.fill(&mut values, &text) {
                document.refuse(key.name, problem);
            }
        }
        values
    }

    /// The section as the template and the documentation tell it.
    pub(super) fn describe(&self) -> SectionDoc {
        SectionDoc { name: self.name, doc: self.doc, keys: self.keys.iter().map(Key::describe).collect() }
    }
}

impl<S> ValueKind<S> {
    fn fill(&self, values: &mut S, text: &str) -> Result<(), String> {
        match self {
            Self::Text { set, .. } => return set(values, text),
            Self::List { add, .. } => return add(values, text),
            Self::Choice(words) => match words.iter().find(|(word, _)| *word == text) {
                Some((_, set)) => set(values),
                None => return Err(format!("use one of {}", quoted(words))),
            },
            Self::Address(set) => match text.parse() {
                Ok(address) => set(values, address),
                Err(_) => {
                    return Err("use an IP address with a port, such as \"127.0.0.1:8080\" or \"[::]:443\""
                        .to_owned());
                }
            },
            Self::Path(set) => set(values, PathBuf::from(text)),
            Self::Number { from, to, set } => set(values, number(text, *from, *to)?),
            Self::Count { most, set } => set(values, number(text, 1, *most)?),
            Self::Duration { from, to, set } => set(values, span(text, *from, *to)?),
        }
        Ok(())
    }

    const fn takes_numbers(&self) -> bool {
        match self {
            Self::Number { .. } | Self::Count { .. } | Self::Duration { .. } => true,
            Self::Text { .. } | Self::List { .. } | Self::Choice(_) | Self::Address(_) | Self::Path(_) => {
                false
            }
        }
    }

    /// The type that a value has in TOML.
    const fn toml_type(&self) -> &'static str {
        match self {
            Self::Text { .. } | Self::Choice(_) | Self::Address(_) | Self::Path(_) => "text in quotes",
            Self::List { .. } => "a list of texts in quotes",
            Self::Number { .. } | Self::Count { .. } => "a whole number",
            Self::Duration { .. } => "a duration such as \"10m\", or a number of seconds",
        }
    }

    /// What a key of this kind accepts, in Markdown.
    fn values(&self) -> String {
        match self {
            Self::Text { values, .. } | Self::List { values, .. } => (*values).to_owned(),
            Self::Choice(words) => {
                let words: Vec<String> = words.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
                words.join(", ")
            }
            Self::Address(_) => "IP address with port".to_owned(),
            Self::Path(_) => "path".to_owned(),
            Self::Number { from, to, .. } => format!("{from} to {to}"),
            Self::Count { most, .. } => format!("1 to {most}"),
            Self::Duration { from, to, .. } => {
                format!("{} to {}", duration::exact(*from), duration::exact(*to))
            }
        }
    }

    /// A value as TOML writes it.
    fn toml(&self, text: &str) -> String {
        match self {
            Self::Number { .. } | Self::Count { .. } => text.to_owned(),
            Self::List { .. } => format!("[{}]", toml::Value::from(text)),
            Self::Text { .. }
            | Self::Choice(_)
            | Self::Address(_)
            | Self::Path(_)
            | Self::Duration { .. } => toml::Value::from(text).to_string(),
        }
    }
}

fn quoted<T>(words: &[(&str, T)]) -> String {
    words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn number<N: std::str::FromStr + Copy + PartialOrd + std::fmt::Display>(
    text: &str,
    from: N,
    to: N,
) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| (&from..=&to).contains(&number));
    number.ok_or_else(|| format!("use a whole number from {from} to {to}"))
}

fn span(text: &str, from: u64, to: u64) -> Result<Duration, String> {
    let Some(span) = duration::parse(text) else {
        return Err(
            "use a duration such as \"90s\", \"10m\", \"12h\" or \"30d\", or a number of seconds".to_owned()
        );
    };
    if (from..=to).contains(&span.as_secs()) {
        Ok(span)
    } else {
        Err(format!("use {} to {}", duration::exact(from), duration::exact(to)))
    }
}

/// A section for people: what [`Section`] says, without the fields that it fills.
pub(super) struct SectionDoc {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) keys: Vec<KeyDoc>,
}

/// A key for people.
pub(super) struct KeyDoc {
    /// With its section.
    pub(super) name: &'static str,
    /// What it accepts; Markdown.
    pub(super) values: String,
    /// The column of defaults; Markdown.
    pub(super) default: String,
    pub(super) doc: &'static str,
    /// The default or an example, as TOML writes it.
    pub(super) sample: String,
    /// Whether `sample` is the default.
    pub(super) sample_is_default: bool,
    /// Whether `values` are bounds.
    pub(super) bounded: bool,
}

impl<S> Key<S> {
    fn describe(&self) -> KeyDoc {
        let (sample, default, sample_is_default) = match self.default {
            Fallback::Value(text) => (self.kind.toml(text), format!("`{}`", self.kind.toml(text)), true),
            Fallback::Unset { means, example } => (self.kind.toml(example), means.to_owned(), false),
        };
        KeyDoc {
            name: self.name,
            values: self.kind.values(),
            default,
            doc: self.doc,
            sample,
            sample_is_default,
            bounded: self.kind.takes_numbers(),
        }
    }
}

impl KeyDoc {
    /// The name without its section.
    pub(super) fn leaf(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}
