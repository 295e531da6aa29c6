//! Builds a verifier. The types require issuer and audience. Everything else has a safe default.

use std::sync::Arc;
use std::time::Duration;

use tessera_fetch::{Fetch, GuardedFetch, IssuerUrl, Reach};
use tessera_jose::Algorithm;
use tessera_oauth::scope::ScopeSet;

use crate::cache::TokenCache;
use crate::checks::{Policy, seconds};
use crate::clock::{Clock, SystemClock};
use crate::fetch::{FetchError, Issuer};
use crate::keys::Keys;
use crate::revocation::{Revocation, RevocationView};
use crate::verifier::{Inner, Verifier};

/// The most that the clocks may differ.
const MAX_LEEWAY: Duration = Duration::from_secs(60);
/// The longest allowed `max_staleness`.
const MAX_MAX_STALENESS: Duration = Duration::from_secs(3600);

/// The audience is not set yet, so there is no `build`.
#[derive(Debug)]
pub struct NoAudience;

/// The audience is set.
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
    /// The audience is empty.
    #[error("the audience must not be empty")]
    Audience,
    /// There is no algorithm, or one without public keys.
    #[error("allow at least one algorithm, and only algorithms with public keys")]
    Algorithms,
    /// The option is out of its bounds.
    #[error("{0} is out of bounds: {1}")]
    OutOfBounds(&'static str, &'static str),
    /// An extra root has no PEM certificate.
    #[error("an extra root certificate is not PEM")]
    RootCertificate,
    /// The HTTP client could not be built.
    #[error("no HTTP client: {0}")]
    Client(FetchError),
    /// `build` was called outside a tokio runtime.
    #[error("build the verifier inside a tokio runtime: it refreshes keys in the background")]
    NoRuntime,
}

impl Verifier {
    /// Starts to build a verifier for tokens of `issuer`, exactly as it stands in `iss`.
    pub fn builder(issuer: impl Into<String>) -> VerifierBuilder<NoAudience> {
        VerifierBuilder::new(issuer.into())
    }
}

impl VerifierBuilder<NoAudience> {
    fn new(issuer: String) -> Self {
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

    /// The name of this API in `aud`, byte for byte. Usually its URL.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> VerifierBuilder<WithAudience> {
        VerifierBuilder { audience: WithAudience(audience.into()), options: self.options }
    }
}

impl<A> VerifierBuilder<A> {
    /// The signature algorithms of tokens. Default: ES256, `EdDSA`, Ed25519, RS256, PS256. It does not limit the
    /// algorithms of revocation rules.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.options.algorithms = algorithms.to_vec();
        self
    }

    /// Accepts access tokens of `typ: JWT` in addition to `at+jwt`. Use it only for an API that is registered for such tokens
    /// (`tessera api add --token-type jwt`), because another verifier of it does not know `at+jwt`. Default: only `at+jwt`.
    ///
    /// # Danger
    /// ID tokens have `typ: JWT` too, and so has nearly everything else that an issuer signs. So the type no longer says what a token
    /// is. Only the published purpose of the key and the audience distinguish them. A token of `typ: JWT` is therefore refused if its
    /// key is published without `tessera_purpose: access_token` ([`VerifyError::WrongType`]). Only Tessera publishes that. Leave this
    /// off unless you need it.
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

    /// How much the clocks of issuer and verifier may differ. Default 10 s, at most 60 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.options.leeway = leeway;
        self
    }

    /// The longest lifetime of a token, from `iat` to `exp`. Default 24 h.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.options.max_lifetime = max_lifetime;
        self
    }

    /// How often the keys are fetched again. Default 5 min, at least 1 s.
    #[must_use]
    pub fn refresh_interval(mut self, interval: Duration) -> Self {
        self.options.refresh_every = interval;
        self
    }

    /// How long keys are used that cannot be fetched again. After that, every token is refused with 503. Default 24 h, at least the
    /// refresh interval.
    #[must_use]
    pub fn max_key_age(mut self, max_key_age: Duration) -> Self {
        self.options.max_key_age = max_key_age;
        self
    }

    /// Memory for verified tokens, in bytes. Default 16 MiB. With 0, every signature is verified every time.
    #[must_use]
    pub fn cache_capacity(mut self, bytes: u64) -> Self {
        self.options.cache_bytes = bytes;
        self
    }

    /// Fetches the issuer's revocation rules twice a second, so that a revoked token is refused within a second. If they cannot be
    /// fetched for [`VerifierBuilder::max_staleness`], every token is refused with 503. The same happens if the clocks of issuer and
    /// verifier differ by more than 60 s.
    #[must_use]
    pub fn live_revocation(mut self) -> Self {
        self.options.live = true;
        self
    }

    /// How old the revocation rules may get before every token is refused. Default 30 s, at most 1 h.
    #[must_use]
    pub fn max_staleness(mut self, max_staleness: Duration) -> Self {
        self.options.max_staleness = max_staleness;
        self
    }

    /// Uses this view of revocation rules, which you fill yourself or share between verifiers. With
    /// [`VerifierBuilder::live_revocation`], the issuer's rules go into it.
    #[must_use]
    pub fn revocations(mut self, view: Arc<RevocationView>) -> Self {
        self.options.view = Some(view);
        self
    }

    /// The clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.options.clock = clock;
        self
    }

    /// The HTTP client for metadata, keys and rules, for example one with a proxy. It should not follow redirects. A redirected answer
    /// is refused anyway. Certificates of [`VerifierBuilder::extra_root_certificate`] then do not count: the client decides whom
    /// TLS trusts.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.options.http_client = Some(client);
        self
    }

    /// Trusts this root certificate (PEM) in addition to the system's. For an issuer with a certificate of a private authority.
    #[must_use]
    pub fn extra_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.options.extra_roots.push(pem.into());
        self
    }
}

impl VerifierBuilder<WithAudience> {
    /// Builds the verifier and starts to fetch keys in the background. Needs a tokio runtime. Does not wait for the keys; see
    /// [`Verifier::ready`].
    ///
    /// # Errors
    /// [`BuildError`] for what the caller can fix. An unreachable issuer is not an error here.
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
            cache: TokenCache::with_capacity(self.options.cache_bytes),
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
