//! The port: what is asked, what is answered, and what can go wrong.

use std::fmt;
use std::pin::Pin;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Url, form_urlencoded};

/// Most bytes of an answer's body: 1 MiB, whatever a request asks for.
pub const MAX_RESPONSE: usize = 1024 * 1024;

/// Sends requests. Production code uses [`GuardedFetch`](crate::GuardedFetch); a test answers by itself.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// Sends the request and reads the whole answer. Every status is an answer, redirects (3xx) included.
    ///
    /// # Errors
    /// [`FetchError`]: the request was not allowed, or no complete answer came.
    fn fetch(&self, request: Request) -> FetchFuture<'_>;
}

/// The future of [`Fetch::fetch`]; boxed, so that `dyn Fetch` exists.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, FetchError>> + Send + 'a>>;

/// Why there is no answer. Neither the URL nor anything of the request stands in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL is neither `https` nor `http` to this machine where that is allowed, or it carries user information.
    #[error("the URL is not allowed: it must be https, without user information")]
    Url,
    /// The host is, or resolves only to, addresses that may not be reached.
    #[error("the address is not allowed: it belongs to a private or special network")]
    Address,
    /// The answer was not complete in time.
    #[error("it took too long")]
    TimedOut,
    /// No connection, TLS failed, or the connection broke. The text is the innermost cause.
    #[error("{0}")]
    Transport(String),
    /// The answer came from another URL than the one asked: the HTTP client that the caller brought follows redirects.
    #[error("the answer was redirected")]
    Redirected,
    /// The body is longer than allowed.
    #[error("the answer is too long")]
    TooLarge,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends a body.
    Post,
}

/// A request. `Debug` shows method and host only: the rest may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What it does.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Headers besides those that every request has.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Most bytes that the body of the answer may have; never more than [`MAX_RESPONSE`].
    pub max_response: usize,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), Vec::new());
        Self { method: Method::Get, url, headers, body, max_response: MAX_RESPONSE }
    }

    /// A POST of form fields (`application/x-www-form-urlencoded`).
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        Self { method: Method::Post, body, ..Self::get(url) }.header(CONTENT_TYPE, form)
    }

    /// Sets a header, in place of an earlier value.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Accepts at most this many bytes of an answer's body. Default and upper limit: [`MAX_RESPONSE`].
    #[must_use]
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes.min(MAX_RESPONSE);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

/// An answer, complete. `Debug` shows status and length only: the rest may hold tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        Url::parse("https://as.example/token?code=hidden").unwrap()
    }

    #[test]
    fn a_form_is_encoded_and_says_so() {
        let request = Request::post_form(url(), [("grant_type", "a b"), ("x", "&=")]);
        assert_eq!(request.body, b"grant_type=a+b&x=%26%3D");
        assert_eq!(request.headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
    }

    #[test]
    fn nobody_asks_for_more_than_the_limit() {
        assert_eq!(Request::get(url()).max_response, MAX_RESPONSE);
        assert_eq!(Request::get(url()).max_response(usize::MAX).max_response, MAX_RESPONSE);
        assert_eq!(Request::get(url()).max_response(5).max_response, 5);
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let request = Request::post_form(url(), [("client_secret", "hidden")]);
        let request = request.header(http::header::AUTHORIZATION, HeaderValue::from_static("Basic hidden"));
        let response = Response { status: 200, headers: request.headers.clone(), body: b"hidden".to_vec() };
        for text in [format!("{request:?}"), format!("{response:?}")] {
            assert!(!text.contains("hidden"), "{text}");
        }
    }
}
