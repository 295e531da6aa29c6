//! The claims of a verified access token (RFC 9068 section 2.2).

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::Value;
use tessera_jose::json;
use tessera_oauth::claims::Audience;
use tessera_oauth::scope::ScopeSet;

use crate::error::VerifyError;
use crate::revocation::Digests;

/// The claims of a token that passed every check. Cheap to clone; there is no other way to get one than
/// [`Verifier::verify`](crate::Verifier::verify).
#[derive(Clone)]
pub struct Claims(Arc<Inner>);

struct Inner {
    known: Known,
    json: Box<str>,
    digests: OnceLock<Box<Digests>>,
}

/// The claims that the checks look at, all of them present.
pub(crate) struct Known {
    pub(crate) iss: Box<str>,
    pub(crate) sub: Box<str>,
    pub(crate) aud: Audience,
    pub(crate) client_id: Box<str>,
    pub(crate) jti: Box<str>,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) nbf: Option<i64>,
    pub(crate) scope: ScopeSet,
    pub(crate) sid: Option<Box<str>>,
}

/// Longest `sub`, `client_id`, `jti` and `sid`, in bytes (OIDC core section 2 allows 255).
const MAX_ID_LEN: usize = 255;

impl Known {
    /// Reads a payload: one object without duplicate names; the claims of RFC 9068 present, of the right type, not empty.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, VerifyError> {
        #[derive(Deserialize)]
        struct Payload {
            iss: Option<Box<str>>,
            sub: Option<Box<str>>,
            aud: Option<Audience>,
            client_id: Option<Box<str>>,
            jti: Option<Box<str>>,
            iat: Option<i64>,
            exp: Option<i64>,
            nbf: Option<i64>,
            #[serde(default)]
            scope: ScopeSet,
            sid: Option<Box<str>>,
        }
        let payload: Payload = json::strict(payload).map_err(|_| VerifyError::Malformed)?;
        let missing = VerifyError::MissingClaim;
        if payload.sid.as_ref().is_some_and(|sid| sid.is_empty() || sid.len() > MAX_ID_LEN) {
            return Err(VerifyError::Malformed);
        }
        Ok(Self {
            iss: payload.iss.ok_or(missing("iss"))?,
            sub: id(payload.sub, "sub")?,
            aud: payload.aud.ok_or(missing("aud"))?,
            client_id: id(payload.client_id, "client_id")?,
            jti: id(payload.jti, "jti")?,
            iat: payload.iat.ok_or(missing("iat"))?,
            exp: payload.exp.ok_or(missing("exp"))?,
            nbf: payload.nbf,
            scope: payload.scope,
            sid: payload.sid,
        })
    }
}

fn id(value: Option<Box<str>>, name: &'static str) -> Result<Box<str>, VerifyError> {
    match value {
        Some(id) if id.len() > MAX_ID_LEN => Err(VerifyError::Malformed),
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(VerifyError::MissingClaim(name)),
    }
}

impl Claims {
    /// For the verifier alone: `payload` is the JSON that `known` was read from and that a key vouched for.
    pub(crate) fn new(known: Known, payload: &[u8]) -> Result<Self, VerifyError> {
        let json = std::str::from_utf8(payload).map_err(|_| VerifyError::Malformed)?.into();
        Ok(Self(Arc::new(Inner { known, json, digests: OnceLock::new() })))
    }

    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }

    /// The hashes that revocation rules name, computed when the first rule asks.
    pub(crate) fn digests(&self) -> &Digests {
        self.0.digests.get_or_init(|| Box::new(Digests::of(&self.0.known)))
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        &self.0.known.iss
    }

    /// `sub`: the person, or the client itself where no person is involved. Unique within the issuer.
    pub fn subject(&self) -> &str {
        &self.0.known.sub
    }

    /// `aud`; contains the verifier's audience.
    pub fn audience(&self) -> &Audience {
        &self.0.known.aud
    }

    /// `client_id`: to whom the token was issued.
    pub fn client_id(&self) -> &str {
        &self.0.known.client_id
    }

    /// `jti`: names the token.
    pub fn jti(&self) -> &str {
        &self.0.known.jti
    }

    /// `iat`, in seconds since 1970.
    pub fn issued_at(&self) -> i64 {
        self.0.known.iat
    }

    /// `exp`, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        self.0.known.exp
    }

    /// `scope`; empty if the token has none.
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.known.scope
    }

    /// Whether the token has this scope, compared byte for byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.0.known.scope.contains(scope)
    }

    /// The claims, if the token has every one of these scopes.
    ///
    /// # Errors
    /// [`VerifyError::InsufficientScope`] with all of `scopes`: 403.
    pub fn require_scopes(&self, scopes: &ScopeSet) -> Result<&Self, VerifyError> {
        if scopes.is_subset(&self.0.known.scope) {
            Ok(self)
        } else {
            Err(VerifyError::InsufficientScope(scopes.clone()))
        }
    }

    /// `sid`: the login session the token came from.
    pub fn session(&self) -> Option<&str> {
        self.0.known.sid.as_deref()
    }

    /// The payload as signed: one JSON object.
    pub fn raw_json(&self) -> &str {
        &self.0.json
    }

    /// Any claim by name, for example `acr`, `auth_time` or one of your own. Parses the payload again.
    pub fn claim(&self, name: &str) -> Option<Value> {
        json::object(self.0.json.as_bytes()).ok()?.remove(name)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("sub", &self.subject())
            .field("client_id", &self.client_id())
            .field("jti", &self.jti())
            .finish_non_exhaustive()
    }
}
