//! OAuth 2.1 and OpenID Connect: from the authorization request to the end of a grant.
//!
//! `issue` is the one gate that every token has to pass (invariant I2). Tables: `grants`, `consents`, `revocations`.
//! HTTP: `authorize`, `consent`, `token`, `revocation`, `userinfo`, `jwks`, `metadata`, `feed`. Tests: `crates/tessera-http/tests`.

mod access_token;
mod approve;
pub mod authorize;
pub mod client_auth;
pub mod consent;
pub mod cross_site_post;
pub mod feed;
mod flow;
mod foreign_token;
mod id_token_hint;
pub mod identify;
mod issue;
pub mod logout;
pub mod metadata;
mod person;
mod recent_rules;
pub mod revocation;
mod target;
pub mod token;
pub mod userinfo;

pub(crate) use client_auth::ClientAuthFailures;
pub(crate) use recent_rules::RecentRules;
