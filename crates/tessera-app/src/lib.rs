//! Use cases: one function per verb, one room per feature. Decides everything; knows neither HTTP nor SQL.
//!
//! Every function takes a [`Cx`] (time, actor and origin of the request) and a command, opens the transaction, lets the
//! model decide and says what came of it. Errors roll back; outcomes commit.

pub mod apis;
pub mod audit;
pub mod catalog;
pub mod clients;
pub mod config;
pub mod cx;
mod denials;
pub mod hasher;
pub mod keys;
pub mod login;
mod names;
pub mod network;
pub mod oauth;
pub mod ports;
mod rules;
pub mod sessions;
pub mod tickets;
pub mod users;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use tessera_store::Store;
pub use tessera_store::{ServerClaim, StoreError as Fault};

pub use config::Config;
pub use cx::{Actor, Cx, RequestId};

use catalog::Catalog;
use hasher::Hasher;
use keys::Kek;
use names::Names;
use ports::{Clock, Entropy};

/// Everything the use cases stand on; one per process.
pub struct App {
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) kek: Kek,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) hasher: Hasher,
    pub(crate) catalog: ArcSwap<Catalog>,
    pub(crate) catalog_is_current: AtomicBool,
    pub(crate) catalog_reload: tokio::sync::Mutex<()>,
    pub(crate) lookups: parking_lot::Mutex<catalog::Lookups>,
    pub(crate) batch: audit::Batch,
    pub(crate) denials: denials::Denials,
    pub(crate) brakes: login::brakes::Brakes,
    pub(crate) names: Names,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Issuer, lifetimes, limits.
    pub config: Config,
    /// Key-encryption key.
    pub kek: Kek,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl App {
    /// Loads keys, clients and APIs; makes the keys that are missing.
    ///
    /// # Errors
    /// The database cannot be read or written, or its keys do not open under this key-encryption key.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, keys::KeyError> {
        let Parts { store, config, kek, clock, entropy } = parts;
        let hasher = Hasher::new(config.hashing, &*entropy);
        let names = Names::new(&*entropy);
        let forge = keys::rotate::Forge { store: &store, kek: &kek, entropy: &*entropy, now: clock.now() };
        forge.ensure(&keys::rotate::FOUNDATION).await?;
        let catalog = Catalog::load(&store, &kek, config.rotation.publish_ahead).await?;
        Ok(Arc::new(Self {
            store,
            config,
            kek,
            clock,
            entropy,
            hasher,
            catalog: ArcSwap::from_pointee(catalog),
            catalog_is_current: AtomicBool::new(true),
            catalog_reload: tokio::sync::Mutex::default(),
            lookups: parking_lot::Mutex::default(),
            batch: audit::Batch::default(),
            denials: denials::Denials::default(),
            brakes: login::brakes::Brakes::default(),
            names,
        }))
    }

    /// Configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Clients, APIs and keys as of the last half second.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    /// Randomness for the nonce of one page's script.
    pub fn nonce(&self) -> [u8; 16] {
        self.random()
    }

    /// Takes the place of the one server on this database; the CLI needs no such place.
    ///
    /// # Errors
    /// Another server holds it.
    pub fn claim_server(&self) -> Result<ServerClaim, Fault> {
        self.store.claim_server()
    }

    /// Removes rows whose time is over: sessions, grants, revocation rules, attempt counters, audit events.
    ///
    /// # Errors
    /// The database failed; what was removed before stays removed.
    pub async fn purge(&self) -> Result<(), Fault> {
        let now = self.clock.now();
        let day_ago = now.before(std::time::Duration::from_secs(86_400));
        let kept_since = now.before(self.config.audit_retention);
        // A few hundred rows a transaction, so that nobody waits long behind a purge.
        while self
            .store
            .write(|tx| async move {
                let rows = tx.purge_expired(now).await? + tx.purge_rules(now).await?;
                let rows = rows + tx.purge_attempts(day_ago).await?;
                Ok::<_, Fault>(rows + tx.purge_events(kept_since).await?)
            })
            .await?
            > 0
        {}
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.store.ping().await
    }

    /// The context of work that nobody asked for: schedules and start-up.
    pub fn system(self: &Arc<Self>) -> Cx {
        Cx::new(self, Actor::System)
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}
