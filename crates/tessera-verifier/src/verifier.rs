//! The verifier: one order of checks for every token, cheap ones first, the signature after them (attack V12).

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tessera_jose::jwk::Purpose;
use tessera_jose::{MAX_JWS_LEN, Unverified};
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::payload::AccessTokenPayload;

use crate::builder::{NoAudience, VerifierBuilder};
use crate::cache::{Place, Seen, SeenTokens};
use crate::checks::Policy;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::FetchError;
use crate::keys::{Demand, KeySet, Keys};
use crate::revocation::Revocation;

/// Verifies access tokens of one issuer for one audience. Cheap to clone; clones share keys, cache and rules.
///
/// It cannot be built without an audience:
/// ```compile_fail,E0599
/// # use tessera_verifier::Verifier;
/// let verifier = Verifier::builder("https://login.example.com").build();
/// ```
/// nor without an issuer:
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
    pub(crate) seen: SeenTokens,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) refresh_every: Duration,
}

impl Verifier {
    /// Starts building a verifier for tokens of `issuer`, exactly as it stands in `iss`.
    pub fn builder(issuer: impl Into<String>) -> VerifierBuilder<NoAudience> {
        VerifierBuilder::new(issuer.into())
    }

    /// Takes the finished parts into use and starts the tasks that keep them fresh; they end with the last clone.
    pub(crate) fn start(inner: Inner) -> Self {
        let inner = Arc::new(inner);
        tokio::spawn(keep_keys_fresh(Arc::downgrade(&inner)));
        if inner.revocation.is_live() {
            tokio::spawn(keep_rules_fresh(Arc::downgrade(&inner)));
        }
        Self { inner }
    }

    /// Waits until keys and, if asked for, revocation rules have been fetched once. Not required: without it the first tokens
    /// wait for the keys, and are refused with 503 until the rules are there.
    ///
    /// # Errors
    /// The first fetch that fails. The verifier stays usable and keeps trying.
    pub async fn ready(&self) -> Result<(), FetchError> {
        self.inner.keys.load_first().await?;
        if self.inner.revocation.is_live() { self.sync_revocations().await } else { Ok(()) }
    }

    /// Fetches metadata and keys now, for example when told that they changed.
    ///
    /// # Errors
    /// The keys known so far stay in use.
    pub async fn refresh(&self) -> Result<(), FetchError> {
        self.inner.refresh_keys().await
    }

    /// Fetches revocation rules now instead of at the next of the regular times. Does nothing without live revocation.
    ///
    /// # Errors
    /// The rules known so far stay in force.
    pub async fn sync_revocations(&self) -> Result<(), FetchError> {
        self.inner.revocation.sync(&self.inner.keys, &*self.inner.clock).await
    }

    /// What the verifier protects: `aud` of the tokens it accepts.
    pub fn audience(&self) -> &str {
        &self.inner.policy.audience
    }

    /// Verifies an access token (RFC 9068 section 4). A token seen before costs a look-up; a new one, its signature.
    ///
    /// # Errors
    /// [`VerifyError`]. Whatever it is, the request must not go on.
    pub async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        let outcome = self.inner.verify(token);
        let Some(demand) = outcome.as_ref().err().and_then(Demand::because_of) else { return outcome };
        let issuer_answered = self.inner.keys.ask_again(demand).await;
        match self.inner.verify(token) {
            Err(VerifyError::UnknownKey | VerifyError::KeyInactive) if !issuer_answered => {
                Err(VerifyError::Unavailable)
            }
            outcome => outcome,
        }
    }

    /// Verifies the token of an `Authorization` header (RFC 6750 section 2.1). It sees nothing else of the request: that there is
    /// one such header, and no second token in query or body, is for the caller to see to (section 2).
    ///
    /// # Errors
    /// [`VerifyError::NoCredentials`] if there is none; else as [`Verifier::verify`].
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
        let place = self.seen.place(token);
        if let Some(seen) = self.seen.find(place, token).filter(|seen| seen.generation == keys.generation) {
            self.verify_again(place, &seen.claims, now)?;
            self.revocation.check(&seen.claims, moment)?;
            return Ok(seen.claims);
        }
        let claims = self.verify_new(token, keys, now)?;
        self.seen.keep(place, Seen { claims: claims.clone(), generation: keys.generation });
        self.revocation.check(&claims, moment)?;
        Ok(claims)
    }

    /// A token that passed before: only what can have changed since.
    fn verify_again(&self, place: Place, claims: &Claims, now: i64) -> Result<(), VerifyError> {
        let in_time = self.policy.check_time(claims.times(), now);
        if in_time == Err(VerifyError::Expired) {
            self.seen.forget(place);
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
        if !says_access_token && !published.says_its_purpose() {
            return Err(VerifyError::WrongType);
        }
        let json =
            std::str::from_utf8(unverified.unverified_payload()).map_err(|_| VerifyError::Malformed)?;
        let payload = AccessTokenPayload::parse(json)?;
        self.policy.check_fixed(&payload)?;
        self.policy.check_time(payload.times, now)?;
        unverified.verify(&published.key)?;
        published.check_signs(now.saturating_add(self.policy.leeway))?;
        self.policy.check_scope(&payload)?;
        Ok(Claims::new(&payload, token))
    }

    async fn refresh_keys(&self) -> Result<(), FetchError> {
        let before = self.keys.current().generation;
        let outcome = self.keys.refresh().await;
        if self.keys.current().generation != before {
            self.seen.forget_all();
        }
        outcome
    }
}

/// Refreshes the keys until the verifier is gone. After a failure it tries again sooner, more and more slowly.
async fn keep_keys_fresh(verifier: Weak<Inner>) {
    const SOONEST: Duration = Duration::from_secs(1);
    let mut retry = SOONEST;
    let mut loaded = false;
    while let Some(inner) = verifier.upgrade() {
        let outcome = if loaded { inner.refresh_keys().await } else { inner.keys.load_first().await };
        loaded |= outcome.is_ok();
        let wait = match outcome {
            Ok(()) => {
                retry = SOONEST;
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

/// Fetches revocation rules twice a second until the verifier is gone; after failures, down to every two seconds.
async fn keep_rules_fresh(verifier: Weak<Inner>) {
    const EVERY: Duration = Duration::from_millis(500);
    const SLOWEST: Duration = Duration::from_secs(2);
    let mut wait = EVERY;
    while let Some(inner) = verifier.upgrade() {
        match inner.revocation.sync(&inner.keys, &*inner.clock).await {
            Ok(()) => wait = EVERY,
            Err(error) => {
                tracing::warn!(%error, "revocation.sync_failed");
                wait = wait.saturating_mul(2).min(SLOWEST);
            }
        }
        drop(inner);
        tokio::time::sleep(wait).await;
    }
}
