//! The issuer's keys in memory: the last good set stays, a new one replaces it whole.
//!
//! Refreshed in the background; besides that, a token that names an unknown key may cause at most one fetch per
//! [`REFETCH_EVERY`] (attack J07), and one by a key that should not sign yet one per [`EARLY_REFETCH_EVERY`]. Everybody who waits for
//! a fetch shares its outcome. A set that could not be fetched again for too long counts for nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Algorithm, Jwk, JwkSet, VerifyingKey};
use tokio::sync::{Mutex, OwnedMutexGuard};
use url::Url;

use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::{FetchError, Issuer};

/// Shortest time between two fetches caused by unknown keys.
pub(crate) const REFETCH_EVERY: Duration = Duration::from_secs(30);
/// Shortest time between two fetches caused by keys that should not sign yet. Only their holders can cause these.
const EARLY_REFETCH_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two attempts while there is no key.
const FIRST_LOAD_EVERY: Duration = Duration::from_secs(1);

/// One published set.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: BTreeMap<Box<str>, Published>,
    /// Goes up whenever a key disappears or changes: what older generations vouched for must be looked at again.
    pub(crate) generation: u64,
    /// Monotonic time up to which it may be used.
    good_until: Duration,
}

/// What stands in for a set that is too old.
static NO_KEYS: KeySet = KeySet { keys: BTreeMap::new(), generation: u64::MAX, good_until: Duration::ZERO };

/// A key, and what the issuer says it is for. Other issuers say nothing: their keys are for everything.
pub(crate) struct Published {
    pub(crate) key: VerifyingKey,
    thumbprint: String,
    role: Option<Role>,
}

impl Published {
    /// Whether the key signs already, at `now` in seconds since 1970 (attack J31).
    ///
    /// # Errors
    /// `KeyInactive`. To be asked only about what the key has signed: the answer may cause a fetch.
    pub(crate) fn check_signs(&self, now: i64) -> Result<(), VerifyError> {
        if self.role.is_none_or(|role| role.signs_from <= now) {
            Ok(())
        } else {
            Err(VerifyError::KeyInactive)
        }
    }

    /// Whether the issuer says what the key is for, and so what it signs.
    pub(crate) const fn says_its_purpose(&self) -> bool {
        self.role.is_some()
    }

    fn is_for(&self, purpose: Purpose) -> bool {
        self.role.is_none_or(|role| role.purpose == purpose)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.thumbprint == other.thumbprint
            && self.key.algorithm() == other.key.algorithm()
            && self.role == other.role
    }
}

impl KeySet {
    /// This set at `now`, or none at all if it is too old.
    pub(crate) fn at(&self, now: Duration) -> &Self {
        if now <= self.good_until { self } else { &NO_KEYS }
    }

    /// The key of this name, if it is for this purpose (attack J31).
    ///
    /// # Errors
    /// `UnknownKey`, `KeyPurpose`.
    pub(crate) fn find(&self, kid: &str, purpose: Purpose) -> Result<&Published, VerifyError> {
        let published = self.keys.get(kid).ok_or(VerifyError::UnknownKey)?;
        if published.is_for(purpose) { Ok(published) } else { Err(VerifyError::KeyPurpose) }
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The usable keys of a published set: named, for signatures, not weak. Those of other algorithms than tokens may have are
    /// kept, for the revocation rules; but one that can vouch for a token there must be.
    fn load(
        set: &JwkSet,
        algorithms: &[Algorithm],
        previous: &Self,
        good_until: Duration,
    ) -> Result<Self, FetchError> {
        let keys: BTreeMap<_, _> = set.keys.iter().filter_map(usable).collect();
        let vouches = |published: &Published| {
            published.is_for(Purpose::AccessToken) && algorithms.contains(&published.key.algorithm())
        };
        if !keys.values().any(vouches) {
            return Err(FetchError::NoUsableKey);
        }
        let lost = previous.keys.iter().any(|(kid, old)| keys.get(kid).is_none_or(|new| !new.is_same(old)));
        Ok(Self { generation: previous.generation + u64::from(lost), keys, good_until })
    }
}

fn usable(jwk: &Jwk) -> Option<(Box<str>, Published)> {
    let kid = jwk.kid()?;
    match VerifyingKey::from_jwk(jwk) {
        Ok(key) => Some((kid.into(), Published { key, thumbprint: jwk.thumbprint(), role: jwk.role() })),
        Err(error) => {
            tracing::warn!(kid = ?kid, %error, "jwks.rejected");
            None
        }
    }
}

/// Why the keys are asked for between the regular times. Each has its own budget: strangers cannot use up that of a key's holder.
#[derive(Clone, Copy)]
pub(crate) enum Demand {
    /// A key is named that is not here.
    UnknownKey,
    /// A key signs that should not sign yet, as far as is known here.
    EarlyKey,
}

impl Demand {
    /// Whether new keys could change this refusal.
    pub(crate) const fn because_of(refusal: &VerifyError) -> Option<Self> {
        match refusal {
            VerifyError::UnknownKey => Some(Self::UnknownKey),
            VerifyError::KeyInactive => Some(Self::EarlyKey),
            _ => None,
        }
    }
}

/// What is known about the last fetches.
#[derive(Default)]
struct Gate {
    jwks_uri: Option<Url>,
    last_for_unknown: Option<Duration>,
    last_for_early: Option<Duration>,
    failed: bool,
}

impl Gate {
    /// When keys were last asked for because of this.
    fn last(&mut self, demand: Demand) -> &mut Option<Duration> {
        match demand {
            Demand::UnknownKey => &mut self.last_for_unknown,
            Demand::EarlyKey => &mut self.last_for_early,
        }
    }
}

/// The keys and how they get here.
pub(crate) struct Keys {
    current: ArcSwap<KeySet>,
    /// Those that tokens may have.
    algorithms: Vec<Algorithm>,
    issuer: Arc<Issuer>,
    /// How long a set counts that cannot be fetched again.
    max_age: Duration,
    clock: Arc<dyn Clock>,
    gate: Arc<Mutex<Gate>>,
    /// Fetches finished so far.
    finished: AtomicU64,
}

impl Keys {
    pub(crate) fn new(
        issuer: Arc<Issuer>,
        algorithms: Vec<Algorithm>,
        max_age: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            current: ArcSwap::default(),
            algorithms,
            issuer,
            max_age,
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

    /// Asks the issuer unless it was asked for the same reason a moment ago. Returns whether its last word is known: if not, nobody
    /// can say that a key does not exist or does not sign.
    pub(crate) async fn ask_again(self: &Arc<Self>, demand: Demand) -> bool {
        let before = self.finished.load(Ordering::Acquire);
        let mut gate = Arc::clone(&self.gate).lock_owned().await;
        let now = self.clock.monotonic();
        let every = match demand {
            Demand::EarlyKey => EARLY_REFETCH_EVERY,
            Demand::UnknownKey if self.current().at(now).is_empty() => FIRST_LOAD_EVERY,
            Demand::UnknownKey => REFETCH_EVERY,
        };
        let shared = self.finished.load(Ordering::Acquire) != before;
        if shared || gate.last(demand).is_some_and(|last| now.saturating_sub(last) < every) {
            return !gate.failed;
        }
        *gate.last(demand) = Some(now);
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
        let good_until = self.clock.monotonic().saturating_add(self.max_age);
        let set = self.issuer.keys(jwks_uri.clone()).await;
        let loaded =
            set.and_then(|set| KeySet::load(&set, &self.algorithms, &self.current.load(), good_until));
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
