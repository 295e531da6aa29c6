//! The issuer's keys in memory: the last good set stays, a new one replaces it whole.
//!
//! Refreshed in the background; besides that, a token that names an unknown key may cause at most one fetch per
//! [`REFETCH_EVERY`] (attack J07), and everybody who waits for that fetch shares its outcome.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tessera_jose::{Algorithm, Jwk, JwkSet, VerifyingKey};
use tokio::sync::{Mutex, OwnedMutexGuard};
use url::Url;

use crate::clock::Clock;
use crate::fetch::{FetchError, Issuer};

/// Shortest time between two fetches caused by unknown keys.
pub(crate) const REFETCH_EVERY: Duration = Duration::from_secs(30);
/// Shortest time between two attempts while there has never been a key.
const FIRST_LOAD_EVERY: Duration = Duration::from_secs(1);

/// One published set.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: HashMap<Box<str>, Published>,
    /// Goes up whenever a key disappears or changes: what older generations vouched for must be looked at again.
    pub(crate) generation: u64,
}

struct Published {
    key: VerifyingKey,
    thumbprint: String,
}

impl KeySet {
    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.get(kid).map(|published| &published.key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The usable keys of a published set: named, for signatures, not weak. Those of other algorithms than tokens may have are
    /// kept, for the revocation rules; but one that can vouch for a token there must be.
    fn load(set: &JwkSet, algorithms: &[Algorithm], previous: &Self) -> Result<Self, FetchError> {
        let keys: HashMap<_, _> = set.keys.iter().filter_map(usable).collect();
        if !keys.values().any(|published| algorithms.contains(&published.key.algorithm())) {
            return Err(FetchError::NoUsableKey);
        }
        let kept = |kid: &str, old: &Published| {
            keys.get(kid).is_some_and(|new: &Published| {
                new.thumbprint == old.thumbprint && new.key.algorithm() == old.key.algorithm()
            })
        };
        let lost = !previous.keys.iter().all(|(kid, old)| kept(kid, old));
        Ok(Self { generation: previous.generation + u64::from(lost), keys })
    }
}

fn usable(jwk: &Jwk) -> Option<(Box<str>, Published)> {
    let kid = jwk.kid()?;
    match VerifyingKey::from_jwk(jwk) {
        Ok(key) => Some((kid.into(), Published { key, thumbprint: jwk.thumbprint() })),
        Err(error) => {
            tracing::warn!(kid = ?kid, %error, "jwks.rejected");
            None
        }
    }
}

/// What is known about the last fetches.
#[derive(Default)]
struct Gate {
    jwks_uri: Option<Url>,
    last_demand: Option<Duration>,
    failed: bool,
}

/// The keys and how they get here.
pub(crate) struct Keys {
    current: ArcSwap<KeySet>,
    /// Those that tokens may have.
    algorithms: Vec<Algorithm>,
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    gate: Arc<Mutex<Gate>>,
    /// Fetches finished so far.
    finished: AtomicU64,
}

impl Keys {
    pub(crate) fn new(issuer: Arc<Issuer>, algorithms: Vec<Algorithm>, clock: Arc<dyn Clock>) -> Self {
        Self {
            current: ArcSwap::default(),
            algorithms,
            issuer,
            clock,
            gate: Arc::default(),
            finished: AtomicU64::new(0),
        }
    }

    pub(crate) fn current(&self) -> arc_swap::Guard<Arc<KeySet>> {
        self.current.load()
    }

    /// Asks the issuer now: metadata, then keys.
    pub(crate) async fn refresh(&self) -> Result<(), FetchError> {
        self.refresh_behind(&mut *self.gate.lock().await).await
    }

    /// Asks the issuer unless it has answered before.
    pub(crate) async fn load_first(&self) -> Result<(), FetchError> {
        let mut gate = self.gate.lock().await;
        if self.current().is_empty() { self.refresh_behind(&mut gate).await } else { Ok(()) }
    }

    /// Metadata that cannot be fetched are not missed while the place of the keys is known from before.
    async fn refresh_behind(&self, gate: &mut Gate) -> Result<(), FetchError> {
        let jwks_uri = match (self.issuer.discover().await, &gate.jwks_uri) {
            (Ok(found), _) => found,
            (Err(FetchError::Transport(_) | FetchError::Status(_)), Some(known)) => known.clone(),
            (Err(error), _) => {
                self.finish(gate, true);
                return Err(error);
            }
        };
        self.fetch(gate, jwks_uri).await
    }

    /// A token names a key that is not here. Returns whether the last word of the issuer is known: if not, nobody can say
    /// that the key does not exist.
    pub(crate) async fn unknown_key(self: &Arc<Self>) -> bool {
        let before = self.finished.load(Ordering::Acquire);
        let mut gate = Arc::clone(&self.gate).lock_owned().await;
        let now = self.clock.monotonic();
        let every = if self.current().is_empty() { FIRST_LOAD_EVERY } else { REFETCH_EVERY };
        let shared = self.finished.load(Ordering::Acquire) != before;
        if shared || gate.last_demand.is_some_and(|last| now.saturating_sub(last) < every) {
            return !gate.failed;
        }
        gate.last_demand = Some(now);
        // In a task of its own: a caller who hangs up must not void the one fetch that the others wait for.
        let keys = Arc::clone(self);
        tokio::spawn(async move { keys.fetch_on_demand(gate).await }).await.unwrap_or(false)
    }

    async fn fetch_on_demand(&self, mut gate: OwnedMutexGuard<Gate>) -> bool {
        let jwks_uri = match gate.jwks_uri.clone() {
            Some(known) => Ok(known),
            None => self.issuer.discover().await,
        };
        let outcome = match jwks_uri {
            Ok(jwks_uri) => self.fetch(&mut gate, jwks_uri).await,
            Err(error) => {
                self.finish(&mut gate, true);
                Err(error)
            }
        };
        if let Err(error) = &outcome {
            tracing::warn!(%error, "jwks.fetch_failed");
        }
        outcome.is_ok()
    }

    async fn fetch(&self, gate: &mut Gate, jwks_uri: Url) -> Result<(), FetchError> {
        let set = self.issuer.keys(jwks_uri.clone()).await;
        let loaded = set.and_then(|set| KeySet::load(&set, &self.algorithms, &self.current.load()));
        self.finish(gate, loaded.is_err());
        self.current.store(Arc::new(loaded?));
        gate.jwks_uri = Some(jwks_uri);
        Ok(())
    }

    fn finish(&self, gate: &mut Gate, failed: bool) {
        gate.failed = failed;
        self.finished.fetch_add(1, Ordering::AcqRel);
    }
}
