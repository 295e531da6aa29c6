//! The log of the thread of a test.

use std::io;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// A subscriber that wants nothing. While a process has one subscriber, `tracing` asks that of the current thread whether a line is
/// wanted, and remembers the answer for all threads: where a thread without one comes first, nobody would hear the line. It asks all
/// of several.
static NOBODY: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(tracing_subscriber::fmt().with_max_level(LevelFilter::OFF).finish()));

/// What this thread logs, of every level, while this lives. Other threads log as before.
pub struct Logged {
    lines: Lines,
    _heard: DefaultGuard,
}

impl Logged {
    /// Begins to listen.
    pub fn here() -> Self {
        LazyLock::force(&NOBODY);
        let lines = Lines::default();
        let heard = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(lines.clone())
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .finish();
        Self { lines, _heard: tracing::subscriber::set_default(heard) }
    }

    /// The lines since this was last asked: level, message, fields.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.0.lock())
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Each write is one line.
impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().push(String::from_utf8_lossy(line).trim().to_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
