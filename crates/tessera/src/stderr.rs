//! Standard error: the log, notes of commands, and panics.
//!
//! A thread of its own writes what waits in a bounded queue. So a full disk, a closed pipe and a pipe that nobody reads stop nothing
//! else. A line that finds no room, or that cannot be written, is dropped and counted.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use rustix::io::Errno;

/// Most bytes that wait to be written.
const MAX_WAITING: usize = 1 << 20;
/// What a line costs besides its bytes, about.
const LINE_COST: usize = 64;
/// How long [`flush`] waits for a sink that does not take the lines.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the thread waits for more lines once it was woken: to be woken for each would cost a busy server more than the lines.
const BURST: Duration = Duration::from_millis(2);
/// Pause before a sink is tried again that would have to be waited for.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

static STDERR: LazyLock<Arc<LineQueue>> = LazyLock::new(|| LineQueue::start(io::stderr()));

/// Queues a line.
pub(crate) fn write_line(text: &str) {
    STDERR.push(format!("{text}\n").into_bytes());
}

/// Waits until everything is written, for a second at most. Call it before the process ends.
pub(crate) fn flush() {
    STDERR.flush();
}

/// The writer of the log. Each write is one line. It never fails.
pub(crate) struct LogLine;

impl Write for LogLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        STDERR.push(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Panics go to the log if there is one, and to standard error otherwise. The hook of the standard library would wait for a pipe that
/// nobody reads.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let reason = reason(panic.payload());
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    if tracing::dispatcher::has_been_set() {
        let thread = thread::current();
        tracing::error!(location, reason, thread = thread.name(), backtrace, "a bug: the program panicked");
    } else {
        write_line(&format!("a bug: the program panicked at {location}: {reason}"));
        if let Some(backtrace) = backtrace {
            write_line(&backtrace);
        }
    }
}

fn reason(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

/// Lines on their way to one sink.
struct LineQueue {
    state: Mutex<State>,
    /// Notified when a line comes.
    filled: Condvar,
    /// Notified when nothing waits any more.
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    is_writing: bool,
    /// Lines that were dropped since the log last said how many.
    dropped: u64,
}

/// The sink did not take a whole line.
struct Unwritten {
    /// Whether it took the beginning.
    torn: bool,
}

impl LineQueue {
    /// Starts the thread that writes. If the system has no thread for it, every line is dropped.
    fn start(sink: impl AsFd + Send + 'static) -> Arc<Self> {
        let queue =
            Arc::new(Self { state: Mutex::default(), filled: Condvar::new(), emptied: Condvar::new() });
        let writer = Arc::clone(&queue);
        // If this fails, no other thread starts either, and the process ends with exit code 74.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_for_ever(&sink));
        queue
    }

    fn push(&self, line: Vec<u8>) {
        let mut state = self.state.lock();
        let bytes = state.bytes + line.len() + LINE_COST;
        if bytes > MAX_WAITING {
            state.dropped += 1;
            drop(state);
            count_dropped();
            return;
        }
        state.bytes = bytes;
        state.waiting.push_back(line);
        drop(state);
        self.filled.notify_one();
    }

    fn flush(&self) {
        let mut state = self.state.lock();
        let busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        let _ = self.emptied.wait_while_for(&mut state, busy, FLUSH_TIMEOUT);
    }

    fn write_for_ever(&self, sink: &impl AsFd) {
        let mut torn = false;
        loop {
            let mut line = self.next();
            if torn {
                line.insert(0, b'\n');
            }
            match write_all(sink, &line) {
                Ok(()) => {
                    torn = false;
                    self.say_dropped();
                }
                Err(unwritten) => {
                    torn |= unwritten.torn;
                    self.state.lock().dropped += 1;
                    count_dropped();
                }
            }
        }
    }

    /// The next line. Waits for one.
    fn next(&self) -> Vec<u8> {
        let mut state = self.state.lock();
        state.is_writing = false;
        loop {
            if let Some(line) = state.waiting.pop_front() {
                state.is_writing = true;
                state.bytes -= line.len() + LINE_COST;
                return line;
            }
            self.emptied.notify_all();
            self.filled.wait(&mut state);
            MutexGuard::unlocked(&mut state, || thread::sleep(BURST));
        }
    }

    /// Once the sink takes lines again and half of the queue is free, the log says how many are missing.
    fn say_dropped(&self) {
        let mut state = self.state.lock();
        if state.dropped > 0 && state.bytes < MAX_WAITING / 2 {
            let lines = std::mem::take(&mut state.dropped);
            drop(state);
            tracing::warn!(lines, "log lines were dropped: standard error did not take them");
        }
    }
}

fn count_dropped() {
    metrics::counter!("tessera_log_lines_dropped_total").increment(1);
}

fn write_all(sink: &impl AsFd, line: &[u8]) -> Result<(), Unwritten> {
    let mut rest = line;
    while !rest.is_empty() {
        match rustix::io::write(sink, rest) {
            Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Somebody made the sink non-blocking, and it has no room.
            Err(Errno::AGAIN) => thread::sleep(RETRY_PAUSE),
            Ok(_) | Err(_) => return Err(Unwritten { torn: rest.len() < line.len() }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const LINE: &[u8] = b"a line of the log\n";

    /// More lines than the pipe and the queue hold together.
    const FLOOD: usize = 3 * MAX_WAITING / LINE_COST;

    #[test]
    fn f59_a_pipe_that_nobody_reads_costs_a_bounded_memory_and_no_waiting() {
        let (mut reader, writer) = io::pipe().unwrap();
        let queue = LineQueue::start(writer);
        for _ in 0..FLOOD {
            queue.push(LINE.to_vec());
        }
        let (bytes, dropped) = {
            let state = queue.state.lock();
            (state.bytes, usize::try_from(state.dropped).unwrap())
        };
        assert!(bytes <= MAX_WAITING, "{bytes} bytes wait");
        assert!(dropped > FLOOD / 4, "{dropped} of {FLOOD} lines were dropped");

        // The reader comes back: every line that was kept is whole.
        let mut kept = vec![0; LINE.len() * (FLOOD - dropped)];
        reader.read_exact(&mut kept).unwrap();
        let torn = kept.chunks(LINE.len()).filter(|line| *line != LINE).count();
        assert_eq!(torn, 0, "of {} lines", FLOOD - dropped);
    }

    #[test]
    fn f59_the_end_of_the_process_waits_a_second_at_most_for_a_pipe_that_nobody_reads() {
        let (_reader, writer) = io::pipe().unwrap();
        let queue = LineQueue::start(writer);
        for _ in 0..FLOOD {
            queue.push(LINE.to_vec());
        }
        let begun = tokio::time::Instant::now();
        queue.flush();
        let took = begun.elapsed();
        assert!(took >= FLUSH_TIMEOUT && took < 5 * FLUSH_TIMEOUT, "{took:?}");
    }

    #[test]
    fn f59_a_flush_waits_for_a_reader_that_is_there() {
        let (mut reader, writer) = io::pipe().unwrap();
        let queue = LineQueue::start(writer);
        let lines = 2_000;
        for _ in 0..lines {
            queue.push(vec![b'x'; 100]);
        }
        let reading = thread::spawn(move || {
            let mut read = vec![0; 100 * lines];
            reader.read_exact(&mut read)
        });
        queue.flush();
        assert!(queue.state.lock().waiting.is_empty(), "everything is written");
        reading.join().unwrap().unwrap();
    }
}
