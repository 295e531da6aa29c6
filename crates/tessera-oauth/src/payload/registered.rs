//! The claims that Tessera knows, read in one pass.

use std::borrow::Cow;

use tessera_jose::json::{self, JsonError};

use super::audiences::Audiences;
use super::error::PayloadError;
use super::known_rules::KnownRules;
use super::times::Times;
use crate::claims::{KNOWN_CLIENT_RULE, KNOWN_SUBJECT_RULE};

/// Longest `sub`, `client_id`, `jti` and `sid`, in bytes (OIDC core section 2 allows 255).
const MAX_ID_LEN: usize = 255;

/// What a token says, before anything is required of it.
#[derive(Default)]
pub(super) struct RegisteredClaims<'a> {
    pub(super) iss: Option<Cow<'a, str>>,
    pub(super) sub: Option<Cow<'a, str>>,
    pub(super) aud: Option<Audiences<'a>>,
    pub(super) client_id: Option<Cow<'a, str>>,
    pub(super) jti: Option<Cow<'a, str>>,
    pub(super) scope: Option<Cow<'a, str>>,
    pub(super) sid: Option<Cow<'a, str>>,
    pub(super) nonce: Option<Cow<'a, str>>,
    pub(super) azp: Option<Cow<'a, str>>,
    pub(super) at_hash: Option<Cow<'a, str>>,
    pub(super) known_rules: KnownRules,
    iat: Option<i64>,
    exp: Option<i64>,
    nbf: Option<i64>,
    has_cnf: bool,
}

impl<'a> RegisteredClaims<'a> {
    pub(super) fn read(json: &'a [u8]) -> Result<Self, PayloadError> {
        let claims = Self::members(json).map_err(|_| PayloadError::Malformed)?;
        if claims.has_cnf { Err(PayloadError::BindingUnsupported) } else { Ok(claims) }
    }

    fn members(json: &'a [u8]) -> Result<Self, JsonError> {
        let mut claims = Self::default();
        json::read_object(json, |value, name| {
            match name {
                "iss" => claims.iss = Some(value.string()?),
                "sub" => claims.sub = Some(value.string()?),
                "aud" => claims.aud = Some(Audiences::read(value)?),
                "client_id" => claims.client_id = Some(value.string()?),
                "jti" => claims.jti = Some(value.string()?),
                "iat" => claims.iat = Some(value.integer()?),
                "exp" => claims.exp = Some(value.integer()?),
                "nbf" => claims.nbf = Some(value.integer()?),
                "scope" => claims.scope = Some(value.string()?),
                "sid" => claims.sid = Some(value.string()?),
                "nonce" => claims.nonce = Some(value.string()?),
                "azp" => claims.azp = Some(value.string()?),
                "at_hash" => claims.at_hash = Some(value.string()?),
                KNOWN_SUBJECT_RULE => claims.known_rules.subject = Some(value.integer()?),
                KNOWN_CLIENT_RULE => claims.known_rules.client = Some(value.integer()?),
                // Nobody needs their values, but they must have their types.
                "auth_time" => drop(value.integer()?),
                "acr" => drop(value.string()?),
                "amr" => value.array(|method| method.string().map(drop))?,
                // A binding that we do not understand must not be ignored (RFC 7800 section 3.1).
                "cnf" => {
                    claims.has_cnf = true;
                    value.skip()?;
                }
                _ => value.skip()?,
            }
            Ok(())
        })?;
        Ok(claims)
    }

    pub(super) fn times(&self) -> Result<Times, PayloadError> {
        Ok(Times { iat: required(self.iat, "iat")?, exp: required(self.exp, "exp")?, nbf: self.nbf })
    }
}

/// The value of a claim that must be there.
pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, PayloadError> {
    value.ok_or(PayloadError::MissingClaim(name))
}

/// A required identifier of 1 to 255 bytes.
pub(super) fn id<'a>(value: Option<Cow<'a, str>>, name: &'static str) -> Result<Cow<'a, str>, PayloadError> {
    match value {
        Some(id) if id.len() > MAX_ID_LEN => Err(PayloadError::Malformed),
        Some(id) if !id.is_empty() => Ok(id),
        Some(_) | None => Err(PayloadError::MissingClaim(name)),
    }
}

/// An identifier that may be absent.
pub(super) fn optional_id<'a>(
    value: Option<Cow<'a, str>>,
    name: &'static str,
) -> Result<Option<Cow<'a, str>>, PayloadError> {
    value.map(|value| id(Some(value), name)).transpose()
}
