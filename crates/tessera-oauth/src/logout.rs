//! Logout requests (OpenID Connect RP-Initiated Logout 1.0 section 2).
//!
//! The caller verifies the hint and the address before it redirects.

use crate::authorize::MAX_STATE_LEN;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;

/// What an application asks when a person logs out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndSessionRequest {
    /// An ID token of the session, unverified. It may have expired.
    pub id_token_hint: Option<String>,
    /// Which client asks.
    pub client_id: Option<String>,
    /// Where to send the browser afterwards, if it is registered for the client.
    pub post_logout_redirect_uri: Option<String>,
    /// The redirect repeats it, byte for byte.
    pub state: Option<String>,
}

impl EndSessionRequest {
    /// Reads a request. Every parameter is optional.
    ///
    /// # Errors
    /// `invalid_request` if `state` is longer than [`MAX_STATE_LEN`].
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let owned = |name| params.get(name).map(str::to_owned);
        let state = owned("state");
        if state.as_ref().is_some_and(|state| state.len() > MAX_STATE_LEN) {
            return Err(OAuthError::new(ErrorCode::InvalidRequest).because("state is too long"));
        }
        Ok(Self {
            id_token_hint: owned("id_token_hint"),
            client_id: owned("client_id"),
            post_logout_redirect_uri: owned("post_logout_redirect_uri"),
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_optional_and_state_is_bounded() {
        assert_eq!(EndSessionRequest::parse(&Params::default()), Ok(EndSessionRequest::default()));
        let params =
            Params::parse(b"client_id=web&post_logout_redirect_uri=https://rp/bye&state=a%26b").unwrap();
        let request = EndSessionRequest::parse(&params).unwrap();
        assert_eq!(request.state.as_deref(), Some("a&b"));
        assert_eq!(request.post_logout_redirect_uri.as_deref(), Some("https://rp/bye"));
        let long = format!("state={}", "s".repeat(MAX_STATE_LEN + 1));
        assert!(EndSessionRequest::parse(&Params::parse(long.as_bytes()).unwrap()).is_err());
    }
}
