//! The implementation that opens connections.

use std::error::Error;
use std::time::Duration;

use reqwest::{Certificate, Client};

use crate::port::{Fetch, FetchError, FetchFuture, MAX_RESPONSE, Method, Request, Response};
use crate::reach::{AddressRefused, Guard, Reach};

/// Longest time from the request to the end of the answer: 5 s.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends requests under the rules of this crate. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct GuardedFetch {
    client: Client,
    guard: Guard,
    timeout: Duration,
}

/// Why a [`GuardedFetch`] cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Not PEM certificates.
    #[error("an extra root certificate is not PEM")]
    RootCertificate,
    /// The HTTP client could not be made.
    #[error("{0}")]
    Client(String),
}

/// Settings of a [`GuardedFetch`].
#[derive(Clone, Debug)]
pub struct GuardedFetchBuilder {
    guard: Guard,
    timeout: Duration,
    extra_roots: Vec<Vec<u8>>,
}

impl GuardedFetch {
    /// Begins with the strictest settings: public addresses, `https` only, 5 s.
    pub fn builder() -> GuardedFetchBuilder {
        GuardedFetchBuilder { guard: Guard::default(), timeout: MAX_TIMEOUT, extra_roots: Vec::new() }
    }

    async fn send(&self, request: Request) -> Result<Response, FetchError> {
        self.guard.check(&request.url)?;
        let limit = request.max_response.min(MAX_RESPONSE);
        let url = request.url;
        let sent = match request.method {
            Method::Get => self.client.get(url.clone()),
            Method::Post => self.client.post(url.clone()),
        };
        let sent = if request.body.is_empty() { sent } else { sent.body(request.body) };
        let sent = sent.headers(request.headers).timeout(self.timeout).send();
        let mut response = sent.await.map_err(|error| failed(&error))?;
        if *response.url() != url {
            return Err(FetchError::Redirected);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }
}

impl Fetch for GuardedFetch {
    fn fetch(&self, request: Request) -> FetchFuture<'_> {
        Box::pin(self.send(request))
    }
}

impl GuardedFetchBuilder {
    /// Which addresses may be reached. Default: [`Reach::Public`].
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.guard.reach = reach;
        self
    }

    /// Also allows this machine, and plain `http` to it: to `localhost`, `127.0.0.0/8` and `[::1]`. A URL that names another host
    /// does not get to this machine under [`Reach::Public`], whatever the name resolves to. Default: not allowed.
    #[must_use]
    pub fn loopback_http(mut self) -> Self {
        self.guard.loopback_http = true;
        self
    }

    /// Longest time from the request to the end of the answer. Default and upper limit: [`MAX_TIMEOUT`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(MAX_TIMEOUT);
        self
    }

    /// Root certificates (PEM, one or more) to trust besides the system's, for a server with a certificate of a private authority.
    #[must_use]
    pub fn extra_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(pem.into());
        self
    }

    /// Builds it with an HTTP client of its own.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(self) -> Result<GuardedFetch, BuildError> {
        let roots: Result<Vec<_>, _> = self
            .extra_roots
            .iter()
            .map(|pem| match Certificate::from_pem_bundle(pem) {
                Ok(roots) if !roots.is_empty() => Ok(roots),
                _ => Err(BuildError::RootCertificate),
            })
            .collect();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(self.timeout)
            .dns_resolver(self.guard.resolver())
            .tls_certs_merge(roots?.concat())
            .build()
            .map_err(|error| BuildError::Client(innermost(&error).to_string()))?;
        Ok(self.build_around(client))
    }

    /// Builds it around an HTTP client that the caller has made, for example one with a proxy.
    ///
    /// # Danger
    /// That client decides how names are resolved and whom TLS trusts. Extra root certificates do not count, and [`Reach`] counts
    /// only for hosts that are written as addresses. What still holds: the scheme, the time, the length of the answer, and that an
    /// answer which was redirected is refused.
    pub fn build_around(self, client: Client) -> GuardedFetch {
        GuardedFetch { client, guard: self.guard, timeout: self.timeout }
    }
}

fn failed(error: &reqwest::Error) -> FetchError {
    let cause = innermost(error);
    if error.is_timeout() {
        FetchError::TimedOut
    } else if cause.is::<AddressRefused>() {
        FetchError::Address
    } else {
        FetchError::Transport(cause.to_string())
    }
}

/// The innermost cause. The outer ones only repeat the URL, which may hold what nobody should read in a log.
fn innermost(error: &reqwest::Error) -> &(dyn Error + 'static) {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}
