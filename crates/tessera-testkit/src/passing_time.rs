//! Time that passes while a test server runs, and a clock that an administrator accepts.

use std::sync::Weak;
use std::time::Duration;

use tessera_app::ports::Clock as _;
use tessera_model::Timestamp;

use crate::server::TestServer;

/// How often a server looks at its clock while [`TestServer::advance`] lets time pass, in seconds.
const LOOK_EVERY: u64 = 1_800;

impl TestServer {
    /// Lets time pass while the server runs: it looks at its clock all the time, and sees no gap.
    ///
    /// # Panics
    /// If another thread of the test has.
    pub fn advance(&self, seconds: u64) {
        let others = self.others.lock().expect("no panic");
        let others: Vec<_> = others.iter().filter_map(Weak::upgrade).collect();
        let mut left = seconds;
        while left > 0 {
            let step = left.min(LOOK_EVERY);
            self.clock.advance(Duration::from_secs(step));
            for app in others.iter().chain([&self.app]) {
                app.now();
            }
            left -= step;
        }
    }

    /// What the clock of the server says.
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What an administrator does after the clock was put right, and what the server then does by itself.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn accept_clock(&self) {
        tessera_app::clock::accept_beside(&self.cli(), None).await.expect("an accepted clock");
        tessera_app::clock::watch_beside(&self.app, None).await.expect("a database");
    }
}
