//! Access tokens (RFC 9068 section 2.2).

use std::borrow::Cow;

use super::audiences::Audiences;
use super::error::PayloadError;
use super::known_rules::KnownRules;
use super::registered::{RegisteredClaims, id, optional_id, required};
use super::times::Times;
use crate::scope::{MAX_SCOPES, Scope};

/// The claims of an access token.
#[derive(Debug)]
pub struct AccessTokenPayload<'a> {
    /// The issuer. The caller compares it.
    pub iss: Cow<'a, str>,
    /// The person, or the client itself where no person is involved. 1 to 255 bytes.
    pub sub: Cow<'a, str>,
    /// The APIs that the token is for.
    pub aud: Audiences<'a>,
    /// The client that the token was issued to. 1 to 255 bytes.
    pub client_id: Cow<'a, str>,
    /// The name of the token. 1 to 255 bytes.
    pub jti: Cow<'a, str>,
    /// When the token is valid.
    pub times: Times,
    /// At most 50 scopes, separated by single spaces. Empty without scope.
    pub scope: Cow<'a, str>,
    /// The login session that the token came from. 1 to 255 bytes.
    pub sid: Option<Cow<'a, str>>,
    /// The revocation rules that do not mean this token.
    pub known_rules: KnownRules,
}

impl<'a> AccessTokenPayload<'a> {
    /// Reads the claims of an access token.
    ///
    /// ```
    /// use tessera_oauth::payload::AccessTokenPayload;
    ///
    /// let json = br#"{"iss":"https://as","sub":"ana","aud":"https://api","client_id":"web","jti":"1","iat":1,"exp":601}"#;
    /// let payload = AccessTokenPayload::parse(json)?;
    /// assert!(payload.aud.contains("https://api"));
    /// payload.times.check(600, 10)?;
    /// # Ok::<(), tessera_oauth::payload::PayloadError>(())
    /// ```
    ///
    /// # Errors
    /// `Malformed`, `MissingClaim`, `BindingUnsupported`.
    pub fn parse(json: &'a [u8]) -> Result<Self, PayloadError> {
        let claims = RegisteredClaims::read(json)?;
        let times = claims.times();
        let scope = claims.scope.unwrap_or_default();
        let sid = optional_id(claims.sid, "sid")?;
        if !is_scope_list(&scope) {
            return Err(PayloadError::Malformed);
        }
        Ok(Self {
            iss: required(claims.iss, "iss")?,
            sub: id(claims.sub, "sub")?,
            aud: required(claims.aud, "aud")?,
            client_id: id(claims.client_id, "client_id")?,
            jti: id(claims.jti, "jti")?,
            times: times?,
            scope,
            sid,
            known_rules: claims.known_rules,
        })
    }
}

/// At most [`MAX_SCOPES`] valid scopes, separated by single spaces, or nothing.
fn is_scope_list(text: &str) -> bool {
    text.is_empty()
        || text
            .split(' ')
            .take(MAX_SCOPES + 1)
            .enumerate()
            .all(|(n, word)| n < MAX_SCOPES && Scope::is_valid(word))
}
