//! What an application does to log people in with OpenID Connect (a "relying party"), over the port
//! [`Fetch`](tessera_fetch::Fetch).
//!
//! 1. [`RelyingParty::discover`] asks the issuer where its endpoints are.
//! 2. [`RelyingParty::begin`] makes the URL to which the application sends the browser, and what the application has to remember
//!    until the browser is back ([`PendingLogin`]).
//! 3. [`RelyingParty::finish`] checks the issuer's answer, exchanges the code and checks the ID token.
//! 4. [`RelyingParty::userinfo`] asks who the person is.
//! 5. [`RelyingParty::refresh`], [`RelyingParty::revoke`] and [`RelyingParty::logout_url`] renew and end what the login gave.
//!
//! The authorization request always carries PKCE with S256, `state` and `nonce`. The issuer must name itself in the metadata, in the
//! ID token and, where it says that it does, in its authorization response (RFC 9207).
//!
//! This crate keeps nothing, reads no clock and draws no randomness: the caller gives both. It stores [`PendingLogin`] and
//! [`LoggedIn`] on its server and never in the browser. Types that hold tokens have no `Debug`, so that no token ends up in a log.
//!
//! What it does not do: pages, sessions, client authentication other than `client_secret_basic`, encrypted tokens, `max_age`. The
//! ID token may leave out `auth_time`.
//!
//! # Example
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use tessera_fetch::{GuardedFetch, Reach};
//! use tessera_openid_client::{Algorithm, Params, Registration, RelyingParty};
//!
//! # fn fill_from_the_systems_generator(_: &mut [u8]) {}
//! # fn seconds_since_1970() -> i64 { 0 }
//! # async fn example(query_of_the_redirect_uri: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let registration = Registration {
//!     client_id: "orders".to_owned(),
//!     client_secret: "from the configuration".to_owned(),
//!     redirect_uri: "https://orders.example.com/callback".to_owned(),
//!     scope: "openid profile email".to_owned(),
//!     id_token_alg: Algorithm::Es256,
//! };
//! let fetch = Arc::new(GuardedFetch::builder().reach(Reach::Public).build()?);
//! let relying_party = RelyingParty::discover(fetch, "https://login.example.com", registration).await?;
//!
//! // Redirect the browser to `request.url`, and keep `request.pending` in its session.
//! let request = relying_party.begin(fill_from_the_systems_generator);
//!
//! // The browser is back at the redirect URI.
//! let answer = Params::parse(query_of_the_redirect_uri)?;
//! let login = relying_party.finish(&request.pending, &answer, seconds_since_1970()).await?;
//! let person = relying_party.userinfo(&login).await?;
//! println!("{} is {:?}", login.subject, person.claims.name);
//! # Ok(())
//! # }
//! ```

mod authorization;
mod discovery;
mod error;
mod http;
mod id_token;
mod registration;
mod relying_party;
mod tokens;
mod userinfo;

pub use authorization::{AuthorizationRequest, PendingLogin};
pub use error::ClientError;
pub use http::ApiResponse;
pub use registration::Registration;
pub use relying_party::RelyingParty;
pub use tokens::{LoggedIn, Tokens};

pub use tessera_jose::Algorithm;
pub use tessera_oauth::claims::UserInfo;
pub use tessera_oauth::params::Params;
