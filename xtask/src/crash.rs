//! `cargo xtask crash`: a store killed under load loses nothing that it acknowledged (invariant I3).
//!
//! `crash_writer DIR` (an example of `tessera-testkit`) writes without pause and prints one line after each commit;
//! this task kills it with SIGKILL after a short random time. `crash_writer DIR --verify FILE` then opens the same
//! database and looks for every line of FILE.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::{process, random, surroundings};

/// The example that is killed.
pub(crate) const WRITER: &str = "crash_writer";

const CYCLES: u32 = 1_000;
/// After the first acknowledged write the writer lives at most this long.
const LONGEST: u64 = 60;
/// A writer that has acknowledged nothing by then has failed.
const FIRST_WRITE_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let (mut cycles, mut seed) = (CYCLES, None);
    for pair in arguments.chunks(2) {
        match pair {
            [flag, value] if flag == "--cycles" => cycles = number(value)?,
            [flag, value] if flag == "--seed" => seed = Some(number(value)?),
            _ => return Err(Failure::new("usage: cargo xtask crash [--cycles N] [--seed S]")),
        }
    }
    let mut build = Command::new("cargo");
    build.args(["build", "--locked", "--release", "--package", "tessera-testkit", "--example", WRITER]);
    process::check(build.current_dir(root))?;
    survive(&root.join("target/release/examples").join(WRITER), cycles, seed)
}

/// Kills `writer` that often and fails at the first write that is gone.
pub(crate) fn survive(writer: &Path, cycles: u32, seed: Option<u64>) -> Result<()> {
    let seed = seed.map_or_else(|| random::fresh().map(u64::from_le_bytes), Ok)?;
    println!("{cycles} cycles with seed {seed}");
    let run = RunDir::new(writer)?;
    let mut moments = random::Repeatable::new(seed);
    let (mut acknowledged, mut waited) = (0, Duration::ZERO);
    for cycle in 1..=cycles {
        let written = run.crash(Duration::from_millis(moments.below(LONGEST)))?;
        let started = surroundings::now();
        run.verify(&run.lines(), cycle)?;
        waited = waited.max(started.elapsed());
        acknowledged += written;
        if cycle.is_multiple_of(100) {
            println!("  {cycle} cycles, {acknowledged} acknowledged writes");
        }
    }
    run.verify(&run.all_lines(), cycles)?;
    run.clear();
    let slowest = waited.as_secs_f64();
    println!(
        "{cycles} crashes: {acknowledged} acknowledged writes, none lost; slowest restart {slowest:.2} s"
    );
    Ok(())
}

/// The folder of one run. After a failure it stays, so that somebody can look into it.
struct RunDir<'a> {
    writer: &'a Path,
    folder: PathBuf,
}

impl<'a> RunDir<'a> {
    fn new(writer: &'a Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("tessera-crash-{}", std::process::id()));
        fs::create_dir_all(folder.join("data"))?;
        Ok(Self { writer, folder })
    }

    /// What the writer acknowledged in the last cycle.
    fn lines(&self) -> PathBuf {
        self.folder.join("acknowledged")
    }

    /// What writers acknowledged in all cycles.
    fn all_lines(&self) -> PathBuf {
        self.folder.join("all")
    }

    /// Lets it write for a while, kills it, and counts what it acknowledged.
    fn crash(&self, lifetime: Duration) -> Result<usize> {
        let lines = File::create(self.lines())?;
        let mut command = process::dies_with_us(&self.writer.to_string_lossy(), "KILL");
        command.arg(self.folder.join("data")).stdin(Stdio::null()).stdout(lines);
        let mut child = command.spawn()?;
        let started = surroundings::now();
        while fs::metadata(self.lines())?.len() == 0 {
            if started.elapsed() > FIRST_WRITE_WITHIN || child.try_wait()?.is_some() {
                child.kill()?;
                child.wait()?;
                return Err(Failure::new(format!(
                    "the writer acknowledges nothing; see {}",
                    self.folder.display()
                )));
            }
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(lifetime);
        child.kill()?;
        let status = child.wait()?;
        if status.code().is_some() {
            return Err(Failure::new(format!("the writer ended by itself: {status}")));
        }
        self.keep()
    }

    fn keep(&self) -> Result<usize> {
        let text = fs::read_to_string(self.lines())?;
        // A line cut short was not acknowledged.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        fs::write(self.lines(), whole)?;
        File::options().create(true).append(true).open(self.all_lines())?.write_all(whole.as_bytes())?;
        Ok(whole.lines().count())
    }

    fn verify(&self, lines: &Path, cycle: u32) -> Result<()> {
        let mut command = Command::new(self.writer);
        command.arg(self.folder.join("data")).arg("--verify").arg(lines);
        process::output(&mut command).map(drop).map_err(|failure| {
            Failure::new(format!("after crash {cycle}, in {}:\n{failure}", self.folder.display()))
        })
    }

    fn clear(&self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Failure::new(format!("`{text}` is no number")))
}
