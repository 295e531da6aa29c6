//! The jobs that one of several servers does at a time. Each server asks for each of them every few seconds.

use std::sync::Arc;
use std::time::Duration;

use tessera_app::App;
use tessera_app::jobs::{self, ClaimedJob};

use super::jobs::{Job, Jobs};

/// How often a server asks whether a job is due. A job begins at most this much late.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

struct Instance {
    app: Arc<App>,
    /// Names this process to administrators.
    name: String,
    table: Vec<ClaimedJob>,
}

/// Asks for every job from now on, one after the other: jobs that ran at the same time would each hold a thread with its memory.
pub(super) fn spawn(jobs: &mut Jobs, app: &Arc<App>) {
    let instance = Instance { app: Arc::clone(app), name: name(), table: jobs::table() };
    jobs.spawn(Job::new("jobs", POLL_INTERVAL, &Arc::new(instance), async |instance| {
        let mut outcome = Ok(());
        for job in &instance.table {
            outcome = outcome.and(jobs::run_if_due(&instance.app, job, &instance.name).await.map(drop));
        }
        outcome
    }));
}

/// The name of the machine, or of the container, and the number of the process.
fn name() -> String {
    let machine = rustix::system::uname();
    format!("{}:{}", machine.nodename().to_string_lossy(), std::process::id())
}
