//! ID tokens (OIDC core section 2).

use std::borrow::Cow;

use super::audiences::Audiences;
use super::error::PayloadError;
use super::registered::{RegisteredClaims, id, optional_id, required};
use super::times::Times;

/// The claims of an ID token that its readers check: a relying party, and the issuer that gets it back as a hint.
#[derive(Debug)]
pub struct IdTokenPayload<'a> {
    /// The issuer. The caller compares it.
    pub iss: Cow<'a, str>,
    /// The person. 1 to 255 bytes.
    pub sub: Cow<'a, str>,
    /// The client.
    pub aud: Audiences<'a>,
    /// When the token is valid.
    pub times: Times,
    /// The login session that the token came from. 1 to 255 bytes.
    pub sid: Option<Cow<'a, str>>,
    /// `nonce` of the authorization request.
    pub nonce: Option<Cow<'a, str>>,
    /// The client, where `aud` does not say which.
    pub azp: Option<Cow<'a, str>>,
    /// Hash of the access token that came with it; see [`at_hash`](crate::claims::at_hash).
    pub at_hash: Option<Cow<'a, str>>,
}

impl<'a> IdTokenPayload<'a> {
    /// Reads the claims of an ID token.
    ///
    /// # Errors
    /// `Malformed`, `MissingClaim`, `BindingUnsupported`.
    pub fn parse(json: &'a [u8]) -> Result<Self, PayloadError> {
        let claims = RegisteredClaims::read(json)?;
        let times = claims.times();
        Ok(Self {
            iss: required(claims.iss, "iss")?,
            sub: id(claims.sub, "sub")?,
            aud: required(claims.aud, "aud")?,
            times: times?,
            sid: optional_id(claims.sid, "sid")?,
            nonce: claims.nonce,
            azp: claims.azp,
            at_hash: claims.at_hash,
        })
    }
}
