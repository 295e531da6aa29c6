//! What the walkthrough prints: number and name of each step, its result, and how long it took.

use std::fmt::Display;
use std::future::Future;
use std::io::Write;
use std::time::{Duration, Instant};

use super::StepFailed;
use crate::ports::Sites;

/// Prints the steps and counts them.
pub(crate) struct Transcript<W> {
    out: W,
    begun: Instant,
    steps: usize,
}

/// The result of a step that succeeded: what the next steps need, and a few words for the reader.
pub(super) struct Done<T> {
    pub(super) value: T,
    pub(super) summary: String,
}

impl<T> Done<T> {
    pub(super) fn new(value: T, summary: impl Into<String>) -> Self {
        Self { value, summary: summary.into() }
    }
}

impl<W: Write> Transcript<W> {
    /// Begins to measure.
    pub(crate) fn begin(out: W) -> Self {
        Self { out, begun: now(), steps: 0 }
    }

    /// Prints where the servers listen.
    pub(crate) fn started(&mut self, sites: &Sites) {
        let Sites { issuer, web, api } = sites;
        self.line(format_args!("Tessera demo, once: issuer {issuer}, application {web}, API {api}"));
        self.step_line("start", "all three listen, API has keys and revocation rules", self.begun.elapsed());
    }

    /// Runs a step. Prints its line if it succeeds.
    pub(super) async fn step<T, E: Display>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<Done<T>, E>>,
    ) -> Result<T, StepFailed> {
        let begun = now();
        match work.await {
            Ok(done) => {
                self.step_line(name, &done.summary, begun.elapsed());
                Ok(done.value)
            }
            Err(error) => Err(StepFailed { step: name, reason: error.to_string() }),
        }
    }

    /// Prints the last line. Returns whether every step succeeded.
    pub(crate) fn ended(&mut self, outcome: &Result<(), StepFailed>) -> bool {
        let (steps, took) = (self.steps, milliseconds(self.begun.elapsed()));
        match outcome {
            Ok(()) => self.line(format_args!("All {steps} steps succeeded, in {took} ms.")),
            Err(failed) => self.line(format_args!("FAILED at {failed}")),
        }
        outcome.is_ok()
    }

    fn step_line(&mut self, name: &str, summary: &str, took: Duration) {
        self.steps += 1;
        let (number, took) = (self.steps, milliseconds(took));
        self.line(format_args!("{number:>3}  {name:<18} {took:>6} ms  {summary}"));
    }

    /// Prints a line. If nobody reads it any more, the walkthrough goes on.
    fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

#[expect(clippy::disallowed_methods, reason = "the transcript measures how long a step takes")]
fn now() -> Instant {
    Instant::now()
}

fn milliseconds(took: Duration) -> u128 {
    (took.as_micros() + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn printed(outcomes: &[(&'static str, Result<&str, &str>)]) -> (bool, String) {
        let mut transcript = Transcript::begin(Vec::new());
        let mut end = Ok(());
        for (name, outcome) in outcomes {
            let work = async { outcome.map(|summary| Done::new((), summary)) };
            end = transcript.step(name, work).await;
            if end.is_err() {
                break;
            }
        }
        let succeeded = transcript.ended(&end);
        (succeeded, String::from_utf8(transcript.out).unwrap())
    }

    #[tokio::test]
    async fn every_step_has_a_line_and_the_last_one_counts_them() {
        let (succeeded, text) = printed(&[("log in", Ok("as alice")), ("refresh", Ok("new tokens"))]).await;
        assert!(succeeded);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("  1  log in") && lines[0].ends_with("as alice"), "{text}");
        assert!(lines[1].starts_with("  2  refresh"), "{text}");
        assert!(lines[2].starts_with("All 2 steps"), "{text}");
    }

    #[tokio::test]
    async fn the_step_that_failed_is_named() {
        let (succeeded, text) = printed(&[("log in", Ok("")), ("refresh", Err("invalid_client"))]).await;
        assert!(!succeeded);
        assert_eq!(text.lines().last(), Some("FAILED at step \"refresh\": invalid_client"));
    }
}
