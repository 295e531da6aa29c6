//! The one reader of the claims of a token that somebody presents: access tokens (RFC 9068 section 2.2) and ID tokens (OIDC core
//! section 2). The verifier, `/userinfo`, `/revoke` and `id_token_hint` all use it.
//!
//! It reads in one pass and with the JSON rules of [`tessera_jose::json`]. Every required claim must be there, and every known
//! claim must have its type. It may run before the signature is checked, because the 8 KiB of a token bound its work. Strings are
//! borrowed from the payload. The caller decides which issuer and audience are right, and what the token allows.

mod access_token;
mod audiences;
mod error;
mod id_token;
mod known_rules;
mod registered;
mod times;

pub use self::access_token::AccessTokenPayload;
pub use self::audiences::Audiences;
pub use self::error::PayloadError;
pub use self::id_token::IdTokenPayload;
pub use self::known_rules::KnownRules;
pub use self::times::Times;

#[cfg(test)]
mod tests;
