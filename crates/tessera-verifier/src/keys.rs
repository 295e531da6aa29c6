//! The issuer's keys in memory. The last valid set stays until a new one replaces it as a whole.
//!
//! A background task refreshes the keys. A token with an unknown key may cause at most one more fetch in [`REFETCH_EVERY`], and a
//! token signed with a key that should not sign yet at most one in [`ISSUER_REFETCH_EVERY`]. Everybody who waits for a fetch shares its
//! outcome. A set that has not been refreshed for too long is not used.

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

/// Shortest time between two fetches because of unknown keys.
pub(crate) const REFETCH_EVERY: Duration = Duration::from_secs(30);
/// Shortest time between two fetches that only the issuer, or the holder of a key that should not sign yet, can cause.
const ISSUER_REFETCH_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two fetches while there is no key at all.
const FIRST_LOAD_EVERY: Duration = Duration::from_secs(1);

/// One published set.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: BTreeMap<Box<str>, PublishedKey>,
    /// Goes up when a key disappears or changes. Tokens that an older generation verified must be verified again.
    pub(crate) generation: u64,
    /// Monotonic time until which the set may be used.
    valid_until: Duration,
}

/// Replaces a set that is too old.
static NO_KEYS: KeySet = KeySet { keys: BTreeMap::new(), generation: u64::MAX, valid_until: Duration::ZERO };

/// A key, and what the issuer says it is for. Issuers other than Tessera do not say it, so their keys are for everything.
pub(crate) struct PublishedKey {
    pub(crate) key: VerifyingKey,
    thumbprint: String,
    role: Option<Role>,
}

impl PublishedKey {
    /// Checks that the key may sign at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// `KeyInactive`. The refusal may cause a fetch, so call this only after the signature was checked.
    pub(crate) fn check_signs(&self, now: i64) -> Result<(), VerifyError> {
        if self.role.is_none_or(|role| role.signs_from <= now) {
            Ok(())
        } else {
            Err(VerifyError::KeyInactive)
        }
    }

    /// Whether the issuer says what the key is for.
    pub(crate) const fn has_purpose(&self) -> bool {
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
    /// This set at the monotonic time `now`, or an empty one if it is too old.
    pub(crate) fn at(&self, now: Duration) -> &Self {
        if now <= self.valid_until { self } else { &NO_KEYS }
    }

    /// The key of this name, if it is for this purpose.
    ///
    /// # Errors
    /// `UnknownKey`, `KeyPurpose`.
    pub(crate) fn find(&self, kid: &str, purpose: Purpose) -> Result<&PublishedKey, VerifyError> {
        let published = self.keys.get(kid).ok_or(VerifyError::UnknownKey)?;
        if published.is_for(purpose) { Ok(published) } else { Err(VerifyError::KeyPurpose) }
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The usable keys of a published set: they have a name, are for signatures and are not weak. Keys of algorithms that tokens may
    /// not have are kept for the revocation rules. At least one key must be able to sign tokens.
    fn load(
        set: &JwkSet,
        algorithms: &[Algorithm],
        previous: &Self,
        valid_until: Duration,
    ) -> Result<Self, FetchError> {
        let keys: BTreeMap<_, _> = set.keys.iter().filter_map(usable).collect();
        let signs_tokens = |published: &PublishedKey| {
            published.is_for(Purpose::AccessToken) && algorithms.contains(&published.key.algorithm())
        };
        if !keys.values().any(signs_tokens) {
            return Err(FetchError::NoUsableKey);
        }
        let lost = previous.keys.iter().any(|(kid, old)| keys.get(kid).is_none_or(|new| !new.is_same(old)));
        Ok(Self { generation: previous.generation + u64::from(lost), keys, valid_until })
    }
}

fn usable(jwk: &Jwk) -> Option<(Box<str>, PublishedKey)> {
    let kid = jwk.kid()?;
    match VerifyingKey::from_jwk(jwk) {
        Ok(key) => Some((kid.into(), PublishedKey { key, thumbprint: jwk.thumbprint(), role: jwk.role() })),
        Err(error) => {
            tracing::warn!(kid = ?kid, %error, "jwks.rejected");
            None
        }
    }
}

/// Why keys are fetched between the regular refreshes. Each reason has its own limit, so that strangers cannot use up the limit of a
/// key's holder.
#[derive(Clone, Copy)]
pub(crate) enum RefetchReason {
    /// A token names a key that is not in the set.
    UnknownKey,
    /// The revocation rules name a key that is not in the set. Only the issuer can cause that.
    Rules,
    /// A key has signed that should not sign yet, as far as the set says.
    EarlyKey,
}

impl RefetchReason {
    /// The reason to fetch keys after this refusal. `None` if new keys could not change it.
    pub(crate) const fn of(refusal: &VerifyError) -> Option<Self> {
        match refusal {
            VerifyError::UnknownKey => Some(Self::UnknownKey),
            VerifyError::KeyInactive => Some(Self::EarlyKey),
            _ => None,
        }
    }

    /// The same for the refusal of a page of revocation rules.
    pub(crate) const fn of_rules(refusal: &VerifyError) -> Option<Self> {
        match Self::of(refusal) {
            Some(Self::UnknownKey) => Some(Self::Rules),
            other => other,
        }
    }
}

/// What is known about the last fetches.
#[derive(Default)]
struct FetchState {
    jwks_uri: Option<Url>,
    /// Whether the next set begins a new generation in any case.
    anew: bool,
    last_for_unknown: Option<Duration>,
    last_for_rules: Option<Duration>,
    last_for_early: Option<Duration>,
    failed: bool,
}

impl FetchState {
    /// When keys were last fetched for this reason.
    fn last(&mut self, reason: RefetchReason) -> &mut Option<Duration> {
        match reason {
            RefetchReason::UnknownKey => &mut self.last_for_unknown,
            RefetchReason::Rules => &mut self.last_for_rules,
            RefetchReason::EarlyKey => &mut self.last_for_early,
        }
    }
}

/// The keys, and where they are fetched from.
pub(crate) struct Keys {
    current: ArcSwap<KeySet>,
    /// The algorithms that tokens may have.
    algorithms: Vec<Algorithm>,
    issuer: Arc<Issuer>,
    /// How long a set is used that cannot be refreshed.
    max_age: Duration,
    clock: Arc<dyn Clock>,
    fetching: Arc<Mutex<FetchState>>,
    /// How many fetches have finished.
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
            fetching: Arc::default(),
            finished: AtomicU64::new(0),
        }
    }

    pub(crate) fn current(&self) -> arc_swap::Guard<Arc<KeySet>> {
        self.current.load()
    }

    /// Fetches the metadata, then the keys.
    pub(crate) async fn refresh(&self) -> Result<(), FetchError> {
        self.refresh_locked(&mut *self.fetching.lock().await).await
    }

    /// Fetches the keys of an issuer that was restored. What was verified before has to be verified again.
    pub(crate) async fn start_over(&self) -> Result<(), FetchError> {
        let mut state = self.fetching.lock().await;
        state.anew = true;
        self.refresh_locked(&mut state).await
    }

    /// Fetches the keys unless there are some.
    pub(crate) async fn ensure_loaded(&self) -> Result<(), FetchError> {
        let mut state = self.fetching.lock().await;
        if self.current().is_empty() { self.refresh_locked(&mut state).await } else { Ok(()) }
    }

    /// If the metadata cannot be fetched, the last known URL of the keys is used.
    async fn refresh_locked(&self, state: &mut FetchState) -> Result<(), FetchError> {
        let jwks_uri = match (self.issuer.discover().await, &state.jwks_uri) {
            (Ok(found), _) => found,
            (Err(FetchError::Transport(_) | FetchError::Status(_)), Some(known)) => known.clone(),
            (Err(error), _) => {
                self.record_fetch(state, true);
                return Err(error);
            }
        };
        self.fetch(state, jwks_uri).await
    }

    /// Fetches the keys, unless they were just fetched for the same reason. Returns whether the last fetch succeeded. If it did not,
    /// nobody knows whether the key exists or signs.
    pub(crate) async fn refetch(self: &Arc<Self>, reason: RefetchReason) -> bool {
        let before = self.finished.load(Ordering::Acquire);
        let mut state = Arc::clone(&self.fetching).lock_owned().await;
        let now = self.clock.monotonic();
        let every = match reason {
            RefetchReason::EarlyKey | RefetchReason::Rules => ISSUER_REFETCH_EVERY,
            RefetchReason::UnknownKey if self.current().at(now).is_empty() => FIRST_LOAD_EVERY,
            RefetchReason::UnknownKey => REFETCH_EVERY,
        };
        let shared = self.finished.load(Ordering::Acquire) != before;
        if shared || state.last(reason).is_some_and(|last| now.saturating_sub(last) < every) {
            return !state.failed;
        }
        *state.last(reason) = Some(now);
        // The fetch has its own task. Others wait for it too, so it must not stop when one caller hangs up.
        let keys = Arc::clone(self);
        tokio::spawn(async move { keys.refetch_locked(state).await }).await.unwrap_or(false)
    }

    async fn refetch_locked(&self, mut state: OwnedMutexGuard<FetchState>) -> bool {
        let jwks_uri = match state.jwks_uri.clone() {
            Some(known) => Ok(known),
            None => self.issuer.discover().await,
        };
        let outcome = match jwks_uri {
            Ok(jwks_uri) => self.fetch(&mut state, jwks_uri).await,
            Err(error) => {
                self.record_fetch(&mut state, true);
                Err(error)
            }
        };
        if let Err(error) = &outcome {
            tracing::warn!(%error, "jwks.fetch_failed");
        }
        outcome.is_ok()
    }

    async fn fetch(&self, state: &mut FetchState, jwks_uri: Url) -> Result<(), FetchError> {
        let valid_until = self.clock.monotonic().saturating_add(self.max_age);
        let set = self.issuer.keys(jwks_uri.clone()).await;
        let loaded =
            set.and_then(|set| KeySet::load(&set, &self.algorithms, &self.current.load(), valid_until));
        self.record_fetch(state, loaded.is_err());
        let mut loaded = loaded?;
        loaded.generation += u64::from(std::mem::take(&mut state.anew));
        self.current.store(Arc::new(loaded));
        state.jwks_uri = Some(jwks_uri);
        Ok(())
    }

    fn record_fetch(&self, state: &mut FetchState, failed: bool) {
        state.failed = failed;
        self.finished.fetch_add(1, Ordering::AcqRel);
    }
}
