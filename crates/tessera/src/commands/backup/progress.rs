//! How far a backup or a restore is: a bar on a terminal, and at the end the numbers.

use indicatif::{ProgressBar, ProgressStyle};
use tessera_app::backup::{PartSummary, Progress};

use crate::stderr;

/// A bar on standard error. It is invisible where that is no terminal.
pub(crate) struct Bar(ProgressBar);

impl Default for Bar {
    fn default() -> Self {
        Self(ProgressBar::no_length())
    }
}

impl Bar {
    pub(crate) fn follow(&mut self, progress: Progress) {
        match progress {
            Progress::Begun(rows) => {
                let style = ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {eta} left");
                if let Ok(style) = style {
                    self.0.set_style(style);
                }
                self.0.set_length(rows);
            }
            Progress::Rows(part) => self.0.inc(part.rows),
        }
    }

    /// Replaces the bar by the numbers.
    pub(crate) fn finish(self, rows: &[PartSummary]) {
        self.0.finish_and_clear();
        for PartSummary { table, rows } in rows {
            stderr::write_line(&format!("{table}: {rows} rows"));
        }
    }
}
