//! Outbound HTTP: the port [`Fetch`], and [`GuardedFetch`], the one implementation that opens connections.
//!
//! A URL that comes from outside (a client's metadata, another issuer's discovery document) must not become a request into
//! the operator's own network. [`GuardedFetch`] therefore decides what may be reached, and holds these rules for every request:
//!
//! - `https` only. Plain `http` only to this machine, and only where [`GuardedFetchBuilder::loopback_http`] allows it.
//! - [`Reach`] says which addresses may be reached. A name is resolved once, its addresses are filtered, and the connection goes
//!   to one of those that are left: a name that resolves differently a moment later gains nothing.
//! - Redirects are not followed, and no proxy is taken from the environment.
//! - An answer takes at most [`MAX_TIMEOUT`] and has at most [`MAX_RESPONSE`] bytes, or fewer if the request says so.
//!
//! What it does not do: look at the content, retry, or keep cookies.
//!
//! # Example
//!
//! ```no_run
//! use tessera_fetch::{Fetch, FetchError, GuardedFetch, Reach, Request, Url};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let fetch = GuardedFetch::builder().reach(Reach::Public).build()?;
//!
//! let url = Url::parse("https://login.example.com/.well-known/openid-configuration")?;
//! let response = fetch.fetch(Request::get(url).max_response(64 * 1024)).await?;
//! assert_eq!(response.status, 200);
//!
//! let inside = Request::get(Url::parse("https://169.254.169.254/latest/meta-data")?);
//! assert_eq!(fetch.fetch(inside).await.err(), Some(FetchError::Address));
//! # Ok(())
//! # }
//! ```

mod guarded;
mod issuer_url;
mod port;
mod reach;

pub use guarded::{BuildError, GuardedFetch, GuardedFetchBuilder, MAX_TIMEOUT};
pub use issuer_url::IssuerUrl;
pub use port::{Fetch, FetchError, FetchFuture, MAX_RESPONSE, Method, Request, Response};
pub use reach::Reach;

pub use http::{HeaderMap, HeaderName, HeaderValue, header};
pub use url::Url;
