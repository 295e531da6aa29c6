//! The verifier. Every token passes the same checks in the same order. Cheap checks come first, so that garbage costs little.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tessera_jose::jwk::Purpose;
use tessera_jose::{MAX_JWS_LEN, Unverified};
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::payload::AccessTokenPayload;

use crate::cache::{CachedToken, TokenCache, TokenHash};
use crate::checks::Policy;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::FetchError;
use crate::keys::{KeySet, Keys, RefetchReason};
use crate::revocation::{Revocation, RevocationStatus};

/// Verifies access tokens of one issuer for one audience. Cheap to clone. Clones share keys, cache and rules.
///
/// A verifier without an audience does not compile:
/// ```compile_fail,E0599
/// # use tessera_verifier::Verifier;
/// let verifier = Verifier::builder("https://login.example.com").build();
/// ```
/// Neither does one without an issuer:
/// ```compile_fail,E0061
/// # use tessera_verifier::Verifier;
/// let verifier = Verifier::builder().audience("https://api.example.com").build();
/// ```
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) policy: Policy,
    pub(crate) keys: Arc<Keys>,
    pub(crate) revocation: Revocation,
    pub(crate) cache: TokenCache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) refresh_every: Duration,
}

impl Verifier {
    /// Starts the tasks that keep keys and rules fresh. They end with the last clone.
    pub(crate) fn start(inner: Inner) -> Self {
        let inner = Arc::new(inner);
        tokio::spawn(keep_keys_fresh(Arc::downgrade(&inner)));
        if inner.revocation.is_live() {
            tokio::spawn(keep_rules_fresh(Arc::downgrade(&inner)));
        }
        Self { inner }
    }

    /// Waits until the keys have been fetched once, and with live revocation also the rules. You need not call it. Without it, the
    /// first tokens wait for the keys, and are refused with 503 until the rules are there.
    ///
    /// # Errors
    /// The error of the first fetch that fails. The verifier keeps trying and can be used.
    pub async fn ready(&self) -> Result<(), FetchError> {
        self.inner.keys.ensure_loaded().await?;
        if self.inner.revocation.is_live() { self.sync_revocations().await } else { Ok(()) }
    }

    /// Fetches metadata and keys now, for example after a message that they have changed.
    ///
    /// # Errors
    /// The fetch failed. The known keys stay in use.
    pub async fn refresh(&self) -> Result<(), FetchError> {
        self.inner.refresh_keys().await
    }

    /// Fetches revocation rules now and does not wait for the next regular fetch. Does nothing without live revocation.
    ///
    /// # Errors
    /// The fetch failed. The known rules stay in force.
    pub async fn sync_revocations(&self) -> Result<(), FetchError> {
        self.inner.sync_rules().await
    }

    /// How many revocation rules there are, and what an operator must know about them. `None` without rules.
    pub fn revocation_status(&self) -> Option<RevocationStatus> {
        self.inner.revocation.status()
    }

    /// The audience (`aud`) of the tokens that the verifier accepts.
    pub fn audience(&self) -> &str {
        &self.inner.policy.audience
    }

    /// Verifies an access token (RFC 9068 section 4). A cached token costs a look-up, a new one a signature check.
    ///
    /// # Errors
    /// [`VerifyError`]. Refuse the request, whatever the error is.
    pub async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        let outcome = self.inner.verify(token);
        let Some(reason) = outcome.as_ref().err().and_then(RefetchReason::of) else { return outcome };
        let issuer_answered = self.inner.keys.refetch(reason).await;
        match self.inner.verify(token) {
            Err(VerifyError::UnknownKey | VerifyError::KeyInactive) if !issuer_answered => {
                Err(VerifyError::Unavailable)
            }
            outcome => outcome,
        }
    }

    /// Verifies the token of an `Authorization` header (RFC 6750 section 2.1). The caller must check that there is only one such
    /// header, and no second token in query or body (section 2).
    ///
    /// # Errors
    /// [`VerifyError::NoCredentials`] if there is no bearer token. Otherwise as [`Verifier::verify`].
    pub async fn verify_header(&self, authorization: Option<&str>) -> Result<Claims, VerifyError> {
        let token = authorization.and_then(tessera_oauth::bearer::from_authorization_header);
        self.verify(token.ok_or(VerifyError::NoCredentials)?).await
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("policy", &self.inner.policy).finish_non_exhaustive()
    }
}

impl Inner {
    fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        if token.len() > MAX_JWS_LEN {
            return Err(VerifyError::TooLarge);
        }
        let (now, moment) = (self.clock.unix_seconds(), self.clock.monotonic());
        let published = self.keys.current();
        let keys = published.at(moment);
        let hash = self.cache.hash(token);
        let cached = self.cache.get(hash, token).filter(|entry| entry.generation == keys.generation);
        if let Some(CachedToken { claims, .. }) = cached {
            self.verify_cached(hash, &claims, now)?;
            self.revocation.check(&claims, moment)?;
            return Ok(claims);
        }
        let claims = self.verify_new(token, keys, now)?;
        self.cache.insert(hash, CachedToken { claims: claims.clone(), generation: keys.generation });
        self.revocation.check(&claims, moment)?;
        Ok(claims)
    }

    /// Checks only what can have changed since the token was verified.
    fn verify_cached(&self, hash: TokenHash, claims: &Claims, now: i64) -> Result<(), VerifyError> {
        let in_time = self.policy.check_time(claims.times(), now);
        if in_time == Err(VerifyError::Expired) {
            self.cache.remove(hash);
        }
        in_time
    }

    fn verify_new(&self, token: &str, keys: &KeySet, now: i64) -> Result<Claims, VerifyError> {
        let unverified = Unverified::parse(token)?;
        if !self.policy.algorithms.contains(&unverified.alg()) {
            return Err(VerifyError::AlgNotAllowed);
        }
        let says_access_token = unverified.has_typ(ACCESS_TOKEN_TYP);
        let accepted = says_access_token || (self.policy.accept_typ_jwt && unverified.has_typ(JWT_TYP));
        if !accepted {
            return Err(VerifyError::WrongType);
        }
        let kid = unverified.kid().ok_or(VerifyError::Malformed)?;
        let published = keys.find(kid, Purpose::AccessToken)?;
        if !says_access_token && !published.has_purpose() {
            return Err(VerifyError::WrongType);
        }
        let payload = AccessTokenPayload::parse(unverified.unverified_payload())?;
        self.policy.check_claims(&payload)?;
        self.policy.check_time(payload.times, now)?;
        unverified.verify(&published.key)?;
        published.check_signs(now.saturating_add(self.policy.leeway))?;
        self.policy.check_scope(&payload)?;
        Ok(Claims::new(&payload, token, kid))
    }

    async fn refresh_keys(&self) -> Result<(), FetchError> {
        self.forgetting_old_keys(self.keys.refresh()).await
    }

    async fn sync_rules(&self) -> Result<(), FetchError> {
        self.forgetting_old_keys(self.revocation.sync(&self.keys, &*self.clock)).await
    }

    /// Empties the cache if a key is gone afterwards. Its tokens would not be used again anyway.
    async fn forgetting_old_keys(
        &self,
        work: impl Future<Output = Result<(), FetchError>>,
    ) -> Result<(), FetchError> {
        let before = self.keys.current().generation;
        let outcome = work.await;
        if self.keys.current().generation != before {
            self.cache.clear();
        }
        outcome
    }
}

/// Refreshes the keys until the verifier is dropped. Retries after a failure start at one second and slow down.
async fn keep_keys_fresh(verifier: Weak<Inner>) {
    const FIRST_RETRY: Duration = Duration::from_secs(1);
    let mut retry = FIRST_RETRY;
    let mut loaded = false;
    while let Some(inner) = verifier.upgrade() {
        let outcome = if loaded { inner.refresh_keys().await } else { inner.keys.ensure_loaded().await };
        loaded |= outcome.is_ok();
        let wait = match outcome {
            Ok(()) => {
                retry = FIRST_RETRY;
                inner.refresh_every
            }
            Err(error) => {
                tracing::warn!(%error, "jwks.refresh_failed");
                let wait = retry.min(inner.refresh_every);
                retry = retry.saturating_mul(2).min(inner.refresh_every);
                wait
            }
        };
        drop(inner);
        tokio::time::sleep(wait).await;
    }
}

/// Fetches revocation rules twice a second until the verifier is dropped. After failures, it slows down to once in two seconds.
async fn keep_rules_fresh(verifier: Weak<Inner>) {
    const INTERVAL: Duration = Duration::from_millis(500);
    const SLOWEST_RETRY: Duration = Duration::from_secs(2);
    let mut wait = INTERVAL;
    while let Some(inner) = verifier.upgrade() {
        match inner.sync_rules().await {
            Ok(()) => wait = INTERVAL,
            Err(error) => {
                tracing::warn!(%error, "revocation.sync_failed");
                wait = wait.saturating_mul(2).min(SLOWEST_RETRY);
            }
        }
        drop(inner);
        tokio::time::sleep(wait).await;
    }
}
