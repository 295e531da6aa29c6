//! Revocation requests (RFC 7009).

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;

/// What a client asks to have revoked. `Debug` hides the token.
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationRequest {
    /// The token; may be anything.
    pub token: Zeroizing<String>,
    /// Where to look first. Only a hint: a wrong one must not matter, an unknown one is dropped (RFC 7009 section 2.1).
    pub token_type_hint: Option<TokenTypeHint>,
}

/// `token_type_hint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
}

impl RevocationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request` without a token.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let token = params.get("token").map(|token| Zeroizing::new(token.to_owned()));
        let token_type_hint = match params.get("token_type_hint") {
            Some("access_token") => Some(TokenTypeHint::AccessToken),
            Some("refresh_token") => Some(TokenTypeHint::RefreshToken),
            _ => None,
        };
        match token {
            Some(token) => Ok(Self { token, token_type_hint }),
            None => Err(OAuthError::new(ErrorCode::InvalidRequest).because("token is missing")),
        }
    }
}

impl fmt::Debug for RevocationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRequest")
            .field("token_type_hint", &self.token_type_hint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_only_a_hint() {
        let hint = |form: &str| {
            RevocationRequest::parse(&Params::parse(form.as_bytes()).unwrap())
                .map(|request| request.token_type_hint)
        };
        assert_eq!(hint("token=t&token_type_hint=refresh_token"), Ok(Some(TokenTypeHint::RefreshToken)));
        assert_eq!(hint("token=t&token_type_hint=access_token"), Ok(Some(TokenTypeHint::AccessToken)));
        assert_eq!(hint("token=t&token_type_hint=saml"), Ok(None));
        assert_eq!(hint("token=t"), Ok(None));
        assert_eq!(
            hint("token=&token_type_hint=access_token").unwrap_err().code(),
            ErrorCode::InvalidRequest
        );
    }

    #[test]
    fn debug_hides_the_token() {
        let request = RevocationRequest::parse(&Params::parse(b"token=tsr_rt_secret").unwrap()).unwrap();
        assert!(!format!("{request:?}").contains("tsr_rt"));
    }
}
