//! Revocation requests (RFC 7009).

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;

/// The token that a client wants to be revoked. `Debug` hides it. `token_type_hint` is not read: the token itself shows what it is,
/// and a wrong hint must not matter (RFC 7009 section 2.1).
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationRequest {
    /// The token. It may be any text.
    pub token: Zeroizing<String>,
}

impl RevocationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request` without a token.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        match params.get("token") {
            Some(token) => Ok(Self { token: Zeroizing::new(token.to_owned()) }),
            None => Err(OAuthError::new(ErrorCode::InvalidRequest).because("token is missing")),
        }
    }
}

impl fmt::Debug for RevocationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRequest").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_matters() {
        let parse = |form: &str| RevocationRequest::parse(&Params::parse(form.as_bytes()).unwrap());
        let plain = parse("token=t").unwrap();
        for hint in ["refresh_token", "access_token", "saml"] {
            assert_eq!(parse(&format!("token=t&token_type_hint={hint}")).as_ref(), Ok(&plain), "{hint}");
        }
        let missing = parse("token=&token_type_hint=access_token").unwrap_err();
        assert_eq!(missing.code(), ErrorCode::InvalidRequest);
    }

    #[test]
    fn debug_hides_the_token() {
        let request = RevocationRequest::parse(&Params::parse(b"token=tsr_rt_secret").unwrap()).unwrap();
        assert!(!format!("{request:?}").contains("tsr_rt"));
    }
}
