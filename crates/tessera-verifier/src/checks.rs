//! What a token must say, in order (RFC 9068 section 4). Pure: time is an argument.

use std::time::Duration;

use tessera_jose::Algorithm;
use tessera_oauth::payload::{AccessTokenPayload, Times};
use tessera_oauth::scope::ScopeSet;

use crate::claims::has_word;
use crate::error::VerifyError;

/// What the operator of the API has decided.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether `typ: JWT` may be an access token.
    pub(crate) accept_typ_jwt: bool,
    pub(crate) required_scopes: ScopeSet,
    /// How far the clocks of issuer and verifier may be apart, in seconds (policy P6).
    pub(crate) leeway: i64,
    /// Longest time between `iat` and `exp`, in seconds.
    pub(crate) max_lifetime: i64,
}

impl Policy {
    /// Everything that one token always answers the same way.
    pub(crate) fn check_fixed(&self, claims: &AccessTokenPayload<'_>) -> Result<(), VerifyError> {
        if *claims.iss != *self.issuer {
            return Err(VerifyError::WrongIssuer);
        }
        if !claims.aud.contains(&self.audience) {
            return Err(VerifyError::WrongAudience);
        }
        Ok(claims.times.check_lifetime(self.max_lifetime)?)
    }

    /// Everything that changes with time; checked again whenever a known token comes back.
    pub(crate) fn check_time(&self, times: Times, now: i64) -> Result<(), VerifyError> {
        Ok(times.check(now, self.leeway)?)
    }

    /// Last of all, so that only the holder of a good token learns which scope it lacks.
    pub(crate) fn check_scope(&self, claims: &AccessTokenPayload<'_>) -> Result<(), VerifyError> {
        if self.required_scopes.iter().all(|scope| has_word(&claims.scope, scope.as_str())) {
            Ok(())
        } else {
            Err(VerifyError::InsufficientScope(self.required_scopes.clone()))
        }
    }
}

/// Whole seconds of a span.
pub(crate) fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
