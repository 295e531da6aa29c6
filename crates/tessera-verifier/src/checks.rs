//! The checks of a token's claims (RFC 9068 section 4). Pure: time is an argument.

use std::time::Duration;

use tessera_jose::Algorithm;
use tessera_oauth::payload::{AccessTokenPayload, Times};
use tessera_oauth::scope::ScopeSet;

use crate::claims::has_word;
use crate::error::VerifyError;

/// What the API requires of a token.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether access tokens may have `typ: JWT`.
    pub(crate) accept_typ_jwt: bool,
    pub(crate) required_scopes: ScopeSet,
    /// How many seconds the clocks of issuer and verifier may differ (policy P6).
    pub(crate) leeway: i64,
    /// Longest time between `iat` and `exp`, in seconds.
    pub(crate) max_lifetime: i64,
}

impl Policy {
    /// Checks what never changes for one token.
    pub(crate) fn check_claims(&self, claims: &AccessTokenPayload<'_>) -> Result<(), VerifyError> {
        if *claims.iss != *self.issuer {
            return Err(VerifyError::WrongIssuer);
        }
        if !claims.aud.contains(&self.audience) {
            return Err(VerifyError::WrongAudience);
        }
        Ok(claims.times.check_lifetime(self.max_lifetime)?)
    }

    /// Checks what depends on the time. A cached token is checked again.
    pub(crate) fn check_time(&self, times: Times, now: i64) -> Result<(), VerifyError> {
        Ok(times.check(now, self.leeway)?)
    }

    /// Comes last, so that only the holder of a valid token learns which scope it lacks.
    pub(crate) fn check_scope(&self, claims: &AccessTokenPayload<'_>) -> Result<(), VerifyError> {
        if self.required_scopes.iter().all(|scope| has_word(&claims.scope, scope.as_str())) {
            Ok(())
        } else {
            Err(VerifyError::InsufficientScope(self.required_scopes.clone()))
        }
    }
}

/// The whole seconds of a duration.
pub(crate) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
