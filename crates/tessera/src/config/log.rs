//! `[log]`: the log on standard error.

use tracing::Level;

use super::key::{Fallback, Key, Section, ValueKind};

/// The log on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: Level::INFO }
    }
}

pub(super) static KEYS: Section<Log> = Section {
    name: "log",
    doc: "The log on standard error.",
    keys: &[
        Key {
            name: "log.format",
            kind: ValueKind::Choice(&[
                ("text", |log| log.format = LogFormat::Text),
                ("json", |log| log.format = LogFormat::Json),
            ]),
            default: Fallback::Value("text"),
            doc: "`\"json\"` writes one JSON object a line.",
        },
        Key {
            name: "log.level",
            kind: ValueKind::Choice(&[
                ("error", |log| log.level = Level::ERROR),
                ("warn", |log| log.level = Level::WARN),
                ("info", |log| log.level = Level::INFO),
                ("debug", |log| log.level = Level::DEBUG),
                ("trace", |log| log.level = Level::TRACE),
            ]),
            default: Fallback::Value("info"),
            doc: "The least important lines that are written.",
        },
    ],
};
