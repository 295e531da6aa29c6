//! The messages of OAuth 2.1 and OpenID Connect. Pure: no I/O, no clock, no decisions.
//!
//! Each module reads or writes one kind of message. Readers expect input from attackers: they refuse everything outside the
//! grammar, never panic, and do work linear in their input. Other crates decide what a request is *allowed* to do. Nothing here
//! knows a client, a person or a key.
//!
//! ```
//! use tessera_oauth::params::Params;
//! use tessera_oauth::token::TokenRequest;
//!
//! let form = Params::parse(b"grant_type=client_credentials&scope=orders.read")?;
//! let TokenRequest::ClientCredentials { scope, .. } = TokenRequest::parse(&form)? else { unreachable!() };
//! assert!(scope.is_some_and(|scope| scope.contains("orders.read")));
//! # Ok::<(), tessera_oauth::error::OAuthError>(())
//! ```

pub mod authorize;
pub mod bearer;
pub mod claims;
pub mod client_auth;
pub mod endpoint;
pub mod error;
pub mod logout;
pub mod metadata;
pub mod params;
pub mod payload;
pub mod pkce;
pub mod redirect;
pub mod resource;
pub mod response;
pub mod revocation;
pub mod scope;
pub mod token;

pub use authorize::{AuthorizationRequest, ClientPart, Prompt, ResponseMode};
pub use client_auth::{ClientAuthError, ClientCredentials};
pub use error::{ErrorCode, OAuthError};
pub use params::{Params, ParamsError};
