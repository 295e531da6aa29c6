//! Background jobs, at the time of the test's clock.

use tessera_app::jobs::{Outcome, run_if_due, table};

use crate::server::TestServer;

impl TestServer {
    /// Runs every job that is due, as the server would.
    ///
    /// # Panics
    /// If a job fails.
    pub async fn run_jobs(&self) {
        for job in table() {
            let outcome = run_if_due(&self.app, &job, "test").await.expect("a database");
            assert!(matches!(outcome, Outcome::Succeeded | Outcome::NotNow), "{}: {outcome:?}", job.name);
        }
    }
}
