//! The composition root: the parts that every use case needs. Any file may name it, and it may name any file.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::catalog::{self, Catalog};
use crate::clock::{ClockRefused, Timekeeper};
use crate::config::Config;
use crate::context::{Actor, Cx};
use crate::hasher::Hasher;
use crate::id_source::IdSource;
use crate::keys::{self, FOUNDATION, Kek, KeyFactory, KeyMaker};
use crate::ports::{Clock, Entropy, Mailer};
use crate::probe::Probe;
use crate::{audit, login, oauth};
use arc_swap::ArcSwap;
use tessera_fetch::Fetch;
use tessera_model::Timestamp;
use tessera_store::{ServerClaim, Store, StoreError};

/// The running system: everything that the use cases need. There is one per process.
pub struct App {
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) kek: Kek,
    pub(crate) time: Timekeeper,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    pub(crate) hasher: Hasher,
    pub(crate) catalog: ArcSwap<Catalog>,
    pub(crate) catalog_is_current: AtomicBool,
    pub(crate) catalog_reload: tokio::sync::Mutex<()>,
    pub(crate) lookups: parking_lot::Mutex<catalog::Lookups>,
    pub(crate) recent_rules: oauth::RecentRules,
    pub(crate) batch: audit::Batch,
    pub(crate) denials: audit::budget::Denials,
    pub(crate) client_auth_failures: oauth::ClientAuthFailures,
    pub(crate) rate_limit: login::rate_limit::RateLimit,
    pub(crate) account_queues: login::account_queue::AccountQueues,
    pub(crate) ids: IdSource,
    pub(crate) probe: Probe,
}

/// The parts that the caller of [`App::start`] provides.
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
    /// Requests to other servers.
    pub fetch: Arc<dyn Fetch>,
    /// Mail. `None` if this issuer sends none.
    pub mailer: Option<Arc<dyn Mailer>>,
}

impl App {
    /// Generates the keys that are missing, and loads keys, clients and APIs.
    ///
    /// # Errors
    /// The database cannot be read or written, or this key-encryption key does not open its keys.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, keys::KeyError> {
        let Parts { store, config, kek, clock, entropy, fetch, mailer } = parts;
        let hasher = Hasher::new(config.hashing, &*entropy);
        let ids = IdSource::new(&*entropy);
        let seen = store.read(|tx| async move { tx.clock().seen().await }).await?;
        let time = Timekeeper::start(clock, seen, config.clock);
        // Nothing is made at a time that is probably wrong.
        if time.refused().is_none() {
            let now = time.now();
            let maker = KeyMaker { kek: &kek, entropy: &*entropy, now };
            KeyFactory { store: &store, maker }.ensure(&FOUNDATION).await?;
            if store.read(|tx| async move { tx.revocations().epoch().await }).await? == 0 {
                store.write(|tx| async move { tx.revocations().begin_epoch(now.seconds()).await }).await?;
            }
        }
        let catalog = Catalog::load(&store, &kek, &config.rotation).await?;
        Ok(Arc::new(Self {
            store,
            config,
            kek,
            time,
            entropy,
            fetch,
            mailer,
            hasher,
            catalog: ArcSwap::from_pointee(catalog),
            catalog_is_current: AtomicBool::new(true),
            catalog_reload: tokio::sync::Mutex::default(),
            lookups: parking_lot::Mutex::default(),
            recent_rules: oauth::RecentRules::default(),
            batch: audit::Batch::default(),
            denials: audit::budget::Denials::default(),
            client_auth_failures: oauth::ClientAuthFailures::default(),
            rate_limit: login::rate_limit::RateLimit::default(),
            account_queues: login::account_queue::AccountQueues::default(),
            ids,
            probe: Probe::default(),
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

    /// Whether mail can be sent. What is only possible by mail is not offered otherwise.
    pub fn can_send_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Randomness for the nonce of one page's script.
    pub fn nonce(&self) -> [u8; 16] {
        self.random()
    }

    /// Claims the database for this server. SQLite allows one server at a time. The CLI works without a claim.
    ///
    /// # Errors
    /// Another server holds the claim.
    pub async fn claim_server(&self) -> Result<ServerClaim, StoreError> {
        self.store.claim_server().await
    }

    /// The time. It never goes back: see [`crate::clock`].
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Requires that the clock fitted the highest time seen when this process started.
    ///
    /// # Errors
    /// It did not. A server must not start, and a command must not change anything, until an administrator accepts the clock.
    pub fn require_right_clock(&self) -> Result<(), ClockRefused> {
        self.time.refused().map_or(Ok(()), Err)
    }

    /// By how many seconds this instance is ahead of the clock of the database, or behind below zero, if that is too much to serve.
    pub fn off_database_clock(&self) -> Option<i64> {
        self.time.off_database()
    }

    /// How many transactions the database runs at the same time. `None` on SQLite, where all that come together share one commit.
    pub fn database_connections(&self) -> Option<usize> {
        self.store.connections()
    }

    /// Whether the database is not the one that was opened any more. Then everything is refused but what needs no database, and
    /// the revocation feed, until a restart.
    pub fn database_is_lost(&self) -> bool {
        self.store.why_lost().is_some()
    }

    /// Keeps the write-ahead log of a SQLite file short in quiet times.
    ///
    /// # Errors
    /// The database did not take the time.
    pub async fn tend_log(&self) -> Result<(), StoreError> {
        self.store.tend_log().await
    }

    /// The context of scheduled jobs and of the start.
    pub fn system(self: &Arc<Self>) -> Cx {
        Cx::new(self, Actor::System)
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}
