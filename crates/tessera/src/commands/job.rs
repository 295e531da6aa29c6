//! `tessera job …`: the background jobs of the servers.

use serde::Serialize;
use tessera_app::{Cx, jobs};
use tessera_model::{JobRecord, Timestamp};

use super::args::{Invocation, NounArgs};
use super::views::time;
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, table};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show the jobs that one of the servers does at a time
    List,
}

/// A background job.
#[derive(Serialize)]
struct JobView {
    name: String,
    state: &'static str,
    holder: Option<String>,
    lease_until: Option<String>,
    last_started_at: Option<String>,
    last_finished_at: Option<String>,
    last_succeeded_at: Option<String>,
    last_error: Option<String>,
    progress: i64,
    next_run_at: String,
}

impl JobView {
    fn new(job: &JobRecord, now: Timestamp) -> Self {
        Self {
            name: job.name.clone(),
            state: job.state(now).as_str(),
            holder: job.lease.as_ref().map(|lease| lease.holder.clone()),
            lease_until: job.lease.as_ref().map(|lease| time(lease.until)),
            last_started_at: job.last_started_at.map(time),
            last_finished_at: job.last_finished_at.map(time),
            last_succeeded_at: job.last_succeeded_at.map(time),
            last_error: job.last_error.clone(),
            progress: job.progress,
            next_run_at: time(job.next_run_at),
        }
    }
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::List => list(cx, output).await,
    }
}

async fn list(cx: &Cx, output: Output) -> Result<(), Failure> {
    let jobs = jobs::list(cx).await?;
    let views: Vec<JobView> = jobs.iter().map(|job| JobView::new(job, cx.now)).collect();
    output.print(&serde_json::json!({ "jobs": views }), || {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let rows = views.iter().map(|view| {
            [
                view.name.clone(),
                view.state.to_owned(),
                text(&view.last_started_at),
                view.progress.to_string(),
                view.next_run_at.clone(),
                text(&view.holder),
                text(&view.last_error),
            ]
        });
        table(["JOB", "STATE", "LAST RUN", "PROGRESS", "NEXT RUN", "HOLDER", "ERROR"], rows)
    })
}
