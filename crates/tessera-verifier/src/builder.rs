//! Building a verifier: issuer and audience are required by type, everything else has a safe default.

use std::sync::Arc;
use std::time::Duration;

use tessera_fetch::{Fetch, GuardedFetch, IssuerUrl, Reach};
use tessera_jose::Algorithm;
use tessera_oauth::scope::ScopeSet;

use crate::cache::SeenTokens;
use crate::checks::{Policy, seconds};
use crate::clock::{Clock, SystemClock};
use crate::fetch::{FetchError, Issuer};
use crate::keys::Keys;
use crate::revocation::{Revocation, RevocationView};
use crate::verifier::{Inner, Verifier};

/// Most the clocks may be apart.
const MAX_LEEWAY: Duration = Duration::from_secs(60);
/// Longest time that revocation rules may go without news.
const MAX_MAX_STALENESS: Duration = Duration::from_secs(3600);

/// No audience yet: `build` does not exist.
#[derive(Debug)]
pub struct NoAudience;

/// The audience is known.
#[derive(Debug)]
pub struct WithAudience(String);

/// Options of a [`Verifier`]. `build` exists once the audience is known.
#[derive(Debug)]
pub struct VerifierBuilder<A> {
    audience: A,
    options: Options,
}

#[derive(Debug)]
struct Options {
    issuer: String,
    algorithms: Vec<Algorithm>,
    accept_typ_jwt: bool,
    required_scopes: ScopeSet,
    leeway: Duration,
    max_lifetime: Duration,
    refresh_every: Duration,
    max_key_age: Duration,
    cache_bytes: u64,
    max_staleness: Duration,
    live: bool,
    view: Option<Arc<RevocationView>>,
    clock: Arc<dyn Clock>,
    http_client: Option<reqwest::Client>,
    extra_roots: Vec<Vec<u8>>,
}

/// Why a verifier cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Neither `https` nor `http` on a loopback address, or with query, fragment or user information.
    #[error("the issuer must be an https URL (http only on a loopback address) without query and fragment")]
    Issuer,
    /// Empty.
    #[error("the audience must not be empty")]
    Audience,
    /// None, or one without public keys.
    #[error("allow at least one algorithm, and only such with public keys")]
    Algorithms,
    /// Out of its bounds.
    #[error("{0} is out of bounds: {1}")]
    OutOfBounds(&'static str, &'static str),
    /// Not one PEM certificate.
    #[error("an extra root certificate is not PEM")]
    RootCertificate,
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(FetchError),
    /// Called outside a tokio runtime.
    #[error("build the verifier inside a tokio runtime: it refreshes keys in the background")]
    NoRuntime,
}

impl VerifierBuilder<NoAudience> {
    pub(crate) fn new(issuer: String) -> Self {
        let options = Options {
            issuer,
            algorithms: vec![
                Algorithm::Es256,
                Algorithm::EdDsa,
                Algorithm::Ed25519,
                Algorithm::Rs256,
                Algorithm::Ps256,
            ],
            accept_typ_jwt: false,
            required_scopes: ScopeSet::default(),
            leeway: Duration::from_secs(10),
            max_lifetime: Duration::from_secs(24 * 3600),
            refresh_every: Duration::from_secs(300),
            max_key_age: Duration::from_secs(24 * 3600),
            cache_bytes: 16 << 20,
            max_staleness: Duration::from_secs(30),
            live: false,
            view: None,
            clock: Arc::new(SystemClock::default()),
            http_client: None,
            extra_roots: Vec::new(),
        };
        Self { audience: NoAudience, options }
    }

    /// What this API is called in `aud`, byte for byte: usually its URL.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> VerifierBuilder<WithAudience> {
        VerifierBuilder { audience: WithAudience(audience.into()), options: self.options }
    }
}

impl<A> VerifierBuilder<A> {
    /// Signature algorithms to accept in tokens. Revocation rules may be signed with any of the default ones. Default: ES256, `EdDSA` (Ed25519), RS256, PS256.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.options.algorithms = algorithms.to_vec();
        self
    }

    /// Accept access tokens of `typ: JWT` besides `at+jwt`. Only for an API whose tokens the issuer is told to make so
    /// (`tessera api add --token-type jwt`), which it is for other verifiers that know no `at+jwt`. Default: `at+jwt` only.
    ///
    /// # Danger
    /// ID tokens are of `typ: JWT` too, and so is nearly everything else that an issuer signs: with this, the type no longer says
    /// what a token is. What is left to tell them apart is the purpose that the issuer publishes with each key, and the audience. A
    /// key that is published without `tessera_purpose: access_token` therefore vouches for no such token ([`VerifyError::WrongType`]),
    /// which leaves out every issuer but Tessera. Leave it off unless you must.
    ///
    /// [`VerifyError::WrongType`]: crate::VerifyError::WrongType
    #[must_use]
    pub fn accept_typ_jwt(mut self) -> Self {
        self.options.accept_typ_jwt = true;
        self
    }

    /// Scopes that every token must have. Default: none.
    #[must_use]
    pub fn required_scopes(mut self, scopes: &ScopeSet) -> Self {
        self.options.required_scopes = self.options.required_scopes.union(scopes);
        self
    }

    /// How far the issuer's clock may be from ours. Default 10 s, at most 60 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.options.leeway = leeway;
        self
    }

    /// Longest life of a token, from `iat` to `exp`. Default 24 h.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.options.max_lifetime = max_lifetime;
        self
    }

    /// How often keys are fetched again. Default 5 min, at least 1 s.
    #[must_use]
    pub fn refresh_interval(mut self, interval: Duration) -> Self {
        self.options.refresh_every = interval;
        self
    }

    /// How long keys count that cannot be fetched again; after that every token is refused with 503. Default 24 h, at least the
    /// refresh interval.
    #[must_use]
    pub fn max_key_age(mut self, max_key_age: Duration) -> Self {
        self.options.max_key_age = max_key_age;
        self
    }

    /// Memory for tokens seen before, in bytes. Default 16 MiB; 0 verifies every signature every time.
    #[must_use]
    pub fn cache_capacity(mut self, bytes: u64) -> Self {
        self.options.cache_bytes = bytes;
        self
    }

    /// Follow the issuer's revocation rules (twice a second): a token taken back is refused everywhere within a second. Without
    /// news for [`VerifierBuilder::max_staleness`], every token is refused with 503; so it is if the clocks of issuer and verifier
    /// are more than 60 s apart.
    #[must_use]
    pub fn live_revocation(mut self) -> Self {
        self.options.live = true;
        self
    }

    /// How long revocation rules may go without news before every token is refused. Default 30 s, at most 1 h.
    #[must_use]
    pub fn max_staleness(mut self, max_staleness: Duration) -> Self {
        self.options.max_staleness = max_staleness;
        self
    }

    /// Consult this view, which you keep up to date yourself (or share between verifiers). Together with
    /// [`VerifierBuilder::live_revocation`], the issuer's rules go into it.
    #[must_use]
    pub fn revocations(mut self, view: Arc<RevocationView>) -> Self {
        self.options.view = Some(view);
        self
    }

    /// Where to read the time. Default: the system.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.options.clock = clock;
        self
    }

    /// The HTTP client for metadata, keys and rules, for example one with a proxy. It should follow no redirects; an answer that
    /// was redirected is refused in any case.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.options.http_client = Some(client);
        self
    }

    /// A root certificate (PEM) to trust besides the system's, for an issuer with a certificate of a private authority.
    #[must_use]
    pub fn extra_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.options.extra_roots.push(pem.into());
        self
    }
}

impl VerifierBuilder<WithAudience> {
    /// Builds the verifier and starts fetching keys in the background. Needs a tokio runtime; waits for nothing
    /// (see [`Verifier::ready`]).
    ///
    /// # Errors
    /// [`BuildError`]: only what the caller can mend. That the issuer is down is none.
    pub fn build(self) -> Result<Verifier, BuildError> {
        let Options { issuer: name, clock, .. } = &self.options;
        let url = IssuerUrl::parse(name).ok_or(BuildError::Issuer)?;
        let policy = policy(&self.options, self.audience.0)?;
        let fetch = fetch(&self.options, &url)?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BuildError::NoRuntime);
        }
        let issuer = Arc::new(Issuer { name: name.clone(), url, fetch });
        let keys = Keys::new(
            Arc::clone(&issuer),
            policy.algorithms.clone(),
            self.options.max_key_age,
            Arc::clone(clock),
        );
        let view = self.options.view.clone();
        let revocation = if self.options.live {
            Revocation::live(issuer, view.unwrap_or_default(), self.options.max_staleness)
        } else {
            view.map_or(Revocation::Off, Revocation::Local)
        };
        Ok(Verifier::start(Inner {
            policy,
            keys: Arc::new(keys),
            revocation,
            seen: SeenTokens::with_capacity(self.options.cache_bytes),
            clock: Arc::clone(clock),
            refresh_every: self.options.refresh_every,
        }))
    }
}

fn policy(options: &Options, audience: String) -> Result<Policy, BuildError> {
    if audience.is_empty() {
        return Err(BuildError::Audience);
    }
    if options.algorithms.is_empty() || options.algorithms.contains(&Algorithm::Hs256) {
        return Err(BuildError::Algorithms);
    }
    if options.leeway > MAX_LEEWAY {
        return Err(BuildError::OutOfBounds("leeway", "at most 60 s"));
    }
    if options.max_staleness > MAX_MAX_STALENESS {
        return Err(BuildError::OutOfBounds("max_staleness", "at most 1 h"));
    }
    if options.refresh_every < Duration::from_secs(1) {
        return Err(BuildError::OutOfBounds("refresh_interval", "at least 1 s"));
    }
    if options.max_key_age < options.refresh_every {
        return Err(BuildError::OutOfBounds("max_key_age", "at least the refresh interval"));
    }
    Ok(Policy {
        issuer: options.issuer.clone(),
        audience,
        algorithms: options.algorithms.clone(),
        accept_typ_jwt: options.accept_typ_jwt,
        required_scopes: options.required_scopes.clone(),
        leeway: seconds(options.leeway),
        max_lifetime: seconds(options.max_lifetime),
    })
}

fn fetch(options: &Options, issuer: &IssuerUrl) -> Result<Arc<dyn Fetch>, BuildError> {
    let mut fetch = GuardedFetch::builder().reach(Reach::Anywhere);
    if issuer.is_loopback_http() {
        fetch = fetch.loopback_http();
    }
    if let Some(client) = &options.http_client {
        return Ok(Arc::new(fetch.build_around(client.clone())));
    }
    for pem in &options.extra_roots {
        fetch = fetch.extra_root_certificate(pem.clone());
    }
    let fetch = fetch.build().map_err(|error| match error {
        tessera_fetch::BuildError::RootCertificate => BuildError::RootCertificate,
        tessera_fetch::BuildError::Client(reason) => BuildError::Client(FetchError::Transport(reason)),
    })?;
    Ok(Arc::new(fetch))
}
