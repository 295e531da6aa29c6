//! The jobs that one of several servers does at a time. Each server asks every second which of them are due.

use std::sync::Arc;
use std::time::Duration;

use tessera_app::App;
use tessera_app::jobs::{self, ClaimedJob};

use super::jobs::{Job, Jobs};

/// How long a server rests between two rounds of asking. A job begins late by at most this and by the jobs that run before it in
/// the round.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

struct Instance {
    app: Arc<App>,
    /// Names this process to administrators.
    name: String,
    table: Vec<ClaimedJob>,
}

/// Asks from now on, and runs what is due one after the other: jobs that ran at the same time would each hold a thread with its memory.
/// Jobs that wait for other systems are apart, so that a slow one holds up no other job.
pub(super) fn spawn(jobs: &mut Jobs, app: &Arc<App>) {
    let (outbound, own): (Vec<_>, Vec<_>) = jobs::table().into_iter().partition(|job| job.is_outbound);
    for (poll, table) in [("jobs.poll", own), ("jobs.poll_outbound", outbound)] {
        let instance = Instance { app: Arc::clone(app), name: name(), table };
        jobs.spawn(Job::new(poll, POLL_INTERVAL, &Arc::new(instance), async |instance| {
            jobs::run_due(&instance.app, &instance.table, &instance.name).await
        }));
    }
}

/// The name of the machine, or of the container, and the number of the process.
fn name() -> String {
    let machine = rustix::system::uname();
    format!("{}:{}", machine.nodename().to_string_lossy(), std::process::id())
}
