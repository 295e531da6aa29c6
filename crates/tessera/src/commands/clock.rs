//! `tessera clock …`: the clock of this machine beside the highest time that a server has seen.

use tessera_app::Cx;
use tessera_app::clock::{self, AcceptError, ClockRefused};
use tessera_model::Timestamp;
use tessera_model::policy::CLOCK_LEEWAY_SECONDS;

use super::args::{Invocation, NounArgs};
use super::views::time;
use crate::config::Environment;
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show what the clock says and the highest time that a server has seen
    Show,
    /// Accept the clock of this machine, after it was wrong or no server ran for long
    Accept,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Show => show(cx, output).await,
        Verb::Accept => accept(cx, output).await,
    }
}

async fn show(cx: &Cx, output: Output) -> Result<(), Failure> {
    let state = clock::show(cx).await?;
    let (clock, highest) = (time(state.clock), state.seen.highest.map(time));
    let problem = state.refused.map(|refused| explain(&refused));
    let answer = serde_json::json!({
        "clock": clock, "highest_seen": highest, "accepted": state.refused.is_none(), "problem": problem,
    });
    output.print(&answer, || {
        let highest = highest.as_deref().unwrap_or("none: no server has run yet");
        let verdict = problem.as_deref().unwrap_or("The clock fits.");
        format!("clock of this machine  {clock}\nhighest time seen      {highest}\n{verdict}")
    })
}

async fn accept(cx: &Cx, output: Output) -> Result<(), Failure> {
    let accepted = clock::accept(cx).await?;
    let (now, before) = (time(accepted.now), accepted.before.map(time));
    output.print(&serde_json::json!({ "highest_seen": now, "highest_seen_before": before }), || {
        let before = before.as_deref().unwrap_or("none");
        format!(
            "The highest time seen is {now} now; it was {before}. Servers that run follow within seconds."
        )
    })
}

/// Why the clock is probably wrong, with dates.
fn explain(refused: &ClockRefused) -> String {
    let (clock, highest, apart, most) = match *refused {
        ClockRefused::Behind { clock, highest, most } => (clock, highest, "behind", most),
        ClockRefused::Ahead { clock, highest, most } => (clock, highest, "ahead of", most),
    };
    let by = distance(clock, highest);
    let (clock, highest, most) = (time(clock), time(highest), most.as_secs());
    format!(
        "the clock of this machine says {clock}, {by} s {apart} {highest}, the highest time that a server has seen with this database; at most {most} s are allowed"
    )
}

fn distance(one: Timestamp, other: Timestamp) -> u64 {
    one.since(other).max(other.since(one)).as_secs()
}

impl From<ClockRefused> for Failure {
    fn from(refused: ClockRefused) -> Self {
        let hint = match refused {
            ClockRefused::Behind { .. } => {
                "Put the clock right. If it is right now and was ahead before, run `tessera clock accept`."
            }
            ClockRefused::Ahead { .. } => {
                "Put the clock right. If it is right, and no server ran for that long, run `tessera clock accept`."
            }
        };
        Self::new(Exit::Config, explain(&refused)).hint(format!("Nothing was changed. {hint}"))
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        let (clock, database) = match error {
            AcceptError::Access(error) => return error.into(),
            AcceptError::OffDatabase { clock, database } => (clock, database),
        };
        let (by, apart) = (distance(clock, database), if clock < database { "behind" } else { "ahead of" });
        let (clock, database) = (time(clock), time(database));
        let message = format!(
            "the clock of this machine says {clock}, {by} s {apart} {database}, the time of the PostgreSQL server; at most {CLOCK_LEEWAY_SECONDS} s are allowed"
        );
        Self::new(Exit::Config, message).hint(
            "Nothing was changed. Put the wrong one of the two clocks right, then run `tessera clock accept` again.",
        )
    }
}
