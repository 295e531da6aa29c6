//! OAuth 2.1 and OpenID Connect wire vocabulary. Pure: no I/O, no clock, no decisions.

pub mod redirect;
pub mod scope;
pub mod token;
