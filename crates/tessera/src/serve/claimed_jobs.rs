//! The jobs that one of several servers does at a time. Each server asks for each of them every few seconds.

use std::sync::Arc;
use std::time::Duration;

use tessera_app::{App, jobs};

use super::jobs::{Job, Jobs};

/// How often a server asks whether a job is due. A job begins at most this much late.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

struct Instance {
    app: Arc<App>,
    /// Names this process to administrators.
    name: String,
}

/// Asks for every job from now on.
pub(super) fn spawn(jobs: &mut Jobs, app: &Arc<App>) {
    let instance = Arc::new(Instance { app: Arc::clone(app), name: name() });
    for job in jobs::table() {
        let (name, job) = (job.name, Arc::new(job));
        jobs.spawn(Job::new(name, POLL_INTERVAL, &instance, move |instance| {
            let job = Arc::clone(&job);
            async move { jobs::run_if_due(&instance.app, &job, &instance.name).await.map(drop) }
        }));
    }
}

/// The name of the machine, or of the container, and the number of the process.
fn name() -> String {
    let machine = rustix::system::uname();
    format!("{}:{}", machine.nodename().to_string_lossy(), std::process::id())
}
