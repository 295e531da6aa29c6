//! What commands print: text for people, or JSON with stable `snake_case` names for programs.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::text::{for_terminal, for_terminal_json};

/// The form of the results that a command prints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result: `value` as JSON for programs, or `text` for people. The caller has escaped the parts of `text`.
    pub(crate) fn print<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if !self.json {
            return write_line(&text());
        }
        write_line(&for_terminal_json(
            &serde_json::to_string_pretty(value).map_err(|error| unwritable(&error))?,
        ))
    }
}

impl Output {
    /// Prints one of many results that come over time: a line of JSON, or `text`, whose parts the caller has escaped. Returns whether
    /// somebody reads it.
    pub(crate) fn print_line<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<bool, Failure> {
        if !self.json {
            return try_write_line(&text());
        }
        try_write_line(&for_terminal_json(&serde_json::to_string(value).map_err(|error| unwritable(&error))?))
    }
}

/// Prints a value as one line of JSON, for a program that reads on.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<(), Failure> {
    write_line(&for_terminal_json(&serde_json::to_string(value).map_err(|error| unwritable(&error))?))
}

fn unwritable(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Internal, format!("cannot write JSON: {error}"))
}

/// Writes to standard output. It is no failure if the reader has closed the pipe.
fn write_line(text: &str) -> Result<(), Failure> {
    try_write_line(text).map(|_| ())
}

/// Writes to standard output. Returns whether somebody reads it.
fn try_write_line(text: &str) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::io("standard output", &error)),
    }
}

/// Whether the reader of standard output has closed the pipe.
pub(crate) fn reader_is_gone() -> bool {
    let stdout = io::stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let told = poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    told.is_ok() && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// A table. Escapes its cells.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| for_terminal(&cell)));
    }
    table.trim_fmt()
}

/// Named values, one a line. Escapes them. A name with several values takes several lines.
pub(crate) fn record<'a>(lines: impl IntoIterator<Item = (&'a str, Vec<String>)>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for (name, values) in lines {
        let values: Vec<String> = values.iter().map(|value| for_terminal(value)).collect();
        table.add_row([for_terminal(name), values.join("\n")]);
    }
    table.trim_fmt()
}

/// A name with one value, for [`record`].
pub(crate) fn one(name: &str, value: impl Into<String>) -> (&str, Vec<String>) {
    (name, vec![value.into()])
}
