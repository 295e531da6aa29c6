//! Further instances of a test server's issuer, in the same process and without an address.

use std::sync::Arc;

use tessera_app::keys::Kek;
use tessera_app::{App, Config, Parts};

use crate::clock::SeededEntropy;
use crate::network::fetch;
use crate::server::{KEK, TestServer};

impl TestServer {
    /// What another instance on the same database, with the same clock, is made of.
    pub async fn parts(&self, seed: u64) -> Parts {
        Parts {
            store: self.store().await,
            config: self.app.config().clone(),
            kek: Kek::new(&KEK),
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SeededEntropy::new(seed)),
            fetch: fetch(),
            mailer: Some(Arc::clone(&self.mailbox) as _),
        }
    }

    /// Another instance on the same database, with another configuration.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn second_process(&self, change: impl FnOnce(&mut Config)) -> Arc<App> {
        let mut parts = self.parts(2).await;
        change(&mut parts.config);
        let app = App::start(parts).await.expect("a second process");
        self.others.lock().expect("no panic").push(Arc::downgrade(&app));
        app
    }
}
