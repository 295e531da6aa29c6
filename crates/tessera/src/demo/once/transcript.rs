//! What is printed: the number of each step, its name, what came of it and how long it took.

use std::fmt::Display;
use std::future::Future;
use std::io::Write;
use std::time::{Duration, Instant};

use super::Failed;
use crate::demo::ports::Sites;

/// The story so far.
pub(in crate::demo) struct Transcript<W> {
    out: W,
    begun: Instant,
    steps: usize,
}

/// How a step ended well: what the next ones need, and a few words for the reader.
pub(super) struct Done<T> {
    pub(super) value: T,
    pub(super) words: String,
}

impl<T> Done<T> {
    pub(super) fn new(value: T, words: impl Into<String>) -> Self {
        Self { value, words: words.into() }
    }
}

impl<W: Write> Transcript<W> {
    /// Begins now.
    pub(in crate::demo) fn begin(out: W) -> Self {
        Self { out, begun: now(), steps: 0 }
    }

    /// The servers listen.
    pub(in crate::demo) fn started(&mut self, sites: &Sites) {
        let Sites { issuer, web, api } = sites;
        self.say(format_args!("Tessera demo, once: issuer {issuer}, application {web}, API {api}"));
        self.tell("start", "all three listen, API has keys and revocation rules", self.begun.elapsed());
    }

    /// Takes a step and tells how it ended.
    pub(super) async fn step<T, E: Display>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<Done<T>, E>>,
    ) -> Result<T, Failed> {
        let begun = now();
        match work.await {
            Ok(done) => {
                self.tell(name, &done.words, begun.elapsed());
                Ok(done.value)
            }
            Err(error) => Err(Failed { step: name, reason: error.to_string() }),
        }
    }

    /// The last line. Whether all went well.
    pub(in crate::demo) fn ended(&mut self, outcome: &Result<(), Failed>) -> bool {
        let (steps, took) = (self.steps, milliseconds(self.begun.elapsed()));
        match outcome {
            Ok(()) => self.say(format_args!("All {steps} steps went as they must, in {took} ms.")),
            Err(failed) => self.say(format_args!("FAILED at {failed}")),
        }
        outcome.is_ok()
    }

    fn tell(&mut self, name: &str, words: &str, took: Duration) {
        self.steps += 1;
        let (number, took) = (self.steps, milliseconds(took));
        self.say(format_args!("{number:>3}  {name:<18} {took:>6} ms  {words}"));
    }

    /// A reader who went away is no reason to stop.
    fn say(&mut self, line: impl Display) {
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

#[expect(clippy::disallowed_methods, reason = "the transcript measures, like a stopwatch in somebody's hand")]
fn now() -> Instant {
    Instant::now()
}

fn milliseconds(took: Duration) -> u128 {
    (took.as_micros() + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(outcomes: &[(&'static str, Result<&str, &str>)]) -> (bool, String) {
        let mut transcript = Transcript::begin(Vec::new());
        let mut end = Ok(());
        for (name, outcome) in outcomes {
            let work = async { outcome.map(|words| Done::new((), words)) };
            end = transcript.step(name, work).await;
            if end.is_err() {
                break;
            }
        }
        let well = transcript.ended(&end);
        (well, String::from_utf8(transcript.out).unwrap())
    }

    #[tokio::test]
    async fn every_step_has_a_line_and_the_last_one_counts_them() {
        let (well, text) = told(&[("log in", Ok("as alice")), ("refresh", Ok("new tokens"))]).await;
        assert!(well);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("  1  log in") && lines[0].ends_with("as alice"), "{text}");
        assert!(lines[1].starts_with("  2  refresh"), "{text}");
        assert!(lines[2].starts_with("All 2 steps"), "{text}");
    }

    #[tokio::test]
    async fn the_step_that_failed_is_named() {
        let (well, text) = told(&[("log in", Ok("")), ("refresh", Err("invalid_client"))]).await;
        assert!(!well);
        assert_eq!(text.lines().last(), Some("FAILED at step \"refresh\": invalid_client"));
    }
}
