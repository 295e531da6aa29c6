//! What commands print: tables and short hints for people, JSON with stable `snake_case` names for programs.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::text::{for_terminal, for_terminal_json};

/// Where results go, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result: `value` for programs, or `people` for people, whose parts are escaped already.
    pub(crate) fn print<T: Serialize>(
        self,
        value: &T,
        people: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if !self.json {
            return print(&people());
        }
        print(&for_terminal_json(&serde_json::to_string_pretty(value).map_err(|error| unwritable(&error))?))
    }
}

/// Prints a value as one line of JSON, for a program that goes on reading.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<(), Failure> {
    print(&for_terminal_json(&serde_json::to_string(value).map_err(|error| unwritable(&error))?))
}

fn unwritable(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Internal, format!("cannot write JSON: {error}"))
}

/// Prints a line or more; a reader that went away is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::io("standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Tells the person something that is not part of the result.
pub(crate) fn note(text: &str) {
    // Nobody to tell if standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A table of escaped cells.
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

/// Named values, one a line; escaped. A name with several values takes several lines.
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
